import { describe, expect, test } from 'vitest'
import { job as fundamental } from '#functions/jobs/fundamental/job.ts'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { job as technical } from '#functions/jobs/technical/job.ts'
import { checkQuota, demandOn } from '#infra/checks/quota.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import type { JobDeclaration } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveSystem, type System } from '#shared/declare/system.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { jobModule, tinyJob } from '#test/support/jobs/test-jobs.ts'

const DEMO = { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: 'key' }

const systemOf = (jobs: readonly JobDeclaration[], given: SettingTexts = {}) =>
  resolveSystem({ jobs, upstreams }, given)
const oneCall = new Map(
  ['global-market', 'tiny', 'other'].map((id) => [
    id,
    jobModule({ calls: new Map([['coingecko', { retried: 1, once: 0 }]]), requests: 1 }),
  ]),
)

function coingeckoOf({ upstreams }: System, limits: Partial<Upstream['limits']> = {}): Upstream {
  const upstream = upstreams.get('coingecko')
  if (!upstream) throw new Error('expected the upstream coingecko')
  return { ...upstream, limits: { ...upstream.limits, ...limits } }
}

test('the calls of a run are counted from its plan', async () => {
  const { jobs } = systemOf([globalMarket])

  const folders = await loadJobModules(jobs, Date.UTC(2026, 10, 20))

  expect(folders.get('global-market')).toMatchObject({
    calls: new Map([['coingecko', { retried: 1, once: 0 }]]),
    requests: 1,
    schemaPaths: ['/api/v1/currencies/global-market-stats'],
  })
})

describe('a job that refreshes the oldest data first', () => {
  const findings = async (
    count: number,
    jobs: readonly JobDeclaration[] = [technical],
    more: SettingTexts = {},
  ) => {
    const symbols = Array.from({ length: count }, (_, index) => `S${index}`)
    const settings = {
      ALPHA_VANTAGE_KEY_PARAMETER: '/keys/av',
      PORTFOLIO_SYMBOLS: symbols.join(','),
      ...more,
    }
    const system = systemOf(jobs, settings)
    return checkQuota(system, await loadJobModules(system.jobs, Date.UTC(2026, 10, 20)))
  }

  test('fits a daily budget of one call a symbol', async () => {
    expect(await findings(25)).toEqual([])
  })

  test('is warned of the age of its data beyond it, and not refused', async () => {
    expect(await findings(30)).toEqual([
      {
        check: 'quota',
        severity: 'warning',
        subject: 'alpha-vantage',
        message:
          'expected at most 25 calls a day, got 30: the oldest data are refreshed first, all of them once in 2 days',
      },
    ])
  })

  test.each([
    ['bars and fundamentals', {}, 60, 3],
    ['bars, fundamentals and balance sheets', { ALPHA_VANTAGE_BALANCE_SHEET: 'true' }, 90, 4],
  ])('counts %s together', async (_, more, calls, days) => {
    expect(await findings(30, [technical, fundamental], more)).toEqual([
      expect.objectContaining({
        severity: 'warning',
        message: `expected at most 25 calls a day, got ${calls}: the oldest data are refreshed first, all of them once in ${days} days`,
      }),
    ])
  })
})

describe('the demand on an upstream', () => {
  test('counts every retry of every tick, and what is planned without one', () => {
    const system = systemOf([globalMarket])

    const demand = demandOn(coingeckoOf(system), system.jobs, oneCall)

    expect(demand).toEqual({
      perMinute: 3,
      perDay: 432,
      perMonth: 13_392,
      plannedPerDay: 144,
      oldestFirstPerDay: 0,
    })
  })

  test('counts one more call a request where a key may have to be fetched again', () => {
    const system = systemOf([globalMarket], DEMO)

    const demand = demandOn(coingeckoOf(system), system.jobs, oneCall)

    expect(demand.perMinute).toBe(4)
    expect(demand.perDay).toBe(576)
  })

  test('adds up jobs whose runs can meet, and no others', () => {
    const near = systemOf([globalMarket, tinyJob({ schedule: every('1 hour', { offset: '5 minutes' }) })])
    const far = systemOf([globalMarket, tinyJob({ schedule: every('1 hour', { offset: '9 minutes' }) })])

    expect(demandOn(coingeckoOf(near), near.jobs, oneCall).perMinute).toBe(4)
    expect(demandOn(coingeckoOf(far), far.jobs, oneCall).perMinute).toBe(3)
  })

  describe('by a job that follows others', () => {
    const chain = (change: object = {}) =>
      systemOf([
        tinyJob({ id: 'coins', stored: 'snapshot', ...change }),
        tinyJob({ id: 'tiny', stored: 'snapshot', inputs: ['coins'], follows: ['coins'] }),
        tinyJob({ id: 'other', inputs: ['tiny'], follows: ['tiny'] }),
      ])
    const of = (system: System, id: string) => {
      const job = system.jobs.filter((one) => one.id === id)
      return demandOn(coingeckoOf(system), system.jobs, oneCall, job)
    }

    test('counts a run for each of its ticks and of the runs that it follows, down the chain', () => {
      const system = chain()

      expect(of(system, 'tiny').plannedPerDay).toBe(24 + 24)
      expect(of(system, 'other').plannedPerDay).toBe(24 + 24 + 24)
    })

    test('adds to the worst minute what may come late after a run that it follows', () => {
      const far = { schedule: every('1 hour', { offset: '9 minutes' }) }

      expect(of(chain(), 'tiny').perMinute).toBe(2)
      expect(of(chain(far), 'tiny').perMinute).toBe(1)
    })

    test('counts no run for what is off, or only read', () => {
      const onlyRead = systemOf([
        tinyJob({ id: 'coins', stored: 'snapshot' }),
        tinyJob({ id: 'tiny', inputs: ['coins'] }),
      ])

      expect(of(chain({ off: () => 'not wanted' }), 'tiny').plannedPerDay).toBe(24)
      expect(of(onlyRead, 'tiny').plannedPerDay).toBe(24)
    })
  })

  test('leaves out jobs that are off', () => {
    const system = systemOf([globalMarket], { GLOBAL_STATS_ENABLED: 'false' })

    expect(demandOn(coingeckoOf(system), system.jobs, oneCall).perDay).toBe(0)
  })
})

