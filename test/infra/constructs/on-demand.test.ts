import { describe, expect, test } from 'vitest'
import { alarmsOf } from '#infra/alarms/alarms.ts'
import { checkFreshness } from '#infra/checks/freshness.ts'
import { checkQuota, demandOn } from '#infra/checks/quota.ts'
import { checkSchedules } from '#infra/checks/schedules.ts'
import { estimateCost } from '#infra/estimates/cost.ts'
import { planReport } from '#infra/plan/report.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { onDemand } from '#shared/declare/schedule.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { nameInStage, synthesize, testStage } from '#test/support/infra/synthesis.ts'
import { jobModule, tinyJob } from '#test/support/jobs/test-jobs.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const freshness = { freshFor: '2 minutes', serveStaleFor: '1 hour', keepFor: '1 day' } as const
const tiny = tinyJob({ schedule: onDemand(), freshness, priority: 'P0' })
const job = resolveJob(tiny, {})
const modules = new Map([
  ['tiny', jobModule({ calls: new Map([['coingecko', { retried: 1, once: 0 }]]), requests: 1 })],
])
const system = resolveSystem({ jobs: [tiny], upstreams }, {})

describe('a job that runs on demand', () => {
  const { ofType, functions } = synthesize({ jobs: [tiny] })
  const ofJob = (type: string) => ofType(type).filter(({ id }) => id.startsWith('Job'))

  test('has a function that the bus leads to, and no schedule', () => {
    expect(functions('job-tiny')).toHaveLength(1)
    expect(ofJob('AWS::Scheduler::Schedule')).toEqual([])
    expect(ofType('AWS::Events::Rule')).toHaveLength(1)
  })

  test('drops an invocation whose reader has timed out, and repeats none', () => {
    const [handling] = ofJob('AWS::Lambda::EventInvokeConfig')

    expect(handling?.properties).toMatchObject({ MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 0 })
  })

  test('has the alarm of failures in a row, and none of overdue data', () => {
    const kinds = alarmsOf('test', [job]).flatMap(({ kind, name }) => (name.includes('-tiny-') ? [kind] : []))
    const deployed = ofType('AWS::CloudWatch::Alarm').map(({ properties }) => nameInStage(properties))

    expect(kinds).toEqual(['failing'])
    expect(deployed.filter((name) => name.includes('-tiny-'))).toEqual(['test-tiny-failing'])
  })

  test('costs the series of that alarm, and a run for each time in which readers may have one', () => {
    const quiet = { ...job, freshness: { ...job.freshness, freshForMs: 86_400_000 } }

    const [often, seldom] = [[job], [quiet]].map((jobs) =>
      estimateCost('test', jobs, modules).perJob.get('tiny'),
    )

    expect(often).toBeGreaterThan(seldom ?? Number.POSITIVE_INFINITY)
    expect(seldom).toBeLessThan(0.5)
  })

  test('may ask as often as its data are no longer fresh', () => {
    const [upstream] = [...system.upstreams.values()].filter(({ name }) => name === 'coingecko')
    if (!upstream) throw new Error('expected the upstream coingecko')

    expect(demandOn(upstream, system.jobs, modules)).toMatchObject({ perDay: 720, plannedPerDay: 720 })
  })

  test('has no interval that a breaker could be slower than', () => {
    expect(checkQuota(system, modules)).toEqual([])
  })

  test('promises nothing of an interval, and has no schedule that could be wrong', () => {
    expect(checkFreshness([job])).toEqual([])
    expect(checkSchedules([job], NOW)).toEqual([])
  })

  test('is shown as such, without next runs', () => {
    const text = planReport({
      system,
      config: testStage({ settings: {} }),
      modules,
      findings: [],
      now: NOW,
      localZone: 'Europe/Berlin',
    })

    expect(text).toMatch(/^tiny +on demand +720 to 720 +\d\.\d\d$/m)
    expect(text).not.toContain('next of tiny')
  })

  test.each([
    [{ spread: '2 minutes' }, 'spread: expected only with a schedule, got it with onDemand()'],
    [{ overdueAfter: '2 minutes' }, 'overdueAfter: expected only with a schedule, got it with onDemand()'],
    [
      { overridable: ['interval'] },
      "overridable: expected only with a schedule, got 'interval' with onDemand()",
    ],
  ] as const)('cannot say %o', (stray, message) => {
    expect(() => tinyJob({ schedule: onDemand(), freshness, ...stray })).toThrow(`job "tiny".${message}`)
  })
})
