import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startSchedules } from '#infra/local/aws/schedules.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { runPolicy } from '#shared/declare/job-policies.ts'
import { onDemand } from '#shared/declare/schedule.ts'

const plain = runPolicy('run', { mode: 'plain', deadline: '1 minute' })
const task = runPolicy('run', { mode: 'task', deadline: '1 hour' })
const MINUTE_MS = 60_000
const START = Date.UTC(2026, 10, 20, 10, 1, 30)
const TEN_MINUTES = { expression: 'cron(3/10 * * * ? *)', zone: 'UTC' }
const NEVER = { expression: 'cron(0 0 1 1 ? 2020)', zone: 'UTC' }

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})

afterEach(() => {
  vi.useRealTimers()
})

/** The third minute of every ten; nothing for any other schedule. */
function next(schedule: object, after: number): number | undefined {
  if (schedule !== TEN_MINUTES) return undefined
  const first = Math.floor((after - 3 * MINUTE_MS) / (10 * MINUTE_MS)) + 1
  return first * 10 * MINUTE_MS + 3 * MINUTE_MS
}

type Scheduled = Parameters<typeof startSchedules>[0]['jobs'][number]

function start(given: readonly (Omit<Scheduled, 'run'> & Partial<Pick<Scheduled, 'run'>>)[]) {
  const jobs = given.map((job) => ({ run: plain, ...job }))
  const delivered: { at: string; to: string; event: object }[] = []
  const stop = startSchedules({
    jobs,
    clock: systemClock,
    next,
    deliver: (to, event) => delivered.push({ at: new Date().toISOString(), to, event }),
  })
  return { stop, ticks: () => delivered.filter(({ to }) => to !== 'watchdog'), delivered }
}

test('a job that runs on demand has no ticks', async () => {
  const { stop, ticks } = start([{ id: 'top-gainers', schedule: onDemand() }])

  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS)
  stop()

  expect(ticks()).toEqual([])
})

test('ticks are delivered at their time with the scheduled time', async () => {
  const { stop, ticks } = start([{ id: 'global-market', schedule: TEN_MINUTES }])

  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS)
  stop()

  expect(ticks()).toEqual([
    {
      at: '2026-11-20T10:03:00.000Z',
      to: 'job-global-market',
      event: { job: 'global-market', tick: '2026-11-20T10:03:00.000Z' },
    },
    {
      at: '2026-11-20T10:13:00.000Z',
      to: 'job-global-market',
      event: { job: 'global-market', tick: '2026-11-20T10:13:00.000Z' },
    },
  ])
})

test('ticks of a task job are delivered to where tasks are submitted', async () => {
  const { stop, ticks } = start([{ id: 'toy-items', schedule: TEN_MINUTES, run: task }])

  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS)
  stop()

  expect(ticks()).toEqual([
    {
      at: '2026-11-20T10:03:00.000Z',
      to: 'submit',
      event: { job: 'toy-items', tick: '2026-11-20T10:03:00.000Z' },
    },
  ])
})

test('a job that is off and one that never fires get nothing', async () => {
  const { stop, ticks } = start([
    { id: 'off', schedule: TEN_MINUTES, off: 'switched off' },
    { id: 'never', schedule: NEVER },
  ])

  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS)
  stop()

  expect(ticks()).toEqual([])
})

test('the watchdog is woken at once and at each full minute', async () => {
  const { stop, delivered } = start([])

  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
  stop()

  expect(delivered).toEqual(
    ['10:01:30', '10:02:00', '10:03:00'].map((time) => ({
      at: `2026-11-20T${time}.000Z`,
      to: 'watchdog',
      event: { watchdog: true },
    })),
  )
})

test('ticks that a machine slept through are not made up for', async () => {
  const { stop, ticks } = start([{ id: 'global-market', schedule: TEN_MINUTES }])
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)

  vi.setSystemTime(Date.UTC(2026, 10, 20, 13, 5, 30))
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS)
  stop()

  expect(ticks().map(({ event }) => (event as { tick: string }).tick)).toEqual([
    '2026-11-20T10:03:00.000Z',
    '2026-11-20T13:13:00.000Z',
  ])
})

test('a tick within the minute of waking is delivered', async () => {
  const { stop, ticks } = start([{ id: 'global-market', schedule: TEN_MINUTES }])

  vi.setSystemTime(Date.UTC(2026, 10, 20, 13, 3, 20))
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  stop()

  expect(ticks().map(({ event }) => (event as { tick: string }).tick)).toEqual(['2026-11-20T13:03:00.000Z'])
})

test('stopped schedules deliver nothing more and leave no timer', async () => {
  const { stop, delivered } = start([{ id: 'global-market', schedule: TEN_MINUTES }])

  stop()
  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS)

  expect(delivered).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(0)
})
