import type { Json } from '../json.ts'

/** Largest ratio of two members that can belong together, such as open and close. */
const MAX_RATIO = 1.5

/** Whether a value is a positive number, or a text of one. */
export function isQuantity(value: Json): boolean {
  if (typeof value !== 'number' && typeof value !== 'string') return false
  return value !== '' && Number.isFinite(Number(value)) && Number(value) > 0 && Number(value) < 1e12
}

/** Whether two quantities can be two figures of one thing. */
export function areClose(a: Json, b: Json): boolean {
  const ratio = Number(a) / Number(b)
  return ratio < MAX_RATIO && ratio > 1 / MAX_RATIO
}

/** A quantity times a factor, in the type of the good one. */
export function scaled(value: Json, factor: number): Json {
  const product = Number(value) * factor
  return typeof value === 'string' ? product.toFixed(8) : product
}