describe('the quota', () => {
  const findings = (given: SettingTexts, limits: Partial<Upstream['limits']> = {}) => {
    const system = systemOf([globalMarket], given)
    return checkQuota(
      { ...system, upstreams: new Map([['coingecko', coingeckoOf(system, limits)]]) },
      oneCall,
    )
  }

  test('of a job with one call, three attempts and ten minutes is within five a minute without a key', () => {
    expect(findings({})).toEqual([])
  })

  test('of a minute refuses what retries could make of it', () => {
    const all = new Map([
      ['global-market', jobModule({ calls: new Map([['coingecko', { retried: 2, once: 0 }]]), requests: 2 })],
    ])

    const [finding] = checkQuota(systemOf([globalMarket]), all)

    expect(finding).toMatchObject({ check: 'quota', subject: 'coingecko', severity: 'error' })
    expect(finding?.message).toContain(
      'expected at most 5 calls in the worst minute, every retry included, got 6',
    )
  })

  test('of a day refuses what retries could make of it', () => {
    const [finding] = findings({}, { perDay: 479 })

    expect(finding?.severity).toBe('error')
    expect(finding?.message).toContain('expected at most 431 calls a day, every retry included, got 432')
  })

  test('of a day keeps a share back for an operator', () => {
    expect(findings({}, { perDay: 479, scheduledShare: 1 })).toEqual([])
  })

  test('of a minute warns of a run that its pace does not let finish', () => {
    const many = new Map([
      [
        'global-market',
        jobModule({ calls: new Map([['coingecko', { retried: 11, once: 0 }]]), requests: 11 }),
      ],
    ])
    const slow = coingeckoOf(systemOf([globalMarket]), { perMinute: 6, burst: 1, concurrency: 1 })

    const overQuota = checkQuota(
      { ...systemOf([globalMarket]), upstreams: new Map([['coingecko', slow]]) },
      many,
    )

    expect(overQuota.find(({ severity }) => severity === 'warning')).toMatchObject({
      subject: 'global-market',
      message: expect.stringContaining('deadline of 90 s, got 104 s at 6 a minute'),
    })
  })

  test('warns of a breaker that cools down for longer than a job may wait', () => {
    const overQuota = findings({ GLOBAL_STATS_INTERVAL_MIN: '4' })

    expect(overQuota).toEqual([
      expect.objectContaining({
        subject: 'global-market',
        severity: 'warning',
        message: expect.stringContaining('within the interval of 240 s, got 300 s'),
      }),
    ])
  })

  test('of a month warns when only retries could break it: 31 days of 144 calls are within 10,000', () => {
    const overQuota = findings(DEMO)

    expect(overQuota).toEqual([expect.objectContaining({ severity: 'warning' })])
    expect(overQuota[0]?.message).toContain(
      'expected at most 9000 calls in 31 days, every retry included, got 17856',
    )
  })

  test('of a month refuses a plan that is above it without any retry', () => {
    const overQuota = findings({ ...DEMO, GLOBAL_STATS_INTERVAL_MIN: '4' })

    const [error, ...others] = overQuota.filter(({ severity }) => severity === 'error')
    expect(others).toEqual([])
    expect(error?.message).toContain('expected at most 9000 calls in 31 days without any retry, got 11160')
  })
})
