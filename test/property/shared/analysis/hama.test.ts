import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candle } from '#shared/analysis/candles.ts'
import { hamaAnalysis } from '#shared/analysis/hama.ts'
import { type HamaPresetName, hamaCandles, hamaPresets } from '#shared/analysis/hama-candles.ts'
import { hamaConditions, hamaRecord } from '#shared/analysis/hama-record.ts'
import { crosses } from '#shared/analysis/momentum.ts'
import { anyPositive, barsOf, prices } from './prices.ts'

const STEP_MS = 900_000
const LATER = 5_000 * STEP_MS

const anyPreset = fc.constantFrom(...(Object.keys(hamaPresets) as HamaPresetName[]))

function analysed(bars: readonly Candle[], preset: HamaPresetName, now = LATER) {
  return hamaAnalysis(bars, { preset, now })
}

/** Bars of any positive numbers, the high merely not below the low. */
const anyBars = fc
  .array(fc.tuple(anyPositive, anyPositive, anyPositive, anyPositive, anyPositive), {
    maxLength: 450,
    size: 'max',
  })
  .map((rows) =>
    rows.map(([open, one, other, close, volume], index) => ({
      openTime: index * STEP_MS,
      closeTime: (index + 1) * STEP_MS - 1,
      open,
      high: Math.max(one, other),
      low: Math.min(one, other),
      close,
      volume,
      quoteVolume: volume,
    })),
  )

function scaled(bars: readonly Candle[], scale: number): Candle[] {
  return bars.map((bar) => ({
    ...bar,
    open: bar.open * scale,
    high: bar.high * scale,
    low: bar.low * scale,
    close: bar.close * scale,
  }))
}

