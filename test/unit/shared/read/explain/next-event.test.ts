import { expect, test } from 'vitest'
import { daily, onDemand } from '#shared/declare/schedule.ts'
import { NO_END } from '#shared/domain/records/control.ts'
import { type Case, explained, HOUR, MINUTE, NOW, run, STALE, TICK } from './records.ts'

const NEXT = TICK + 5 * MINUTE
const RAN: Case = { state: STALE, runs: [run()] }
const pause = (until: number) => ({ pause: { until, reason: 'repairs', by: 'ann' } })

test.each([
  ['the next tick', RAN, 'tick', NEXT, 'The next tick is at 2026-11-20T12:06:00Z'],
  [
    'a tick that is due, at its own time',
    { state: STALE, now: TICK + MINUTE },
    'tick',
    TICK,
    'The tick of 2026-11-20T12:01:00Z is due and starts a run by 2026-11-20T12:03:00Z',
  ],
  [
    'no tick from before the first pass of the watchdog: the next one',
    {
      state: { ...STALE, watchState: { checkedUntil: TICK + 1_000, schedule: 'any' } },
      now: TICK + MINUTE,
    },
    'tick',
    NEXT,
    'The next tick is at 2026-11-20T12:06:00Z',
  ],
  [
    'the tick after one that an operator skips',
    { ...RAN, control: { skip: { tick: NEXT, reason: 'x', by: 'ann' } } },
    'tick',
    NEXT + 5 * MINUTE,
    'The tick of 2026-11-20T12:06:00Z is skipped by an operator; the next tick that can run is at 2026-11-20T12:11:00Z',
  ],
  [
    'the first tick that an override of the interval leaves',
    {
      ...RAN,
      state: { ...STALE, lastTick: TICK, lastSuccessAt: TICK },
      spec: { overridable: ['interval'] },
      control: { overrides: { intervalMs: HOUR } },
    },
    'tick',
    TICK + HOUR,
    'An override of the interval skips',
  ],
  [
    'the first tick after a pause',
    { ...RAN, control: pause(NOW + HOUR) },
    'tick',
    NEXT + HOUR,
    'The pause ends at 2026-11-20T13:04:00Z; the next tick that can run is at 2026-11-20T13:06:00Z',
  ],
  [
    'nothing for a pause without an end',
    { ...RAN, control: pause(NO_END) },
    'none',
    undefined,
    'until an operator resumes the job',
  ],
  [
    'nothing for a job that is off',
    { ...RAN, spec: { settings: {}, off: () => 'OFF is true' } },
    'none',
    undefined,
    'No run starts while the job is off',
  ],
  [
    'nothing for an upstream that is off',
    { ...RAN, policy: { off: 'no terms' } },
    'none',
    undefined,
    'until the settings of Prices change',
  ],
  [
    'the end of a run under way',
    { state: { ...STALE, lease: { owner: 'x', until: NOW + MINUTE } } },
    'run-ends',
    NOW + MINUTE,
    'The run under way ends at 2026-11-20T12:05:00Z at the latest',
  ],
  [
    'the first tick after a cool-down',
    { ...RAN, upstream: { coolDown: { until: NOW + HOUR, reason: 'rate-limited' } } },
    'tick',
    TICK + HOUR,
    'Prices may be called again at 2026-11-20T13:04:00Z',
  ],
  [
    'the first tick after an open circuit',
    { ...RAN, upstream: { breaker: { failures: 5, openUntil: NOW + HOUR } } },
    'tick',
    TICK + HOUR + 5 * MINUTE,
    'Prices may be called again at 2026-11-20T13:04:00Z',
  ],
  [
    'the first tick after the midnight of the provider',
    {
      ...RAN,
      policy: {
        limits: {
          perMinute: 60,
          burst: 1,
          concurrency: 1,
          perDay: 100,
          scheduledShare: 0.9,
          zone: 'America/New_York',
        },
      },
      upstream: { day: { period: '2026-11-20', calls: 95 } },
    },
    'tick',
    Date.UTC(2026, 10, 21, 5, 1),
    'Prices may be called again at 2026-11-21T05:00:00Z',
  ],
  [
    'the first run that the watchdog requests',
    { now: NOW - 500 },
    'first-run',
    NOW,
    'The watchdog requests the first run at 2026-11-20T12:04:00Z',
  ],
  [
    'a reader’s request of a job on demand',
    { state: STALE, spec: { schedule: onDemand() } },
    'reader',
    NOW,
    'A reader’s request starts a run, from 2026-11-20T12:04:00Z on',
  ],
  [
    'a reader’s request no earlier than allowed after a failure',
    {
      state: { ...STALE, lastRun: { id: 'x', status: 'failed', endedAt: NOW - MINUTE } },
      spec: { schedule: onDemand() },
    },
    'reader',
    NOW + 9 * MINUTE,
    'from 2026-11-20T12:13:00Z on',
  ],
  [
    'the refresh of an input that the job follows',
    {
      state: { ...STALE, lastRun: { id: 'x', status: 'failed', endedAt: NOW - MINUTE } },
      spec: { schedule: onDemand(), upstream: [], follows: ['prices-input'] },
      input: { state: { freshUntil: NOW + HOUR, lastSuccessAt: NOW, lastTick: NOW - 4 * MINUTE } },
    },
    'input-refreshed',
    NOW + MINUTE,
    'A run follows once prices-input is refreshed: the next tick is at 2026-11-20T12:05:00Z',
  ],
] satisfies readonly (readonly [string, Case, string, number | undefined, string])[])(
  'the second line names %s',
  (_title, one, code, at, text) => {
    const { next } = explained(one)

    expect(next).toMatchObject({ code, text: expect.stringContaining(text) })
    expect(next.at).toBe(at)
  },
)

test('a tick has its time in the zone of the job and in UTC', () => {
  const { next } = explained({
    ...RAN,
    spec: {
      schedule: daily('09:00', 'America/New_York'),
      freshness: { freshFor: '26 hours', serveStaleFor: '48 hours', keepFor: '7 days' },
    },
  })

  expect(next.text).toContain('2026-11-20 09:00 in America/New_York (2026-11-20T14:00:00Z)')
})
