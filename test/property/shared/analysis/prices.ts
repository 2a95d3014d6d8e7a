import fc from 'fast-check'
import type { Candle } from '#shared/analysis/candles.ts'

const STEP_MS = 900_000

/** Anything a double holds above 0, the largest and the smallest more often. */
export const anyPositive = fc.double({
  min: Number.MIN_VALUE,
  max: Number.MAX_VALUE,
  noNaN: true,
  noDefaultInfinity: true,
})

/** A price of any size that occurs, from 1e-8 to 1e8. */
const anyPrice = fc
  .tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -8, max: 7 }))
  .map(([digits, exponent]) => digits * 10 ** exponent)

/** So many prices: a walk, with stretches that stand still and jumps by any size. */
export function prices(minLength: number, maxLength: number): fc.Arbitrary<number[]> {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: 0.95, max: 1.05, noNaN: true }) },
    { weight: 2, arbitrary: fc.constant(1) },
  )
  const steps = fc.oneof(
    { weight: 4, arbitrary: fc.array(step, { minLength, maxLength, size: 'max' }) },
    { weight: 1, arbitrary: fc.array(fc.constant(1), { minLength, maxLength, size: 'max' }) },
  )
  const walk = fc.tuple(anyPrice, steps).map(([start, factors]) => {
    let price = start
    return factors.map((factor) => {
      price *= factor
      return price
    })
  })
  return fc.oneof(
    { weight: 3, arbitrary: walk },
    { weight: 1, arbitrary: fc.array(anyPrice, { minLength, maxLength, size: 'max' }) },
  )
}

/** Bars of 15 minutes that close at these prices and open where the one before closed. */
export function barsOf(closes: readonly number[]): Candle[] {
  return closes.map((close, index) => {
    const open = closes[index - 1] ?? close
    return {
      openTime: index * STEP_MS,
      closeTime: (index + 1) * STEP_MS - 1,
      open,
      high: Math.max(open, close) * (1 + (index % 3) / 100),
      low: Math.min(open, close) * (1 - (index % 5) / 100),
      close,
      volume: 100 + (index % 7) * 10,
      quoteVolume: 1,
    }
  })
}