describe('an analysis', () => {
  it('loses nothing on its way through JSON, whatever positive numbers the bars hold', () => {
    fc.assert(
      fc.property(anyBars, anyPreset, (bars, preset) => {
        const got = analysed(bars, preset, (bars.length - 1) * STEP_MS)
        const record = hamaRecord(got, { symbol: 'X', at: LATER })

        expect(JSON.parse(JSON.stringify(got))).toEqual(got)
        expect(JSON.parse(JSON.stringify(record))).toEqual(record)
      }),
      { numRuns: 60 },
    )
  })

  it('is the same in any unit', () => {
    fc.assert(
      fc.property(
        prices(0, 450),
        anyPreset,
        fc.integer({ min: -20, max: 20 }),
        (closes, preset, exponent) => {
          const bars = barsOf(closes)
          const scale = 2 ** exponent
          const times = (value: number | null) => (value === null ? null : value * scale)

          const other = analysed(scaled(bars, scale), preset)

          const got = analysed(bars, preset)
          expect(other).toEqual({
            ...got,
            open: times(got.open),
            high: times(got.high),
            low: times(got.low),
            close: times(got.close),
            average: times(got.average),
            bands: {
              ...got.bands,
              upper: times(got.bands.upper),
              middle: times(got.bands.middle),
              lower: times(got.bands.lower),
            },
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('does not see the running bar but for its price', () => {
    fc.assert(
      fc.property(prices(1, 450), anyPreset, (closes, preset) => {
        const bars = barsOf(closes)
        const now = (bars.length - 1) * STEP_MS

        const got = analysed(bars, preset, now)

        const { realtimePrice, priceVsAverage, ...rest } = got
        const {
          realtimePrice: none,
          priceVsAverage: nothing,
          ...closed
        } = analysed(bars.slice(0, -1), preset)
        expect(rest).toEqual(closed)
        expect([none, nothing]).toEqual([null, null])
        expect(realtimePrice).toBe(closes.at(-1))
        expect(priceVsAverage === null).toBe(got.average === null)
      }),
      { numRuns: 60 },
    )
  })

  it('counts gaps and takes no notice of them', () => {
    fc.assert(
      fc.property(
        prices(1, 300),
        fc.array(fc.nat(3), { minLength: 300, maxLength: 300 }),
        (closes, holes) => {
          const bars = barsOf(closes)
          let shift = 0
          const holed = bars.map((bar, index) => {
            shift += index === 0 ? 0 : (holes[index] ?? 0) * STEP_MS
            return { ...bar, openTime: bar.openTime + shift, closeTime: bar.closeTime + shift }
          })

          const { gaps, asOf, lastCross, ...got } = analysed(holed, 'pine')

          const { gaps: none, asOf: end, lastCross: cross, ...whole } = analysed(bars, 'pine')
          expect(got).toEqual(whole)
          expect(none).toBe(0)
          expect(gaps).toBe(holes.slice(1, bars.length).reduce((sum, hole) => sum + hole, 0))
          expect(asOf).toBe((end ?? 0) + shift)
          expect(lastCross?.direction).toBe(cross?.direction)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('never contradicts itself', () => {
    fc.assert(
      fc.property(prices(0, 450), anyPreset, (closes, preset) => {
        const got = analysed(barsOf(closes), preset)
        const { recommendation, lastCross, confidence, deviationPct, close, average } = got
        const conditions = hamaConditions(got)

        const side = recommendation === 'BUY' ? 1 : -1
        if (recommendation !== 'HOLD') {
          expect(lastCross?.direction).toBe(side)
          expect(Math.sign((close ?? 0) - (average ?? 0))).toBe(side)
          expect(deviationPct).toBeGreaterThanOrEqual(0.1)
          expect(confidence).toBeGreaterThan(0.7)
          expect(confidence).toBeLessThanOrEqual(1)
        } else {
          expect(confidence === null || confidence === 0.3).toBe(true)
        }
        expect(confidence === null).toBe(got.bars < hamaPresets[preset].barsNeeded)
        expect(conditions.meets_buy_criteria && conditions.meets_sell_criteria).toBe(false)
        expect(conditions.is_uptrend).toBe(recommendation === 'BUY')
        expect(conditions.is_downtrend).toBe(recommendation === 'SELL')
      }),
      { numRuns: 100 },
    )
  })

  it('of one bar shows nothing but that it is too little', () => {
    fc.assert(
      fc.property(prices(1, 1), anyPreset, (closes, preset) => {
        expect(analysed(barsOf(closes), preset)).toMatchObject({
          bars: 1,
          close: null,
          average: null,
          lastCross: null,
          recommendation: 'HOLD',
          confidence: null,
          note: 'insufficient history',
        })
      }),
    )
  })

  it('of bars that never move takes no side', () => {
    fc.assert(
      fc.property(anyPositive, fc.integer({ min: 120, max: 450 }), anyPreset, (price, bars, preset) => {
        fc.pre(price < 1e300)
        const still = barsOf(Array.from({ length: bars }, () => price)).map((bar) => ({
          ...bar,
          high: price,
          low: price,
        }))

        expect(analysed(still, preset)).toMatchObject({
          close: price,
          average: price,
          deviationPct: 0,
          lastCross: null,
          recommendation: 'HOLD',
          confidence: 0.3,
        })
      }),
      { numRuns: 60 },
    )
  })
})

describe('HAMA candles', () => {
  it('and their crosses keep what they were when later bars are added', () => {
    fc.assert(
      fc.property(prices(0, 300), fc.nat(300), anyPreset, (closes, cut, preset) => {
        const bars = barsOf(closes)
        const whole = hamaCandles(bars, hamaPresets[preset])

        const before = hamaCandles(bars.slice(0, cut), hamaPresets[preset])

        for (const name of ['open', 'high', 'low', 'close', 'average'] as const) {
          expect(whole[name].slice(0, cut)).toEqual(before[name])
        }
        const early = crosses(whole.close, whole.average).filter(({ index }) => index < cut)
        expect(crosses(before.close, before.average)).toEqual(early)
      }),
      { numRuns: 100 },
    )
  })

  it('move with their bars', () => {
    fc.assert(
      fc.property(
        prices(0, 300),
        fc.double({ min: 0, max: 1e8, noNaN: true }),
        anyPreset,
        (closes, by, preset) => {
          const bars = barsOf(closes)
          const higher = bars.map((bar) => ({
            ...bar,
            open: bar.open + by,
            high: bar.high + by,
            low: bar.low + by,
            close: bar.close + by,
          }))
          const size = Math.max(...bars.map(({ high }) => high), 0) + by

          const moved = hamaCandles(higher, hamaPresets[preset])

          const candles = hamaCandles(bars, hamaPresets[preset])
          for (const name of ['open', 'high', 'low', 'close', 'average'] as const) {
            candles[name].forEach((value, index) => {
              const distance = value === null ? 0 : Math.abs((moved[name][index] ?? Number.NaN) - by - value)
              expect(distance).toBeLessThanOrEqual(1e-13 * size)
            })
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
