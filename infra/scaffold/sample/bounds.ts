import type { Bounds } from '#shared/upstreams/fields.ts'

/** Factor between the values of a sample and the bounds that are assumed for them. */
const FACTOR = 100

/** Bounds for a field of which every value of the sample is 0. */
const OF_ZEROS: Bounds = { min: 0, max: 1e12 }

/**
 * Bounds that are assumed for a figure: powers of ten, at least a hundred times below and above the values of the sample. With
 * 0 among them, 0 is the lower bound; with a negative one, both bounds have the same magnitude.
 */
export function assumedBounds(values: readonly number[]): Bounds {
  const magnitudes = values.map(Math.abs)
  const largest = Math.max(...magnitudes)
  if (largest === 0) return OF_ZEROS
  const max = 10 ** Math.ceil(Math.log10(largest * FACTOR))
  if (values.some((value) => value < 0)) return { min: -max, max }
  const smallest = Math.min(...magnitudes)
  return { min: smallest === 0 ? 0 : powerOfTen(Math.floor(Math.log10(smallest / FACTOR))), max }
}

/** As {@link assumedBounds}, for numbers that count or identify: from 0, or 1. */
export function assumedWholeBounds(values: readonly number[]): Bounds {
  const { min, max } = assumedBounds(values)
  return { min: min < 0 ? min : Math.min(1, ...values), max: Math.min(max, Number.MAX_SAFE_INTEGER) }
}

/** Without the error of `10 ** -5`. */
function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`)
}
