import * as z from 'zod/mini'
import { ExactNumber, plainDecimal } from './json.ts'

/**
 * A JSON number as a decimal string without exponent; no digit lost. Numbers in strings, NaN and infinities are
 * refused.
 */
export const decimalNumber = () =>
  z.pipe(
    z.transform((value: unknown, context) => {
      const source =
        value instanceof ExactNumber ? value.source : Number.isFinite(value) ? String(value) : undefined
      const text = source === undefined ? undefined : plainDecimal(source)
      if (text !== undefined) return text
      context.issues.push({
        code: 'custom',
        message: `expected a finite JSON number, got ${kindOf(value)}`,
        input: value,
      })
      return z.NEVER
    }),
    z.string(),
  )

/** A JSON integer that a double holds exactly. */
export const wholeNumber = () => z.int()

/** What a value is, in a word, for messages: never the value itself. */
function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  return Number.isNaN(value) ? 'NaN' : `a ${typeof value}`
}
