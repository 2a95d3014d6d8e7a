import fc from 'fast-check'
import { BollingerBands, EMA, RSI, SMA, WMA, WSMA } from 'trading-signals'
import { describe, expect, it } from 'vitest'
import { macd, rsi } from '#shared/analysis/momentum.ts'
import { ema, sma, wilderAverage, wma } from '#shared/analysis/moving-averages.ts'
import type { Series } from '#shared/analysis/series.ts'
import { atr, bollingerBands, percentileRank, standardDeviation } from '#shared/analysis/volatility.ts'
import { obv } from '#shared/analysis/volume.ts'
import { anyPositive, barsOf, prices } from './prices.ts'

const averages = { sma, wma, ema, wilderAverage }
const anyPeriod = fc.integer({ min: 1, max: 60 })

/** Every series that is computed of closes. */
function everySeries(closes: readonly number[], period: number): Readonly<Record<string, Series>> {
  const bars = barsOf(closes)
  const bands = bollingerBands(closes, period)
  return {
    sma: sma(closes, period),
    wma: wma(closes, period),
    ema: ema(closes, period),
    wilder: wilderAverage(closes, period),
    deviation: standardDeviation(closes, period),
    ...bands,
    rank: percentileRank(bands.width, 20, 3),
    rsi: rsi(closes, period),
    ...macd(closes, { fast: 2, slow: 5, signal: 3 }),
    atr: atr(bars, period),
    obv: obv(bars),
  }
}

