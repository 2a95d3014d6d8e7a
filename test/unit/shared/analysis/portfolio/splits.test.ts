import { describe, expect, it } from 'vitest'
import { barsAfterSplit, suspectedSplit } from '#shared/analysis/portfolio/splits.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { dailySeries, dateAt } from './daily-series.ts'

/** Bars that each have an open and a close. */
const barsOf = (...prices: readonly (readonly [open: number, close: number])[]): DailyBar[] =>
  prices.map(([open, close], index) => ({
    date: dateAt(index),
    open,
    high: Math.max(open, close),
    low: Math.min(open, close),
    close,
    volume: 1,
  }))

describe('a suspected split (1.2)', () => {
  it('is a step from a close to the next open, whatever the day then does', () => {
    const bars = barsOf([3190, 3200], [3200, 3240], [64.9, 67.9])

    expect(suspectedSplit(bars)).toEqual({ index: 2, date: dateAt(2), ratio: 50 })
    expect(barsAfterSplit(bars)).toEqual(bars.slice(2))
  })

  it.each([2, 3, 4, 5, 10, 15, 20, 25, 50, 100, 200, 1.5, 2.5, 1 / 30, 1 / 190, 1 / 100, 1 / 2])(
    'has the ratio %f, also when the price moved by 3 %% in the night',
    (ratio) => {
      const exact = suspectedSplit(barsOf([100, 100], [100 / ratio, 100 / ratio]))
      const moved = suspectedSplit(barsOf([100, 100], [103 / ratio, 103 / ratio]))

      expect(exact?.ratio).toBeCloseTo(ratio, 12)
      // from 13 on whole numbers lie closer than the price moved
      if (ratio < 13 && ratio > 1 / 13) expect(moved?.ratio).toBeCloseTo(ratio, 12)
      else expect(moved).not.toBeNull()
    },
  )

  it.each([1.01, 1.3, 1.43, 1.6, 1.8, 2.2, 2.7, 3.5, 0.75, 300])('is not a gap of %f', (ratio) => {
    expect(suspectedSplit(barsOf([100, 100], [100 / ratio, 100 / ratio]))).toBeNull()
  })

  it.each([8.4, 9.55, 10.45, 11.5])('is a step of %f, which is no ordinary gap', (ratio) => {
    expect(suspectedSplit(barsOf([100, 100], [100 * ratio, 100 * ratio]))).not.toBeNull()
  })

  it('is not a fall within a day', () => {
    expect(suspectedSplit(barsOf([100, 100], [100, 50], [50, 50]))).toBeNull()
  })

  it('is the newest one of several', () => {
    expect(suspectedSplit(barsOf([100, 100], [50, 50], [10, 10], [10, 11]))).toMatchObject({
      index: 2,
      ratio: 5,
    })
  })

  it('does not occur in an ordinary series', () => {
    const bars = dailySeries(400)

    expect(suspectedSplit(bars)).toBeNull()
    expect(barsAfterSplit(bars)).toEqual(bars)
    expect(suspectedSplit([])).toBeNull()
  })
})
