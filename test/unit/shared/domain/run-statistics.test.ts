import { describe, expect, test } from 'vitest'
import {
  addRun,
  durationStatistics,
  type FinishedRun,
  longestRecentMs,
  type RunStatistics,
  responsesInLastHour,
  retriesInLastHour,
  runsInLastDay,
} from '#shared/domain/records/run-statistics.ts'

const HOUR = 3_600_000
const T0 = Date.UTC(2026, 10, 20, 12, 30)

const run = (at: number, change: Partial<FinishedRun> = {}): FinishedRun => ({
  at,
  durationMs: 1_000,
  retries: 0,
  attempts: 1,
  slow: 0,
  isFailed: false,
  ...change,
})

function figuresOf(...runs: readonly FinishedRun[]): RunStatistics | undefined {
  return runs.reduce<RunStatistics | undefined>(addRun, undefined)
}

describe('the statistics of a job', () => {
  test('are empty before its first run', () => {
    expect(runsInLastDay(undefined, T0)).toEqual({ runs: 0, failed: 0 })
    expect(durationStatistics(undefined)).toEqual({ averageMs: null, p95Ms: null })
    expect([retriesInLastHour(undefined, T0), longestRecentMs(undefined, T0)]).toEqual([0, 0])
  })

  test('count all runs, and the partial ones in which most keys failed', () => {
    const counts = { planned: 4, published: 1, unchanged: 0, superseded: 0, failed: 3 }
    const half = { ...counts, published: 2, failed: 2 }

    const figures = figuresOf(
      run(T0, { counts }),
      run(T0 + 40 * HOUR, { counts: half, durationMs: 500 }),
      run(T0 + 80 * HOUR, { isFailed: true, counts }),
    )

    expect(figures?.total).toEqual({ runs: 3, failed: 1, mostlyFailed: 1, durationMs: 2_500 })
  })

  test('drop a run when its clock hour is a day old', () => {
    const figures = figuresOf(run(T0, { isFailed: true }), run(T0 + HOUR), run(T0 + 2 * HOUR))

    const values = [2, 23, 24, 25, 26].map((hours) => runsInLastDay(figures, T0 + hours * HOUR))

    expect(values).toEqual([
      { runs: 3, failed: 1 },
      { runs: 3, failed: 1 },
      { runs: 2, failed: 0 },
      { runs: 1, failed: 0 },
      { runs: 0, failed: 0 },
    ])
  })

  test('count retries of the last sixty minutes, with the covered share of the previous clock hour', () => {
    const figures = figuresOf(run(T0, { retries: 8 }), run(T0 + HOUR / 2, { retries: 3 }))

    const values = [30, 60, 75, 90, 120].map((minutes) => retriesInLastHour(figures, T0 + minutes * 60_000))

    expect(values).toEqual([11, 7, 5, 3, 1.5])
  })

  test('count attempts, slow responses and refusals of the last sixty minutes in the same way', () => {
    const figures = figuresOf(
      run(T0, { attempts: 40, slow: 4, refused: 8 }),
      run(T0 + HOUR / 2, { attempts: 10, slow: 2, refused: 4 }),
    )

    const values = [30, 60, 120].map((minutes) => responsesInLastHour(figures, T0 + minutes * 60_000))

    expect(values).toEqual([
      { attempts: 50, slow: 6, refused: 12 },
      { attempts: 30, slow: 4, refused: 8 },
      { attempts: 5, slow: 1, refused: 2 },
    ])
    expect(responsesInLastHour(undefined, T0)).toEqual({ attempts: 0, slow: 0, refused: 0 })
  })

  test('that an earlier version stored have no responses, and the next run adds them', () => {
    const hours = { newest: Math.floor(T0 / HOUR), rows: [[3, 1, 2, 9_000] as const] }
    const earlier = {
      total: { runs: 3, failed: 1, mostlyFailed: 0, durationMs: 9_000 },
      hours,
      durations: [],
    }

    const next = addRun(earlier, run(T0, { attempts: 5, slow: 1 }))

    expect(responsesInLastHour(earlier, T0)).toEqual({ attempts: 0, slow: 0, refused: 0 })
    expect(next.hours.rows).toEqual([[4, 1, 2, 9_000]])
    expect(next.responses).toEqual({ newest: hours.newest, rows: [[5, 1, 0]] })
  })

  test('have the longest duration of this and the previous clock hour and of the last run', () => {
    const figures = figuresOf(run(T0, { durationMs: 9_000 }), run(T0 + 1, { durationMs: 2_000 }))

    const values = [0, 1, 2, 200].map((hours) => longestRecentMs(figures, T0 + hours * HOUR))

    expect(values).toEqual([9_000, 9_000, 2_000, 2_000])
  })

  test('have average and 95th percentile of the last forty durations', () => {
    const runs = Array.from({ length: 50 }, (_, index) => run(T0 + index, { durationMs: index + 1 }))

    expect(durationStatistics(figuresOf(...runs))).toEqual({ averageMs: 30.5, p95Ms: 48 })
  })

  test('count a run whose clock was behind in its own hour, but not one that is a day behind', () => {
    const figures = figuresOf(run(T0), run(T0 - HOUR), run(T0 - 24 * HOUR))

    expect(runsInLastDay(figures, T0)).toEqual({ runs: 2, failed: 0 })
  })

  test('stay below a kilobyte after years of runs every minute', () => {
    let figures: RunStatistics | undefined
    for (let minute = 0; minute < 3 * 24 * 60; minute += 1)
      figures = addRun(
        figures,
        run(T0 + minute * 60_000, { durationMs: 123_456, retries: 4, isFailed: true }),
      )

    expect(figures?.hours.rows).toHaveLength(24)
    expect(JSON.stringify(figures).length).toBeLessThan(1_024)
  })
})
