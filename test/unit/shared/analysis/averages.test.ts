import { describe, expect, it } from 'vitest'
import { crosses } from '#shared/analysis/momentum.ts'
import { ema, sma, wilderAverage, wma } from '#shared/analysis/moving-averages.ts'
import { finiteOrNull } from '#shared/analysis/series.ts'
import { percentileRank, standardDeviation } from '#shared/analysis/volatility.ts'
import { volumeConfirmation } from '#shared/analysis/volume.ts'

const averages = { sma, wma, ema, wilderAverage, standardDeviation }

describe('moving averages by hand', () => {
  it('sma is the plain mean of the window', () => {
    expect(sma([1, 2, 3, 4, 8], 3)).toEqual([null, null, 2, 3, 5])
  })

  it('wma gives the newest value the greatest weight', () => {
    expect(wma([1, 2, 3, 4, 8], 3)).toEqual([null, null, 14 / 6, 20 / 6, 35 / 6])
  })

  it('ema begins with the plain mean and then moves by 2/(n + 1) of the way', () => {
    expect(ema([1, 2, 3, 4, 8], 3)).toEqual([null, null, 2, 3, 5.5])
  })

  it('wilderAverage begins with the plain mean and then moves by 1/n of the way', () => {
    const values = wilderAverage([1, 2, 3, 5, 8], 3)

    expect(values.slice(0, 4)).toEqual([null, null, 2, 3])
    expect(values[4]).toBeCloseTo((2 * 3 + 8) / 3, 12)
  })

  it('standardDeviation divides by the number of values, not by one less', () => {
    expect(standardDeviation([1, 3, 5, 5], 2)).toEqual([null, 1, 1, 0])
  })
})

describe.each(Object.entries(averages))('%s', (_, average) => {
  it('has one value per input, none while warming up', () => {
    expect(average([5, 6, 7, 8], 5)).toEqual([null, null, null, null])
    expect(average([], 3)).toEqual([])
    expect(average([5, 6, 7, 8], 4).map((value) => value === null)).toEqual([true, true, true, false])
  })

  it('has no value wherever the window holds none', () => {
    const values = average([null, 1, 2, null, 4, 5, 6], 2)

    expect(values.map((value) => value === null)).toEqual([true, true, false, true, true, false, false])
  })

  it('has no value where a sum leaves double precision, and has one again behind it', () => {
    const values = average([1e308, 1e308, 1.7e308, 1, 2, 3, 4], 2)

    expect(values.every((value) => value === null || Number.isFinite(value))).toBe(true)
    expect(values.at(-1)).not.toBeNull()
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses a period of %s', (period) => {
    expect(() => average([1, 2, 3], period)).toThrow(RangeError)
  })
})

describe('crosses', () => {
  it('are where a series passes another, and where it leaves it after touching it', () => {
    const crossings = crosses([1, 3, 2, 2, 3, 1, 2, 1], [2, 2, 2, 2, 2, 2, 2, 2])

    expect(crossings).toEqual([
      { index: 1, direction: 1 },
      { index: 4, direction: 1 },
      { index: 5, direction: -1 },
      { index: 7, direction: -1 },
    ])
  })

  it('are not made by a distance that is mere rounding', () => {
    expect(crosses([1, 1 + 1e-13, 1 - 1e-13, 1], [1, 1, 1, 1])).toEqual([])
    expect(crosses([1, 1 + 1e-11, 1], [1, 1, 1])).toEqual([{ index: 1, direction: 1 }])
  })

  it('need both values on both bars', () => {
    expect(crosses([1, null, 3, 1], [2, 2, null, 2])).toEqual([])
    expect(crosses([1, 3], [2])).toEqual([])
    expect(crosses([], [])).toEqual([])
  })
})

describe('percentileRank', () => {
  it('is the share of the newest values at or below the value, in percent', () => {
    expect(percentileRank([1, 3, 2, 2, 5], 4, 2)).toEqual([null, 100, (100 * 2) / 3, 75, 100])
  })

  it('leaves out what is not there', () => {
    expect(percentileRank([null, 4, null, 3], 3, 2)).toEqual([null, null, null, 50])
  })
})

describe('volumeConfirmation', () => {
  const usual = Array.from({ length: 20 }, () => 100)
  const confirmed = (volumes: readonly number[]) => volumeConfirmation(volumes.map((volume) => ({ volume })))

  it('is a volume above 1.2 times the mean of the 20 bars before', () => {
    expect(confirmed([...usual, 120.01])).toBe(true)
    expect(confirmed([...usual, 120])).toBe(false)
    expect(confirmed([9_999, ...usual, 121])).toBe(true)
  })

  it('has no value below 21 bars', () => {
    expect(confirmed([...usual.slice(1), 500])).toBeNull()
    expect(confirmed([])).toBeNull()
  })
})

it('a number that is not finite is absent', () => {
  expect([1, Number.NaN, Number.POSITIVE_INFINITY, -0].map(finiteOrNull)).toEqual([1, null, null, -0])
})
