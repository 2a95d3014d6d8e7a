import { describe, expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { checkFreshness } from '#infra/checks/freshness.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { cron, every } from '#shared/declare/schedule.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const globalMarketWith = (given: SettingTexts) => checkFreshness([resolveJob(globalMarket, given)])
const tinyWith = (changes: Parameters<typeof tinyJob>[0]) =>
  checkFreshness([resolveJob(tinyJob(changes), {})])

describe('data that are not fresh until the next refresh ends', () => {
  test('are refused with both sums in seconds and the smallest legal value', () => {
    const findings = globalMarketWith({ GLOBAL_STATS_CACHE_TTL: '300' })

    expect(findings).toEqual([
      {
        check: 'freshness',
        subject: 'global-market',
        severity: 'error',
        message:
          'expected data to stay fresh for at least 750 s (600 interval + 60 spread + 90 deadline), got 300 s; ' +
          'the smallest legal GLOBAL_STATS_CACHE_TTL is 750 s',
      },
    ])
  })

  test('are refused at one second less, and accepted at the smallest legal value', () => {
    expect(globalMarketWith({ GLOBAL_STATS_CACHE_TTL: '749' })).toHaveLength(1)
    expect(globalMarketWith({ GLOBAL_STATS_CACHE_TTL: '750' })).toEqual([])
  })

  test('are measured by the longest gap of the schedule', () => {
    const weekdays = cron('0 9 ? * MON-FRI *')

    const [finding] = tinyWith({
      schedule: weekdays,
      freshness: { freshFor: '2 days', serveStaleFor: '4 days', keepFor: '5 days' },
    })

    expect(finding?.message).toContain(`${3 * 86_400} interval`)
  })

  test('are no concern of a job that is off', () => {
    const findings = globalMarketWith({ GLOBAL_STATS_CACHE_TTL: '300', GLOBAL_STATS_ENABLED: 'false' })

    expect(findings).toEqual([])
  })
})

test('data are served as long as they are fresh with their jitter', () => {
  const withJitter = (serveStaleFor: '132 minutes' | '131 minutes') =>
    tinyWith({ freshness: { freshFor: '2 hours', serveStaleFor, keepFor: '1 day', jitter: 0.1 } })

  expect(withJitter('132 minutes')).toEqual([])
  expect(withJitter('131 minutes').map(({ message }) => message)).toEqual([
    'expected serveStaleFor of at least freshFor with its jitter of 0.1, 7920 s; got 7860 s; the smallest legal serveStaleFor is 7920 s',
  ])
})

test('data are served at least as long as they are fresh, and kept at least as long as they are served', () => {
  const findings = tinyWith({
    freshness: { freshFor: '2 hours', serveStaleFor: '1 hour', keepFor: '30 minutes' },
  })

  expect(findings.map(({ message }) => message)).toEqual([
    'expected serveStaleFor of at least freshFor, 7200 s; got 3600 s; the smallest legal serveStaleFor is 7200 s',
    'expected keepFor of at least serveStaleFor, 3600 s; got 1800 s; the smallest legal keepFor is 3600 s',
  ])
})

test('three equal times are legal where they cover a refresh', () => {
  const findings = tinyWith({
    schedule: every('1 hour'),
    freshness: { freshFor: '2 hours', serveStaleFor: '2 hours', keepFor: '2 hours' },
  })

  expect(findings).toEqual([])
})

describe('a job with a shorter interval than its upstream’s updates', () => {
  test('is warned of, with both intervals, and not refused', () => {
    const findings = globalMarketWith({ GLOBAL_STATS_INTERVAL_MIN: '5' })

    expect(findings).toEqual([
      {
        check: 'freshness',
        subject: 'global-market',
        severity: 'warning',
        message:
          'expected an interval of at least 600 s, because the upstream publishes no new data within it; got 300 s',
      },
    ])
  })

  test('has no finding at the same interval', () => {
    expect(globalMarketWith({ GLOBAL_STATS_INTERVAL_MIN: '10' })).toEqual([])
  })
})
