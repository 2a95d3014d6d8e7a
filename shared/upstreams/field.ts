import * as z from 'zod/mini'
import { ExactNumber } from '#shared/domain/json.ts'

/* What every field type of a provider's body is made of. */

/** The result of a value of the right type that is beyond its bounds. */
export const BEYOND: unique symbol = Symbol('beyond its bounds')

/** Issues with these parameters mean an implausible value, the others a body of another form. */
const BEYOND_BOUNDS = { isBeyondBounds: true }

/** Whether all issues of a schema error are values beyond their bounds. */
export function areBeyondBounds(issues: readonly unknown[]): boolean {
  return issues.every((issue) => (issue as { readonly params?: unknown }).params === BEYOND_BOUNDS)
}

/**
 * A schema that reads a value, or refuses it with what was expected; the message never contains a long value.
 *
 * @param read - returns `undefined` for a value of another type
 */
export function field<T>(
  expected: string,
  read: (value: unknown) => T | typeof BEYOND | undefined,
): z.ZodMiniType<T> {
  return describedField(expected, read, kindOf)
}

/** As {@link field}, for data of persons: a message has the type of a value only. */
export function privateField<T>(
  expected: string,
  read: (value: unknown) => T | typeof BEYOND | undefined,
): z.ZodMiniType<T> {
  return describedField(expected, read, typeText)
}

function describedField<T>(
  expected: string,
  read: (value: unknown) => T | typeof BEYOND | undefined,
  describe: (value: unknown) => string,
): z.ZodMiniType<T> {
  return z.transform<unknown, T>((value, context) => {
    const result = read(value)
    if (result !== undefined && result !== BEYOND) return result
    const message = `expected ${expected}, got ${describe(value)}`
    const params = result === BEYOND ? { params: BEYOND_BOUNDS } : {}
    context.issues.push({ code: 'custom', message, input: value, ...params })
    return z.NEVER
  }) as z.ZodMiniType<T>
}

/** Whether a value is a text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

const MAX_SHOWN = 30

/** A value for error messages: short numbers and texts themselves, of other values their type. */
function kindOf(value: unknown): string {
  if (value instanceof ExactNumber) return value.source.slice(0, MAX_SHOWN)
  if (typeof value === 'number') return String(value)
  if (isText(value) && value.length <= MAX_SHOWN) return JSON.stringify(value)
  return typeText(value)
}

/** The type of a value, and the length of a text. */
function typeText(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof ExactNumber) return 'a number'
  return isText(value)
    ? `a text of ${value.length} characters`
    : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
