import fc from 'fast-check'
import { BollingerBands, EMA, RSI, SMA, WSMA } from 'trading-signals'
import { describe, expect, it } from 'vitest'
import { positionScores } from '#shared/analysis/portfolio/position-scores.ts'
import { rounded, technicalRecord } from '#shared/analysis/portfolio/technical-record.ts'
import { trueRange } from '#shared/analysis/volatility.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { anyBars } from './bars.ts'

/** A bar at prices that are so many times larger. */
function scaled(bar: DailyBar, ratio: number): DailyBar {
  const { open, high, low, close } = bar
  return { ...bar, open: open * ratio, high: high * ratio, low: low * ratio, close: close * ratio }
}

const anyScore = fc.option(fc.double({ min: 0, max: 100, noNaN: true }))

describe('a record of any bars', () => {
  it('loses nothing on its way through JSON: no NaN, no infinity, no −0 once it is rounded', () => {
    fc.assert(
      fc.property(anyBars(260), (bars) => {
        const record = technicalRecord('X', bars)

        expect(JSON.parse(JSON.stringify(rounded(record)))).toEqual(rounded(record))
        for (const [name, value] of Object.entries(record)) {
          if (typeof value === 'number') expect(Number.isFinite(value), name).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('has a reason for each null', () => {
    fc.assert(
      fc.property(anyBars(260), (bars) => {
        const { reasons, bars_from, ...members } = technicalRecord('X', bars)

        const absent = Object.entries(members).flatMap(([name, value]) => (value === null ? [name] : []))
        const named = Object.entries(reasons).flatMap(([name, reason]) => (reason === 'flat' ? [] : [name]))
        const lists = bars.length < 5 ? ['support_levels', 'resistance_levels'] : []
        expect(named.sort()).toEqual([...absent, ...lists].sort())
        expect(bars_from).toBe(bars[0]?.date ?? null)
      }),
      { numRuns: 60 },
    )
  })

  it('does not change with the bars before a split', () => {
    fc.assert(
      fc.property(anyBars(120), fc.nat(120), fc.constantFrom(1.5, 2.5, 2, 10, 190), (bars, cut, ratio) => {
        const after = bars.slice(cut)
        const before = bars.slice(0, cut).map((bar) => scaled(bar, ratio))
        // the smallest doubles cannot be scaled exactly
        const isScalable = before.every(({ high, low }) => Number.isFinite(high) && low > 1e-300)
        fc.pre(after.length > 0 && isScalable)

        expect(technicalRecord('X', [...before, ...after])).toEqual(technicalRecord('X', after))
      }),
      { numRuns: 60 },
    )
  })

  it('has scores from 0 to 100, finite or null, with any fundamentals', () => {
    fc.assert(
      fc.property(anyBars(260), anyScore, fc.boolean(), (bars, fundamental, hasRecentBar) => {
        const scores = positionScores({ technical: technicalRecord('X', bars), fundamental, hasRecentBar })

        expect(JSON.parse(JSON.stringify(scores))).toEqual(scores)
        const { technical_score, sentiment_score, overall_score, target_position } = scores
        for (const score of [technical_score, sentiment_score, overall_score]) {
          expect(score === null || (score >= 0 && score <= 100)).toBe(true)
        }
        expect(target_position === null || (target_position >= 0 && target_position <= 1)).toBe(true)
        expect((overall_score === null) === (scores.risk_level === null)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})

describe('another library has the same values', () => {
  /** An ordinary year: prices without jumps, so that no split is suspected. */
  const year = fc
    .array(fc.tuple(fc.double({ min: 0.97, max: 1.03, noNaN: true }), fc.nat(1_000_000)), {
      minLength: 260,
      maxLength: 300,
      size: 'max',
    })
    .map((days) => {
      let price = 100
      return days.map(([factor, volume], index): DailyBar => {
        const open = price
        price *= factor
        const date = new Date(index * 86_400_000).toISOString().slice(0, 10)
        return { date, open, high: Math.max(open, price), low: Math.min(open, price), close: price, volume }
      })
    })

  interface Streaming<T> {
    update(value: number, replace: boolean): T | null
  }

  function newestOf<T>(indicator: Streaming<T>, values: readonly number[]): T {
    const results = values.map((value) => indicator.update(value, false))
    return results.at(-1) as T
  }

  function expectNear(value: number | null, expected: number): void {
    expect(Math.abs((value ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, expected))
  }

  it('of averages, bands, RSI, ATR and the mean volume', () => {
    fc.assert(
      fc.property(year, (bars) => {
        const closes = bars.map(({ close }) => close)
        const volumes = bars.map(({ volume }) => volume ?? 0)
        const ranges = trueRange(bars).filter((range) => range !== null)
        const bands = newestOf(new BollingerBands(20, 2), closes)

        const record = technicalRecord('X', bars)

        expectNear(record.ma5, newestOf(new SMA(5), closes))
        expectNear(record.ma50, newestOf(new SMA(50), closes))
        expectNear(record.ma200, newestOf(new SMA(200), closes))
        expectNear(record.volume_sma20, newestOf(new SMA(20), volumes))
        expectNear(record.rsi14, newestOf(new RSI(14), closes))
        expectNear(record.bb_upper, bands.upper)
        expectNear(record.bb_middle, bands.middle)
        expectNear(record.bb_lower, bands.lower)
        expectNear(record.atr14, newestOf(new WSMA(14), ranges))
      }),
      { numRuns: 30 },
    )
  })

  it('of the MACD line, once the way its averages begin is forgotten', () => {
    fc.assert(
      fc.property(year, (bars) => {
        const closes = bars.map(({ close }) => close)
        const fast = newestOf(new EMA(12), closes)
        const slow = newestOf(new EMA(26), closes)

        const { macd } = technicalRecord('X', bars)

        // 260 bars leave (25/27)^234 of a different first value
        expect(Math.abs((macd ?? Number.NaN) - (fast - slow)) / slow).toBeLessThan(1e-7)
      }),
      { numRuns: 30 },
    )
  })
})
