import { describe, expect, it, test } from 'vitest'
import { onDemand } from '#shared/declare/schedule.ts'
import { NO_END } from '#shared/domain/records/control.ts'
import { CAUSE_CODES, type CauseCode } from '#shared/read/explain/explanation.ts'
import { type Case, explained, HOUR, MINUTE, NOW, run, STALE, STALE_ITEM, TICK } from './records.ts'

const FAILED = { id: 'prices-items-x', status: 'failed', reason: 'network', endedAt: NOW - MINUTE } as const
const KEYED = { key: 'S000', state: STALE, item: STALE_ITEM } as const
const DERIVED = { upstream: [] } as const
const OLDEST = { lastSuccessAt: NOW - 9 * HOUR, freshUntil: NOW - 8 * HOUR }

/** A situation, the words of its first line that everyone gets, and of the details that operators get. */
type Row = readonly [code: CauseCode, title: string, one: Case, text: string, details?: string]

const ROWS: readonly Row[] = [
  [
    'fresh',
    'fresh data',
    { state: { freshUntil: NOW + MINUTE, lastSuccessAt: TICK } },
    'fresh until 2026-11-20T12:05:00Z, last confirmed at 2026-11-20T12:01:00Z',
  ],
  [
    'fresh',
    'a fresh key of a stale job',
    { ...KEYED, item: { ...STALE_ITEM, freshUntil: NOW + MINUTE } },
    'fresh until 2026-11-20T12:05:00Z',
  ],
  [
    'off',
    'a job that is off',
    { state: STALE, spec: { settings: {}, off: () => 'PRICES is false' } },
    'The job is off, by its configuration',
    'PRICES is false',
  ],
  [
    'upstream-off',
    'an upstream that is off',
    { state: STALE, policy: { off: 'its terms are not accepted' } },
    'Prices is off, by its settings',
    'its terms are not accepted',
  ],
  [
    'paused',
    'a pause',
    { state: STALE, control: { pause: { until: NOW + HOUR, reason: 'repairs', by: 'ann' } } },
    'The job is paused until 2026-11-20T13:04:00Z',
    'by ann: repairs',
  ],
  [
    'paused',
    'a pause without an end',
    { state: STALE, control: { pause: { until: NO_END, reason: 'repairs', by: 'ann' } } },
    'paused until an operator resumes it',
  ],
  [
    'cool-down',
    'a cool-down',
    {
      state: STALE,
      upstream: {
        coolDown: { until: NOW + HOUR, reason: 'rate-limited', since: NOW - MINUTE, message: 'got 429' },
      },
    },
    'Prices is in a cool-down since 2026-11-20T12:03:00Z until 2026-11-20T13:04:00Z, because of an answer (rate-limited)',
    'got 429',
  ],
  [
    'cool-down',
    'a cool-down of an earlier release',
    { state: STALE, upstream: { coolDown: { until: NOW + HOUR, reason: 'rate-limited' } } },
    'Prices is in a cool-down until 2026-11-20T13:04:00Z',
  ],
  [
    'full-minute',
    'a full minute of the provider',
    { state: STALE, upstream: { usageCoolDown: { until: NOW + HOUR, used: 5_900 } } },
    'Prices counts 5900 in its current minute',
  ],
  [
    'quota-exhausted',
    'a quota that is spent',
    {
      state: STALE,
      policy: {
        limits: { perMinute: 60, burst: 1, concurrency: 1, perDay: 100, scheduledShare: 0.9, zone: 'UTC' },
      },
      upstream: { day: { period: '2026-11-20', calls: 95 } },
    },
    'The 100 calls a day of Prices that scheduled runs may use are spent; they are renewed at 2026-11-21T00:00:00Z',
  ],
  [
    'circuit-open',
    'an open circuit',
    { state: STALE, upstream: { breaker: { failures: 5, openUntil: NOW + MINUTE } } },
    'until 2026-11-20T12:05:00Z, because 5 runs failed by its fault',
  ],
  [
    'running',
    'a run under way',
    { state: STALE, runs: [run({ status: 'running', leaseUntil: NOW + MINUTE })] },
    'A run is under way since 2026-11-20T12:01:01Z, until 2026-11-20T12:05:00Z at the latest',
  ],
  [
    'running',
    'a lease whose record is not listed',
    { state: { ...STALE, lease: { owner: 'x', until: NOW + MINUTE } } },
    'A run is under way, until 2026-11-20T12:05:00Z at the latest',
  ],
  [
    'key-excluded',
    'an override that leaves the key out',
    { ...KEYED, spec: { overridable: ['items'] }, control: { overrides: { items: ['S001'] } } },
    'an override limits the job to 1 other keys',
  ],
  [
    'not-at-source',
    'a key that the source does not have',
    { ...KEYED, item: { ...STALE_ITEM, isAbsent: true } },
    'The source does not have the key, as it answered at 2026-11-20T11:44:00Z',
  ],
  [
    'input-missing',
    'an input without data',
    { state: STALE, spec: DERIVED, input: {} },
    'The input prices-input has no data that can be used: the job has never run',
  ],
  [
    'input-old',
    'an input that is stale',
    { state: STALE, spec: DERIVED, input: { state: { ...STALE, consecutiveFailures: 2, lastRun: FAILED } } },
    'The input prices-input is stale: the last 2 runs have failed',
  ],
  [
    'failing',
    'runs that fail',
    {
      state: { ...STALE, consecutiveFailures: 3, lastRun: { ...FAILED, id: 'prices-items-1' } },
      runs: [run({ id: 'prices-items-1', status: 'failed', reason: 'network', message: 'connection reset' })],
    },
    'The last 3 runs have failed, the last one for the reason network; the last success was at 2026-11-20T11:44:00Z',
    'connection reset',
  ],
  [
    'failing',
    'a first run that failed',
    { state: { consecutiveFailures: 1, lastRun: FAILED } },
    'The last run has failed (network); it has never succeeded',
  ],
  [
    'failing',
    'a run that was lost',
    { state: { ...STALE, consecutiveFailures: 2, lastRun: { ...FAILED, status: 'abandoned' } } },
    'the last one ended without an outcome',
  ],
  [
    'key-failed',
    'a run that lost the key',
    {
      ...KEYED,
      runs: [
        run({ status: 'partial', reason: 'network', message: 'reset', lost: { count: 1, names: ['S000'] } }),
      ],
    },
    'The last run of the whole plan, at 2026-11-20T12:01:01Z, could not refresh the key (network)',
    'reset',
  ],
  [
    'key-failed',
    'a run of the key alone that failed',
    {
      ...KEYED,
      runs: [run({ key: 'S000', status: 'failed', reason: 'malformed' }), run({ tick: TICK - HOUR })],
    },
    'The last run of the key, at 2026-11-20T12:01:01Z, could not refresh the key (malformed)',
  ],
  [
    'key-postponed',
    'a run that left the key to a later one',
    {
      ...KEYED,
      runs: [run({ status: 'partial', reason: 'quota-exhausted', lost: { count: 1, names: ['S000'] } })],
    },
    'left the key to a later run, to stay within a quota',
  ],
  [
    'skipped',
    'a tick that an operator skipped',
    {
      state: STALE,
      runs: [run({ status: 'skipped', reason: 'skipped-by-operator', message: 'skipped by ann: repairs' })],
    },
    'The tick of 2026-11-20T12:01:00Z was skipped: an operator or an override of the interval skipped it',
    'skipped by ann: repairs',
  ],
  [
    'missed',
    'a tick that was not delivered',
    { state: STALE, runs: [run({ status: 'missed' })] },
    'The tick of 2026-11-20T12:01:00Z was missed',
  ],
  [
    'purged',
    'data that an operator deleted',
    { state: { lastSuccessAt: TICK, missingSince: NOW - MINUTE }, runs: [run()] },
    'An operator has deleted stored data, at 2026-11-20T12:03:00Z',
  ],
  [
    'invalidated',
    'data that an operator marked as stale',
    { state: { ...STALE, invalidatedAt: NOW - MINUTE }, runs: [run()] },
    'An operator has marked the data as stale, at 2026-11-20T12:03:00Z',
  ],
  [
    'invalidated',
    'a key that an operator marked as stale',
    { ...KEYED, item: { ...STALE_ITEM, freshUntil: NOW + HOUR, invalidatedAt: NOW - MINUTE } },
    'An operator has marked the data as stale, at 2026-11-20T12:03:00Z',
  ],
  [
    'keys-failed',
    'runs that succeed in part',
    {
      state: STALE,
      runs: [run({ status: 'partial', reason: 'network', lost: { count: 2, names: ['S001', 'S002'] } })],
    },
    'could not refresh 2 of its members (network)',
    'S001, S002',
  ],
  [
    'keys-failed',
    'a key that is perhaps among those that the record does not name',
    { ...KEYED, runs: [run({ status: 'partial', reason: 'network', lost: { count: 11, names: ['S001'] } })] },
    'the key is probably one of them',
    'S001 and others',
  ],
  [
    'older-answer',
    'an answer that is older than what is stored',
    { state: STALE, runs: [run({ status: 'unchanged', message: 'S000: kept the stored value' })] },
    'got an answer that is older than what is stored',
    'S000: kept the stored value',
  ],
  [
    'source-late',
    'a source that is late',
    {
      ...KEYED,
      spec: {
        freshness: {
          freshFor: '10 minutes',
          maxAsOfAge: '15 minutes',
          serveStaleFor: '6 hours',
          keepFor: '2 days',
        },
      },
      item: { ...STALE_ITEM, checkedAt: TICK + 1_000, asOf: NOW - HOUR },
      runs: [run({ startedAt: TICK })],
    },
    'its own time, 2026-11-20T11:04:00Z, is older than 15 minutes',
  ],
  [
    'source-late',
    'an answer that was old already when it came',
    {
      ...KEYED,
      state: {
        lastSuccessAt: NOW - 1_000,
        freshUntil: NOW - MINUTE,
        lastRun: { ...FAILED, id: 'x', status: 'succeeded' },
      },
      item: { ...STALE_ITEM, runId: 'x', fence: 7 },
      runs: [run({ fence: 7, startedAt: NOW - 2_000 })],
    },
    'The last run succeeded at 2026-11-20T12:03:59Z with answers that were old already: the data were fresh until 2026-11-20T12:03:00Z',
  ],
  [
    'key-not-refreshed',
    'a key that the last run left out',
    { ...KEYED, runs: [run()] },
    'did not renew the key: it is not in the plan, or its turn comes later',
  ],
  ['never-ran', 'a job before its first run', {}, 'The job has never run'],
  [
    'on-demand',
    'a job on demand',
    { state: STALE, spec: { schedule: onDemand() } },
    'The job runs on demand, and no request has started a run since',
  ],
  [
    'tick-due',
    'a tick that has no record yet',
    { state: STALE, runs: [run({ tick: TICK - 5 * MINUTE })] },
    'The tick of 2026-11-20T12:01:00Z is due and has not started a run yet',
  ],
  [
    'between-ticks',
    'data that ran out after a tick that succeeded',
    { state: STALE, runs: [run()] },
    'No tick has renewed the data, which were fresh until 2026-11-20T12:03:00Z; the latest one was at 2026-11-20T12:01:00Z',
  ],
]

