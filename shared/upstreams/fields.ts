import * as z from 'zod/mini'
import { ExactNumber, plainDecimal } from '#shared/domain/json.ts'

/**
 * A JSON number as a decimal string without exponent and without loss of digits. Refuses numbers in strings, NaN and
 * infinities.
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

/** An optional member of any type: its reader validates it, so that one invalid row does not reject the whole list. */
export const optionalUnknown = () => z.optional(z.unknown())

/**
 * A quantity that a provider sends as text, as a decimal without exponent; `null` for anything else: an empty text or
 * another notation of "no value", a JSON number, an absent member.
 */
export function decimalText(value: unknown): string | null {
  return typeof value === 'string' ? (plainDecimal(value) ?? null) : null
}

/** Epoch milliseconds before the year 10,000 that a provider sends as text; `null` for anything else. */
export function epochText(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? epochNumber(Number(value)) : null
}

/** Epoch milliseconds before the year 10,000 that a provider sends as a JSON number; `null` for anything else. */
export function epochNumber(value: unknown): number | null {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < YEAR_10_000
    ? (value as number)
    : null
}

const YEAR_10_000 = Date.UTC(10_000, 0)

/** The type of a value for error messages, which never contain the value itself. */
function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  return Number.isNaN(value) ? 'NaN' : `a ${typeof value}`
}
