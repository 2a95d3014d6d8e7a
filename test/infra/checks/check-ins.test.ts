import { describe, expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { checkFreshness } from '#infra/checks/freshness.ts'
import { checkLimits } from '#infra/checks/limits.ts'
import { checkQuota } from '#infra/checks/quota.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { CHECK_INS_ON, declaredCheckIns } from '#test/fakes/jobs/check-ins.ts'
import { synthesize, testStage } from '#test/support/infra/synthesis.ts'

const NOW = Date.UTC(2026, 10, 20)

async function errorsOf(settings: Readonly<Record<string, string>>) {
  const system = resolveSystem({ jobs: declaredCheckIns, upstreams }, { ...CHECK_INS_ON, ...settings })
  const findings = [
    ...checkQuota(system, await loadJobModules(system.jobs, NOW)),
    ...checkFreshness(system.jobs),
    ...checkLimits(system),
  ]
  return findings.filter(({ severity }) => severity === 'error').map(({ message }) => message)
}

describe('the plan of the check-in jobs', () => {
  test('is accepted with the default intervals and five projects', async () => {
    expect(await errorsOf({})).toEqual([])
  })

  test('is refused with 50 projects: their calls an hour, and 80 % of those that the pace allows (row 17)', async () => {
    // 50 projects: topics 12, statistics of the day 4, leaderboards 2, statistics 2, detail 1; and three lists
    expect(50 * (12 + 4 + 2 + 2 + 1) + 3).toBe(1_053)

    expect(await errorsOf({ CHECKINS_MAX_PROJECTS: '50' })).toEqual([
      'expected at most 576 calls an hour without retries, 80 % of 12 a minute, got 1053; lengthen an interval, lower the attempts, or move one job away from another',
    ])
  })

  test('is accepted with 50 projects at three times the intervals', async () => {
    const longer = {
      CHECKINS_MAX_PROJECTS: '50',
      CHECKINS_INTERVAL_TOPICS: '900',
      CHECKINS_INTERVAL_DAILY_STATS: '3600',
      CHECKINS_INTERVAL_LEADERBOARD: '3600',
      CHECKINS_INTERVAL_PROJECT_STATS: '3600',
    }

    expect(await errorsOf(longer)).toEqual([])
  })
})

describe('the template of the check-in jobs', () => {
  const jobs = [globalMarket, ...declaredCheckIns]
  const namesIn = (settings: Readonly<Record<string, string>>) => {
    const { resources } = synthesize({ jobs, config: testStage({ settings }) })
    const ofCheckIns = resources.filter(({ id }) => /checkin/i.test(id.replaceAll('-', '')))
    const count = (type: string) => ofCheckIns.filter(({ Type }) => Type === type).length
    return {
      schedules: count('AWS::Scheduler::Schedule'),
      rules: count('AWS::Events::Rule'),
      functions: count('AWS::Lambda::Function'),
    }
  }

  test('has no schedule and no rule by default (row 19)', () => {
    expect(namesIn({})).toMatchObject({ schedules: 0, rules: 0 })
  })

  test('has a schedule of each where the provider is configured', () => {
    expect(namesIn(CHECK_INS_ON)).toMatchObject({ schedules: 5, functions: 5 })
  })
})