const CASES = ROWS.map(([code, title, one, text, details]) => ({ code, title, one, text, details }))

describe('the first line', () => {
  it.each(CASES)('is $code for $title', ({ code, one, text, details }) => {
    const { cause } = explained(one)

    expect(cause.code).toBe(code)
    expect(cause.text).toContain(text)
    if (details !== undefined) expect(cause.details).toContain(details)
  })

  it('is checked for every code that there is', () => {
    expect([...new Set(ROWS.map(([code]) => code))].sort()).toEqual([...CAUSE_CODES].sort())
  })

  it.each(CASES)(
    'has no actor, no reason in free text and no words of a provider for everyone: $title',
    ({ one }) => {
      const { cause, next } = explained(one)

      for (const { text } of [cause, next])
        expect(text).not.toMatch(/ann|repairs|429|reset|kept the stored|not accepted|PRICES|S00/)
    },
  )
})

test.each([
  ['fresh', { state: { freshUntil: NOW + 1, lastSuccessAt: TICK } }],
  ['stale', { state: STALE }],
  ['gone', { state: OLDEST }],
  ['never', {}],
  ['fresh', { ...KEYED, item: { ...STALE_ITEM, freshUntil: NOW + 1 } }],
  ['stale', KEYED],
  ['gone', { ...KEYED, item: { ...STALE_ITEM, staleUntil: NOW } }],
  ['gone', { key: 'S000', isKeyListed: true }],
  ['never', { key: 'S000', isKeyListed: false }],
] satisfies readonly (readonly [string, Case])[])(
  'the state is %s, by the stored times alone (case %#)',
  (state, one) => {
    expect(explained(one).state).toBe(state)
  },
)

