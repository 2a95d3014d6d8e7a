import { describe, expect, test } from 'vitest'
import { type Breach, breaches, expectedFreshness } from '#functions/watchdog/conditions.ts'
import { nextWatchState, type Observations } from '#functions/watchdog/watch-state.ts'
import { noUpstreamState } from '#shared/adapters/dynamodb/upstream-states.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { cron, daily, every } from '#shared/declare/schedule.ts'
import type { Condition } from '#shared/domain/conditions.ts'
import type { JobState, WatchState } from '#shared/domain/records/job-state.ts'
import { addRun, type FinishedRun, type RunStatistics } from '#shared/domain/records/run-statistics.ts'
import type { CoolDown, UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { pricesJob } from '#test/fakes/jobs/prices.ts'
import { scheduleOf } from '#test/support/jobs/test-jobs.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 30)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const job = resolveJob(pricesJob('items'), {})

interface Given {
  readonly state?: Partial<JobState>
  readonly watchState?: Partial<WatchState>
  readonly upstream?: Partial<UpstreamState>
  readonly overdueMs?: number
  readonly failures?: number
  readonly before?: readonly Condition[]
  readonly now?: number
}

function conditionsIn({
  state = {},
  watchState = {},
  upstream = {},
  overdueMs = 0,
  failures = 0,
  before = [],
  now = T0,
}: Given): readonly Breach[] {
  const observed = {
    overdueMs,
    failures,
    state: { fence: 1, consecutiveFailures: 0, ...state },
    watchState: { checkedUntil: T0, schedule: 'x', ...watchState },
    upstreams: [{ ...noUpstreamState, ...upstream }],
  }
  return breaches(job, observed, before, now)
}

const names = (given: Given) => conditionsIn(given).map(({ condition }) => condition)

const oneRun: FinishedRun = {
  at: T0,
  durationMs: 1_000,
  retries: 0,
  attempts: 1,
  slow: 0,
  isFailed: false,
}

function figures(
  count: number,
  change: (index: number) => Partial<FinishedRun> = () => ({}),
): RunStatistics | undefined {
  let all: RunStatistics | undefined
  for (let index = 0; index < count; index += 1) all = addRun(all, { ...oneRun, ...change(index) })
  return all
}

const withFigures = (...of: Parameters<typeof figures>): Given => {
  const all = figures(...of)
  return all ? { state: { statistics: all } } : {}
}

const failing = (failed: number) => (index: number) => ({ isFailed: index < failed })

test('a job that does well, or has never run, is in no condition', () => {
  expect(names({})).toEqual([])
  expect(names(withFigures(100))).toEqual([])
})

describe('success', () => {
  test.each([
    [9, 9, 'too few runs to judge'],
    [10, 1, 'exactly nine in ten'],
    [100, 10, 'exactly nine in ten'],
  ])('of %i runs with %i failed is no condition: %s', (runs, failed) => {
    expect(names(withFigures(runs, failing(failed)))).toEqual([])
  })

  test('below nine in ten is one, with the ratio', () => {
    expect(conditionsIn(withFigures(10, failing(2)))).toEqual([
      { condition: 'success-ratio', value: 0.8, limit: 0.9 },
    ])
  })

  test('counts ticks that were missed and runs that were abandoned', () => {
    const hours = { newest: Math.floor(T0 / HOUR), rows: [[1, 1, 0] as const] }

    expect(names({ ...withFigures(18), watchState: { hours } })).toEqual([])
    expect(names({ ...withFigures(17), watchState: { hours } })).toEqual(['success-ratio'])
  })
})

describe('refusals', () => {
  const refused = (attempts: number, keys: number) => withFigures(1, () => ({ attempts, refused: keys }))

  test.each([
    [6, 3, 'exactly a half'],
    [2, 2, 'too few to judge'],
  ])('of %i attempts, %i are no condition: %s', (attempts, keys) => {
    expect(names(refused(attempts, keys))).toEqual([])
  })

  test('that are more than half of the attempts of an hour are one, with their share', () => {
    expect(conditionsIn(refused(5, 3))).toEqual([{ condition: 'many-keys-failed', value: 0.6, limit: 0.5 }])
  })

  test('are judged with the attempts before them', () => {
    expect(names(withFigures(12, (index) => ({ attempts: 5, refused: index === 11 ? 5 : 0 })))).toEqual([])
  })

  test('are no more than the attempts: keys that were not requested any more do not count', () => {
    expect(conditionsIn(refused(3, 20))).toMatchObject([{ value: 1 }])
  })

  test('are none in rows that were written before they were counted', () => {
    const statistics = figures(1, () => ({ attempts: 5 }))
    if (!statistics) throw new Error('expected statistics')
    const old = { newest: Math.floor(T0 / HOUR), rows: [[5, 0] as const] }

    expect(names({ state: { statistics: { ...statistics, responses: old } } })).toEqual([])
  })
})

test('ten retries within an hour are none, eleven are a condition', () => {
  expect(names(withFigures(10, () => ({ retries: 1 })))).toEqual([])
  expect(names(withFigures(11, () => ({ retries: 1 })))).toEqual(['retries'])
})

describe('responses above five seconds', () => {
  const slow = (attempts: number, responses: number) => withFigures(1, () => ({ attempts, slow: responses }))

  test.each([
    [60, 3, 'one in twenty'],
    [2, 2, 'too few to judge'],
    [1, 0, 'none'],
  ])('of %i attempts, %i are no condition: %s', (attempts, responses) => {
    expect(names(slow(attempts, responses))).toEqual([])
  })

  test('that are more than one in twenty of an hour are one, with their share', () => {
    expect(conditionsIn(slow(59, 3))).toEqual([{ condition: 'slow-upstream', value: 3 / 59, limit: 0.05 }])
  })

  test('of an earlier hour are over', () => {
    expect(names({ ...slow(4, 4), now: T0 + 2 * HOUR })).toEqual([])
  })
})

test('a condition that the last run has reported is one, with its figures', () => {
  const reported = [{ condition: 'dataset-growth', value: 0.7, limit: 0.5 }] as const

  expect(conditionsIn(withFigures(1, () => ({ reported })))).toEqual(reported)
  expect(names(withFigures(2, (index) => (index === 0 ? { reported } : {})))).toEqual([])
})

test('a run may take four fifths of its deadline and no longer', () => {
  const longest = 0.8 * job.run.deadlineMs

  expect(names(withFigures(1, () => ({ durationMs: longest })))).toEqual([])
  expect(names(withFigures(1, () => ({ durationMs: longest + 1 })))).toEqual(['slow-runs'])
})

describe('keys that fail', () => {
  const losing = (...failed: readonly number[]) =>
    withFigures(failed.length, (index) => ({
      counts: { planned: 10, published: 10, unchanged: 0, superseded: 0, failed: failed[index] ?? 0 },
    }))

  test.each([
    [[3], 'in one run'],
    [[2, 2], 'that are a fifth'],
    [[9, 0, 9], 'in every other run'],
    [[3, 3, 2], 'in the runs before the last one'],
  ])('%j of ten are no condition: %s', (failed) => {
    expect(names(losing(...failed))).toEqual([])
  })

  test('more than a fifth of them, two runs in a row, are one, with the lesser share', () => {
    expect(conditionsIn(losing(0, 4, 3))).toEqual([{ condition: 'many-keys-failed', value: 0.3, limit: 0.2 }])
  })

  test('of so few that one decides are none, and runs of no key at all are not counted', () => {
    const few = { planned: 4, published: 0, unchanged: 0, superseded: 0, failed: 4 }
    const none = { planned: 0, published: 0, unchanged: 0, superseded: 0, failed: 0 }
    const many = { planned: 10, published: 0, unchanged: 0, superseded: 0, failed: 10 }

    expect(names(withFigures(2, () => ({ counts: few })))).toEqual([])
    expect(names(withFigures(3, (index) => ({ counts: index === 1 ? none : many })))).toEqual([
      'many-keys-failed',
    ])
  })
})

describe('a missed tick', () => {
  const missed = { tick: T0 - 10 * MINUTE, at: T0 }

  test('lasts until a later tick has a record, and an hour at least', () => {
    const open = { missed, checkedUntil: missed.tick }
    const watchState = { missed, checkedUntil: missed.tick + 5 * MINUTE }

    expect(names({ watchState: open, now: T0 + 9 * HOUR })).toEqual(['missed-ticks'])
    expect(names({ watchState: watchState, now: T0 + HOUR - 1 })).toEqual(['missed-ticks'])
    expect(names({ watchState: watchState, now: T0 + HOUR })).toEqual([])
  })

  test('is made good by the success of a later one, before that is accounted for', () => {
    const given = { watchState: { missed, checkedUntil: missed.tick }, now: T0 + 9 * HOUR }

    expect(names({ ...given, state: { lastTick: missed.tick - 1 } })).toEqual(['missed-ticks'])
    expect(names({ ...given, state: { lastTick: missed.tick + 1 } })).toEqual([])
  })
})

test('an abandoned run is a condition until a run has succeeded, and for an hour at least', () => {
  const watchState = { abandonedAt: T0 }

  expect(names({ watchState, now: T0 + 9 * HOUR })).toEqual(['abandoned-runs'])
  expect(names({ watchState, state: { lastSuccessAt: T0 + 1 }, now: T0 + HOUR - 1 })).toEqual([
    'abandoned-runs',
  ])
  expect(names({ watchState, state: { lastSuccessAt: T0 + 1 }, now: T0 + HOUR })).toEqual([])
})

describe('a refused key', () => {
  test('lasts until a response was served, also after its wait is over', () => {
    const coolDown: CoolDown = { until: T0, reason: 'auth' }

    expect(names({ upstream: { coolDown }, now: T0 + 5 * HOUR })).toEqual(['key-refused'])
  })

  test('is a condition where one item was refused', () => {
    const lastRun = { id: 'x', status: 'failed', reason: 'auth', endedAt: T0 } as const

    expect(names({ state: { lastRun } })).toEqual(['key-refused'])
  })
})

describe('an upstream in a cool-down', () => {
  const limited = (until: number): CoolDown => ({ until, reason: 'rate-limited' })
  const open = { breaker: { failures: 3, openUntil: T0 } }

  /** What the watchdog remembers after looks at these states, a quarter of an hour apart. */
  function blockedAfter(...states: readonly Partial<UpstreamState>[]): boolean {
    let watchState: WatchState | undefined
    let before: readonly Condition[] = []
    states.forEach((state, index) => {
      const now = T0 + index * 15 * MINUTE
      const upstream = { ...noUpstreamState, ...state }
      watchState = nextWatchState(watchState, findings(upstream), now)
      before = names({ watchState, upstream, before, now })
    })
    return before.includes('upstream-cooling')
  }

  const findings = (...upstreams: readonly UpstreamState[]): Observations => ({
    ticks: { until: T0, schedule: 'x', missed: [] },
    abandoned: [],
    staleMs: 0,
    upstreams,
  })

  test('for an hour is a condition, not before', () => {
    expect(blockedAfter(open, open, open, open)).toBe(false)
    expect(blockedAfter(open, open, open, open, open)).toBe(true)
  })

  test('is one of several: only when none of them may be called is there a condition', () => {
    const one = { ...noUpstreamState, ...open }
    const other = { ...noUpstreamState, coolDown: limited(T0 + 9 * HOUR) }
    const values = (upstreams: readonly UpstreamState[]) => {
      const first = nextWatchState(undefined, findings(...upstreams), T0)
      const now = T0 + HOUR
      const watchState = nextWatchState(first, findings(...upstreams), now)
      const state = { fence: 1, consecutiveFailures: 0 }
      const observed = { state, watchState, upstreams, overdueMs: 0, failures: 0 }
      return breaches(job, observed, [], now).map(({ condition }) => condition)
    }

    expect(values([one, other])).toEqual(['upstream-cooling'])
    expect(values([one, noUpstreamState])).toEqual([])
    expect(values([noUpstreamState, other])).toEqual([])
  })

  test('is a condition from the declared time on', () => {
    const strict = resolveJob(pricesJob('items', { coolingBeforeAlarm: '5 minutes' }), {})
    const upstreams = [{ ...noUpstreamState, ...open }]
    const first = nextWatchState(undefined, findings(...upstreams), T0)
    const at = (now: number) =>
      breaches(
        strict,
        {
          state: { fence: 1, consecutiveFailures: 0 },
          watchState: nextWatchState(first, findings(...upstreams), now),
          upstreams,
          overdueMs: 0,
          failures: 0,
        },
        [],
        now,
      )

    expect(at(T0 + 5 * MINUTE - 1)).toEqual([])
    expect(at(T0 + 5 * MINUTE)).toMatchObject([{ condition: 'upstream-cooling', limit: 5 * MINUTE }])
  })

  test('stays one between two waits, and is over when something was served', () => {
    const waits = [0, 1, 2, 3, 4].map((index) => ({ coolDown: limited(T0 + (index + 1) * 15 * MINUTE) }))
    const between = { coolDown: limited(T0 + 75 * MINUTE) }

    expect(blockedAfter(...waits, between)).toBe(true)
    expect(blockedAfter(...waits, between, {})).toBe(false)
  })

  test('for seconds, and then not called for hours, is none', () => {
    const short = { coolDown: limited(T0 + 5_000) }

    expect(blockedAfter(short, short, short, short, short, short)).toBe(false)
  })

  test.each(['auth', 'quota-exhausted'] as const)('because of %s has another name', (reason) => {
    const coolDown: CoolDown = { until: T0 + 24 * HOUR, reason }

    expect(blockedAfter(...Array.from({ length: 8 }, () => ({ coolDown })))).toBe(false)
  })
})

describe('freshness', () => {
  const stale = (ms: number): Given => ({
    watchState: { hours: { newest: Math.floor(T0 / HOUR), rows: [[0, 0, ms]] } },
  })

  test('below what the declaration gives is a condition', () => {
    const least = expectedFreshness({ ...job, schedule: scheduleOf(job) }, 0.9)
    const most = (1 - least) * 24 * HOUR

    expect(names(stale(most - MINUTE))).toEqual([])
    expect(conditionsIn(stale(most + MINUTE))).toMatchObject([{ condition: 'freshness', limit: least }])
  })

  test.each([
    ['every ten minutes, fresh for fifteen', every('10 minutes'), 15 * MINUTE, 0.945],
    ['every ten minutes, fresh for twenty', every('10 minutes'), 20 * MINUTE, 0.99],
    ['daily, fresh for 26 hours', daily('09:00', 'UTC'), 26 * HOUR, 0.9075],
    ['daily in a zone whose longest day has 25 hours', daily('09:00', 'Europe/Berlin'), 26 * HOUR, 0.904],
    ['once and never again', cron('0 9 1 3 ? 2026'), 26 * HOUR, 0],
  ])('that a declaration gives: %s', (_, schedule, freshForMs, expected) => {
    const given = expectedFreshness({ schedule, freshness: { ...job.freshness, freshForMs } }, 0.9)

    expect(given).toBeCloseTo(expected, 3)
  })

  test.each([0.5, 0.9, 1])('that a declaration gives is what a long run of luck with %d gives', (success) => {
    const freshness = { ...job.freshness, freshForMs: 13 * MINUTE }
    let seed = 7
    let staleMs = 0
    let age = 0
    const ticks = 100_000
    for (let tick = 0; tick < ticks; tick += 1) {
      seed = (seed * 48_271) % 2_147_483_647
      if (seed / 2_147_483_647 < success) age = 0
      const until = age + 5 * MINUTE
      staleMs += Math.max(0, until - Math.max(age, freshness.freshForMs))
      age = until
    }

    const given = expectedFreshness({ schedule: every('5 minutes'), freshness }, success)

    expect(given).toBeCloseTo(1 - staleMs / (ticks * 5 * MINUTE), 2)
  })
})

describe('late data and failures in a row', () => {
  const limit = 2 * 5 * 60_000

  test('are conditions from the limit of their alarm on', () => {
    expect(names({ overdueMs: limit - 1, failures: 4 })).toEqual([])
    expect(conditionsIn({ overdueMs: limit, failures: 5 })).toEqual([
      { condition: 'overdue', value: limit, limit },
      { condition: 'failing', value: 5, limit: 5 },
    ])
  })
})
