import * as z from 'zod/mini'
import { ExactNumber, plainDecimal } from '#shared/domain/json.ts'

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

/** A member of any kind that may be absent: whoever reads it judges it, so that one bad row does not spoil a list. */
export const optionalUnknown = () => z.optional(z.unknown())

/**
 * A quantity that a provider writes as text, as a decimal without exponent; `null` for everything else: the spellings
 * of "no value" (an empty text above all), a JSON number, an absent member.
 */
export function decimalText(value: unknown): string | null {
  return typeof value === 'string' ? (plainDecimal(value) ?? null) : null
}

/** Milliseconds since the epoch, of a year before 10,000, that a provider writes as text; `null` for everything else. */
export function epochText(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? epochNumber(Number(value)) : null
}

/** The same, written as a JSON number. */
export function epochNumber(value: unknown): number | null {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < YEAR_10_000
    ? (value as number)
    : null
}

const YEAR_10_000 = Date.UTC(10_000, 0)

/** What a value is, in a word, for messages: never the value itself. */
function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  return Number.isNaN(value) ? 'NaN' : `a ${typeof value}`
}
