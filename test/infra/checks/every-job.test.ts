import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { deployedJobs, undeployedJobs } from '#infra/checks/deployed-jobs.ts'
import { checkSystem } from '#infra/checks/system.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import { stageConfig } from '#infra/stages/config.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { CHECK_INS_ON } from '#test/fakes/jobs/check-ins.ts'

const NOW = Date.UTC(2026, 10, 20)
const folder = (id: string, file: string) => join(resolve('functions/jobs'), id, file)

/* What holds for every job of the registry. */
describe.each(jobs)('the job $id', (declaration) => {
  const job = resolveJob(declaration, {})

  it('has a folder of its name with its four files', () => {
    const files = ['job.ts', 'refresh.ts', 'schema.ts', 'handler.ts']

    expect(files.filter((file) => !existsSync(folder(job.id, file)))).toEqual([])
  })

  it('ticks in the coming week, or is refreshed by reads', () => {
    const clock = clockOf(job.schedule)
    const ticks = clock && occurrences(clock, { after: NOW, until: NOW + 7 * 86_400_000, limit: 1 })

    expect(ticks ?? job.reads.filter(({ cold }) => cold === 'wait')).not.toEqual([])
  })

  it('names providers that are declared, is derived from inputs, or retains what others store', () => {
    const declared = upstreams.map(({ name }) => name)

    expect(job.upstreams.filter((name) => !declared.includes(name))).toEqual([])
    expect([
      ...job.upstreams,
      ...job.inputs,
      ...(job.retains === undefined ? [] : [job.retains]),
    ]).not.toEqual([])
  })
})

describe('all jobs of the registry', () => {
  it.each([
    ['the settings of every stage', {}],
    ['FRED', { FRED_TERMS_ACCEPTED: 'true', FRED_KEY_PARAMETER: '/keys/fred' }],
    ['the check-in provider', CHECK_INS_ON],
  ])('pass every check that precedes a deployment, with %s', async (_, settings) => {
    for (const stage of ['dev', 'prod']) {
      const config = stageConfig(stage, { alarmEmail: 'alarms@example.com' })
      const system = resolveSystem({ jobs, upstreams }, { ...config.settings, ...settings })

      // a new job is listed when it is deployed to production
      const deployed = [...deployedJobs, ...undeployedJobs(jobs, deployedJobs).map((id) => ({ id }))]

      const findings = checkSystem(system, config, await loadJobModules(system.jobs, NOW), NOW, deployed)

      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
    }
  })
})
