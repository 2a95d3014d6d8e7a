import { expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { planReport } from '#infra/plan/report.ts'
import { daily } from '#shared/declare/schedule.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { testStage } from '#test/support/infra/synthesis.ts'
import { jobModule, tinyJob } from '#test/support/jobs/test-jobs.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const modules = new Map(
  ['global-market', 'tiny'].map((id) => [
    id,
    jobModule({ calls: new Map([['coingecko', { retried: 1, once: 0 }]]), requests: 1 }),
  ]),
)
const tiny = tinyJob({ schedule: daily('09:00', 'America/New_York') })

function planned(settings: Record<string, string> = {}) {
  const config = testStage({ settings })
  const system = resolveSystem({ jobs: [globalMarket, tiny], upstreams }, settings)
  return planReport({ system, config, modules, findings: [], now: NOW, localZone: 'Europe/Berlin' })
}

test('a plan shows each job with its schedule, its calls and its price', () => {
  const lines = planned().split('\n')

  expect(lines).toContainEqual(
    expect.stringMatching(/^global-market +cron\(3\/10 \* \* \* \? \*\) +UTC +144 to 432 +0\.\d\d$/),
  )
  expect(lines).toContainEqual(
    expect.stringMatching(/^tiny +cron\(0 9 \* \* \? \*\) +America\/New_York +1 to 1 +0\.\d\d$/),
  )
})

test('a plan shows the next five runs, in the zone of the schedule and in that of the reader', () => {
  const text = planned()

  const [, after] = text.split('next of tiny (America/New_York)  here (Europe/Berlin)')
  expect(after?.split('\n').slice(2, 7)).toEqual([
    expect.stringMatching(/^2026-11-20 09:00:00 +2026-11-20 15:00:00$/),
    expect.stringMatching(/^2026-11-21 09:00:00 +2026-11-21 15:00:00$/),
    expect.stringMatching(/^2026-11-22 09:00:00 +2026-11-22 15:00:00$/),
    expect.stringMatching(/^2026-11-23 09:00:00 +2026-11-23 15:00:00$/),
    expect.stringMatching(/^2026-11-24 09:00:00 +2026-11-24 15:00:00$/),
  ])
})

test('a plan shows the worst-case calls of each upstream against what it allows, and the money against the budget', () => {
  const text = planned()

  expect(text).toMatch(/coingecko +3 of 5 +433 \(no limit known\)/)
  expect(text).toMatch(/dollars a month of 28\.00/)
  expect(text).toContain('No findings.')
})

test('a plan shows the ceiling that the throttles allow, with its parts', () => {
  const [, ceiling = ''] = planned().split('Ceiling: ')
  const [, total, reads, fixed] =
    /^at most (\S+) dollars a month .*\nreads at 10\/s (\S+) \+ schedules and fixed (\S+);\n/.exec(ceiling) ??
    []

  expect(reads).toBe('41.76')
  expect(Number(total)).toBeCloseTo(Number(reads) + Number(fixed), 1)
})

test('a plan shows why a job is off, and no runs of it', () => {
  const text = planned({ GLOBAL_STATS_ENABLED: 'false' })

  expect(text).toMatch(/global-market +off: GLOBAL_STATS_ENABLED is false/)
  expect(text).not.toContain('next of global-market')
})

test('a plan ends with its findings', () => {
  const config = testStage()
  const system = resolveSystem({ jobs: [tiny], upstreams }, {})
  const findings = [{ check: 'cost', subject: 'test', message: 'too much', severity: 'error' } as const]

  const text = planReport({ system, config, modules, findings, now: NOW, localZone: 'UTC' })

  expect(text.split('\n').at(-1)).toBe('error cost test: too much')
})
