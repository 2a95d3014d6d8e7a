import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runTimes } from '#functions/page/data/run-times.ts'

const DAY_MS = 86_400_000
const FROM = Date.parse('2026-11-29T08:30:00Z')

const schedule = (nextRuns: readonly string[], everySeconds: number | null = null) => ({
  expression: 'rate(10 minutes)',
  zone: 'UTC',
  next_runs: [...nextRuns],
  repeats_every_seconds: everySeconds,
  clock_changes: [],
})

const textsOf = (times: readonly number[]) => times.map((at) => new Date(at).toISOString())

test('runs at equal intervals follow their first one for 24 hours', () => {
  const times = runTimes(schedule(['2026-11-29T08:35:00Z'], 600), FROM)

  expect(times).toHaveLength(144)
  expect(textsOf([times[0] ?? 0, times[1] ?? 0, times[143] ?? 0])).toEqual([
    '2026-11-29T08:35:00.000Z',
    '2026-11-29T08:45:00.000Z',
    '2026-11-30T08:25:00.000Z',
  ])
})

test('a first run that has passed since the schedule was loaded is left out', () => {
  const [first] = runTimes(schedule(['2026-11-29T07:05:00Z'], 600), FROM)

  expect(textsOf([first ?? 0])).toEqual(['2026-11-29T08:35:00.000Z'])
})

test('a run at the first moment is within the 24 hours, and one at their end is not', () => {
  const equal = runTimes(schedule(['2026-11-29T08:30:00Z'], 43_200), FROM)
  const listed = runTimes(schedule(['2026-11-29T08:30:00Z', '2026-11-30T08:30:00Z']), FROM)

  expect(textsOf(equal)).toEqual(['2026-11-29T08:30:00.000Z', '2026-11-29T20:30:00.000Z'])
  expect(textsOf(listed)).toEqual(['2026-11-29T08:30:00.000Z'])
})

test('runs at unequal intervals are those that are listed and still to come', () => {
  const times = runTimes(
    schedule(['2026-11-29T07:00:00Z', '2026-11-29T14:00:00Z', '2026-11-30T07:00:00Z']),
    FROM,
  )

  expect(textsOf(times)).toEqual(['2026-11-29T14:00:00.000Z', '2026-11-30T07:00:00.000Z'])
})

test('a schedule without a run in this time has none', () => {
  expect(runTimes(schedule([]), FROM)).toEqual([])
  expect(runTimes(schedule([], 600), FROM)).toEqual([])
  expect(runTimes(schedule(['2026-12-03T08:30:00Z'], 600), FROM)).toEqual([])
})

test('runs at equal intervals ascend by that interval, all within 24 hours', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 90_000 }),
      fc.integer({ min: -DAY_MS, max: DAY_MS }),
      (every, ahead) => {
        const first = new Date(FROM + ahead).toISOString()

        const times = runTimes(schedule([first], every), FROM)

        expect(times.every((at) => at >= FROM && at < FROM + DAY_MS)).toBe(true)
        expect(times.every((at, index) => at === (times[0] ?? 0) + index * every * 1_000)).toBe(true)
      },
    ),
  )
})