test('an input that is not fresh has its own explanation, and one that is fresh has none', () => {
  const old = explained({
    state: STALE,
    spec: DERIVED,
    input: { state: { ...STALE, consecutiveFailures: 2, lastRun: FAILED } },
  })
  const fresh = explained({ state: STALE, spec: DERIVED, input: { state: { freshUntil: NOW + 1 } } })

  expect(old.inputs).toMatchObject([{ job: 'prices-input', state: 'stale', cause: { code: 'failing' } }])
  expect(fresh.inputs).toEqual([])
})

test('the facts name what the records have, each with the path of the API that has more', () => {
  const { facts } = explained({
    ...KEYED,
    state: { ...STALE, consecutiveFailures: 2, lastRun: FAILED },
    control: { pause: { until: NOW + HOUR, reason: 'repairs', by: 'ann' } },
    upstream: { coolDown: { until: NOW + HOUR, reason: 'rate-limited' } },
  })

  expect(facts).toEqual(
    expect.arrayContaining([
      { name: 'fresh_until', value: '2026-11-20T12:03:00Z', link: '/v1/jobs/prices-items' },
      {
        name: 'last_run',
        value: 'failed (network) at 2026-11-20T12:03:00Z',
        link: '/v1/runs/prices-items-x',
      },
      { name: 'consecutive_failures', value: '2', link: '/v1/jobs/prices-items/runs?outcome=failed' },
      {
        name: 'pause',
        value: 'until 2026-11-20T13:04:00Z by ann: repairs',
        link: '/v1/audit?job=prices-items',
      },
      {
        name: 'upstream:prices',
        value: 'cool-down until 2026-11-20T13:04:00Z (rate-limited)',
        link: '/v1/upstreams',
      },
    ]),
  )
})
