import { parseArgs } from 'node:util'
import { checkSystem } from '#infra/checks/system.ts'
import { loadDeclarations, reportUserErrors } from '#infra/command/report-user-errors.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import { type StageContext, StageError, stageConfig } from '#infra/stages/config.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { planReport } from './report.ts'

const USAGE = `npm run plan [-- --stage=<stage> -c alarmEmail=<address> | --help]

Prints what a deployment would do and cost: next runs, calls against limits, dollars a month, findings.
The stage is dev by default; -c as for npm run synth. Exits with 1 when a finding is an error.`

await reportUserErrors(async () => {
  const { stage, context, help } = parseArgs({
    options: {
      stage: { type: 'string', default: 'dev' },
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values
  if (help) {
    console.log(USAGE)
    return
  }
  const config = stageConfig(stage, stageContext(context))
  const system = resolveSystem(await loadDeclarations(), config.settings)
  const now = Date.now()
  const modules = await loadJobModules(system.jobs, now)
  const findings = checkSystem(system, config, modules, now)
  const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  console.log(planReport({ system, config, modules, findings, now, localZone }))
  if (findings.some(({ severity }) => severity === 'error')) process.exitCode = 1
})

/** @throws {StageError} for another name than `alarmEmail`, or text without `=` */
function stageContext(values: readonly string[]): StageContext {
  const entries = values.map((value) => {
    const [, name, text] = /^([^=]+)=(.*)$/.exec(value) ?? []
    if (name !== 'alarmEmail')
      throw new StageError(`-c: expected alarmEmail=<address>, got ${JSON.stringify(value)}`)
    return [name, text] as const
  })
  return Object.fromEntries(entries)
}