/** The sum without the error of summing. @see Arnold Neumaier, ZAMM 54 (1974) */
function exactSum(values: readonly number[]): number {
  let sum = 0
  let lost = 0
  for (const value of values) {
    const next = sum + value
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return sum + lost
}

describe('sums that slide', () => {
  const weights = { sma: () => 1, wma: (place: number) => place + 1 }

  it.each([
    ['sma', sma],
    ['wma', wma],
  ] as const)('%s is each window summed alone, whatever scales have passed before it', (name, average) => {
    const weight = weights[name]
    const series = prices(1, 1_000).chain((values) =>
      fc.record({ values: fc.constant(values), period: fc.integer({ min: 1, max: 400 }) }),
    )

    fc.assert(
      fc.property(series, ({ values, period }) => {
        const got = average(values, period)

        const divisor = exactSum(Array.from({ length: period }, (_, place) => weight(place)))
        for (let index = period - 1; index < values.length; index += 7) {
          const window = values.slice(index + 1 - period, index + 1)
          const expected = exactSum(window.map((value, place) => weight(place) * value)) / divisor
          expect(Math.abs((got[index] ?? Number.NaN) / expected - 1)).toBeLessThan(1e-12)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('a fall by sixteen digits leaves nothing behind in the windows after it', () => {
    const values = Array.from({ length: 1_000 }, (_, i) => (i < 300 ? 1e8 : 1e-8) * (1 + (i % 13) / 100))

    for (const average of [sma, wma]) {
      const whole = average(values, 100)
      const alone = average(values.slice(300), 100)

      for (let i = 400; i < 1_000; i += 1) {
        expect(Math.abs((whole[i] ?? Number.NaN) / (alone[i - 300] ?? Number.NaN) - 1)).toBeLessThan(1e-13)
      }
    }
  })
})

describe.each(Object.entries(averages))('%s', (_, average) => {
  it('stays between the smallest and the greatest value', () => {
    fc.assert(
      fc.property(prices(1, 120), anyPeriod, (values, period) => {
        const least = Math.min(...values) * (1 - 1e-13)
        const most = Math.max(...values) * (1 + 1e-13)

        for (const value of average(values, period)) {
          expect(value === null || (value >= least && value <= most)).toBe(true)
        }
      }),
    )
  })

  it('of equal values is exactly that value', () => {
    fc.assert(
      fc.property(anyPositive, anyPeriod, (value, period) => {
        const values = Array.from({ length: period + 5 }, () => value)

        expect(average(values, period).slice(period - 1)).toEqual(Array.from({ length: 6 }, () => value))
      }),
    )
  })

  it('moves with its values', () => {
    fc.assert(
      fc.property(
        prices(1, 120),
        anyPeriod,
        fc.double({ min: -1e8, max: 1e8, noNaN: true }),
        (values, period, by) => {
          const size = Math.max(...values) + Math.abs(by)

          const moved = average(
            values.map((value) => value + by),
            period,
          )

          average(values, period).forEach((value, index) => {
            const distance = value === null ? 0 : Math.abs((moved[index] ?? Number.NaN) - by - value)
            expect(distance).toBeLessThanOrEqual(1e-13 * size)
          })
        },
      ),
    )
  })
})

describe('every series', () => {
  it('keeps its values when later bars are added', () => {
    fc.assert(
      fc.property(prices(1, 150), anyPeriod, fc.nat(150), (values, period, cut) => {
        const whole = everySeries(values, period)

        const before = everySeries(values.slice(0, cut), period)

        for (const [name, series] of Object.entries(before))
          expect(whole[name]?.slice(0, cut)).toEqual(series)
      }),
    )
  })

  it('has one value per bar, finite or null, for whatever is positive', () => {
    const values = fc.oneof(prices(0, 80), fc.array(anyPositive, { maxLength: 80 }))

    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (closes, period) => {
        for (const series of Object.values(everySeries(closes, period))) {
          expect(series).toHaveLength(closes.length)
          expect(series.every((value) => value === null || Number.isFinite(value))).toBe(true)
        }
      }),
    )
  })

  it('measured in another unit is the same, or the same in that unit', () => {
    const unitless = new Set(['rsi', 'width', 'rank', 'obv'])

    fc.assert(
      fc.property(
        prices(1, 150),
        anyPeriod,
        fc.integer({ min: -20, max: 20 }),
        (values, period, exponent) => {
          const unit = 2 ** exponent

          const other = everySeries(
            values.map((value) => value * unit),
            period,
          )

          for (const [name, series] of Object.entries(everySeries(values, period))) {
            const scale = unitless.has(name) ? 1 : unit
            expect(other[name]).toEqual(series.map((value) => (value === null ? null : value * scale)))
          }
        },
      ),
    )
  })
})

describe('another library has the same values', () => {
  interface Streaming<T> {
    update(value: number, replace: boolean): T | null
  }

  function streamed<T>(indicator: Streaming<T>, values: readonly number[]): (T | null)[] {
    return values.map((value) => indicator.update(value, false))
  }

  function expectNear(got: Series, expected: Series, tolerance: number): void {
    got.forEach((value, index) => {
      const other = expected[index] ?? null
      const isNear = value === null || other === null ? value === other : Math.abs(value - other) <= tolerance
      expect(isNear, `at ${index}: expected ${other}, got ${value}`).toBe(true)
    })
  }

  it.each([
    ['SMA', sma, (period: number) => new SMA(period)],
    ['WMA', wma, (period: number) => new WMA(period)],
    ['Wilder’s average', wilderAverage, (period: number) => new WSMA(period)],
  ] as const)('of %s', (_, average, oracle) => {
    fc.assert(
      fc.property(prices(1, 150), anyPeriod, (values, period) => {
        expectNear(average(values, period), streamed(oracle(period), values), 1e-12 * Math.max(...values))
      }),
    )
  })

  it('of RSI, where something moved', () => {
    fc.assert(
      fc.property(prices(16, 150), (values) => {
        fc.pre(values[0] !== values[1])

        expectNear(rsi(values), streamed(new RSI(14), values), 1e-6)
      }),
    )
  })

  it('of Bollinger bands', () => {
    fc.assert(
      fc.property(prices(1, 150), fc.integer({ min: 2, max: 60 }), (values, period) => {
        const bands = streamed(new BollingerBands(period, 2), values)

        const { upper, middle, lower } = bollingerBands(values, period)

        const near = 1e-7 * Math.max(...values)
        const of = (name: 'upper' | 'middle' | 'lower') => bands.map((band) => band?.[name] ?? null)
        expectNear(upper, of('upper'), near)
        expectNear(middle, of('middle'), near)
        expectNear(lower, of('lower'), near)
      }),
    )
  })

  it('of EMA, once the way it begins is forgotten', () => {
    fc.assert(
      fc.property(prices(600, 700), fc.integer({ min: 1, max: 20 }), (values, period) => {
        const got = ema(values, period).slice(500)

        const expected = streamed(new EMA(period), values).slice(500)

        expectNear(got, expected, 1e-12 * Math.max(...values))
      }),
      { numRuns: 30 },
    )
  })
})
