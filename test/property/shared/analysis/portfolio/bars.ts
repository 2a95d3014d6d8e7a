import fc from 'fast-check'
import type { DailyRow } from '#shared/analysis/portfolio/daily-bars.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { anyPositive, prices } from '../prices.ts'

const DAY_MS = 86_400_000

function dateAt(index: number): string {
  return new Date(index * DAY_MS).toISOString().slice(0, 10)
}

const anyVolume = fc.option(fc.oneof(fc.constant(0), anyPositive), { freq: 10 })

function barAt(index: number, open: number, close: number, volume: number | null): DailyBar {
  return {
    date: dateAt(index),
    open,
    high: Math.max(open, close),
    low: Math.min(open, close),
    close,
    volume,
  }
}

/** Valid bars, one per day, with prices and volumes of any size, some volumes absent. */
export function anyBars(maxLength: number): fc.Arbitrary<DailyBar[]> {
  const closes = fc.oneof(prices(0, maxLength), fc.array(anyPositive, { maxLength, size: 'max' }))
  return closes.chain((values) =>
    fc
      .array(anyVolume, { minLength: values.length, maxLength: values.length, size: 'max' })
      .map((volumes) =>
        values.map((close, index) => barAt(index, values[index - 1] ?? close, close, volumes[index] ?? null)),
      ),
  )
}

const anyNumber = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 9.99, max: 10.01, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY) },
)

/** Rows of an answer, in any order: some of the same date, some incomplete, some that contradict themselves. */
export const anyRows: fc.Arbitrary<DailyRow[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.nat(60), fc.double({ min: 9.9, max: 10.1, noNaN: true }), anyVolume)
        .map(([day, close, volume]) => barAt(day, 10, close, volume)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(60), fc.constantFrom(0.1, 5, 1_000))
        .map(([day, close]) => barAt(day, close, close, 1)),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        date: fc.oneof(fc.nat(80).map(dateAt), fc.constantFrom('', '1970-02-30', '19700101')),
        open: anyNumber,
        high: anyNumber,
        low: anyNumber,
        close: anyNumber,
        volume: anyNumber,
      }),
    },
  ),
  { maxLength: 80 },
)

/** A date that some of the rows are later than. */
export const LAST_FINISHED = dateAt(55)
