import { parseArgs } from 'node:util'
import { jobs } from '#functions/jobs/declared.ts'
import { reportUserErrors } from '#infra/checks/report-user-errors.ts'
import { checkSystem } from '#infra/checks/system.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import { stageConfig } from '#infra/stages/config.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { planReport } from './report.ts'

await reportUserErrors(async () => {
  const { values } = parseArgs({ options: { stage: { type: 'string', default: 'dev' } } })
  const config = stageConfig(values.stage)
  const system = resolveSystem({ jobs, upstreams }, config.settings)
  const now = Date.now()
  const modules = await loadJobModules(system.jobs, now)
  const findings = checkSystem(system, config, modules, now)

  const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  console.log(planReport({ system, config, modules, findings, now, localZone }))
  if (findings.some(({ severity }) => severity === 'error')) process.exitCode = 1
})
