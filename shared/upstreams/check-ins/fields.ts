import { ExactNumber, plainDecimal } from '#shared/domain/json.ts'
import { members } from '../error-codes.ts'
import { BEYOND, isText, privateField } from '../field.ts'
import { orNull } from '../fields.ts'
import { httpAddress } from '../http-address.ts'
import { checkInLine, checkInText } from './texts.ts'
import { isPlausibleTime, parseCheckInTime } from './times.ts'

/* Field types of the check-in provider. Rows hold data of members, so that no message of them has a value. */

/** Largest number of members or check-ins of a project. */
const MAX_COUNT = 1e9

/** Largest number of days with check-ins: those of 27 years. */
const MAX_DAYS = 10_000

const MAX_NAME_LENGTH = 100

/** An id, as text: up to 20 digits, written as a number of any size or as text. */
export const identifier = () => privateField('an id of 1 to 20 digits', digitsOf)

/** The id of a user: a number, and beyond 2^53 a text. */
export const userId = () =>
  privateField('an id of 1 to 20 digits', (value) => {
    const digits = digitsOf(value)
    if (digits === undefined) return undefined
    return Number.isSafeInteger(Number(digits)) ? Number(digits) : digits
  })

/** A number of things, 0 included; `null` if the provider has none. */
export const counter = () => orNull(wholeNumber())

/** A number of things, 0 included. */
export const wholeNumber = (max = MAX_COUNT) =>
  privateField(`a whole number from 0 to ${max}`, (value) => {
    if (value instanceof ExactNumber) return BEYOND
    if (!Number.isInteger(value)) return undefined
    return (value as number) >= 0 && (value as number) <= max ? (value as number) : BEYOND
  })

/** A number of days, 0 included. */
export const dayCount = () => wholeNumber(MAX_DAYS)

/** A rate from 0 to 1; `null` for any other number, and if the provider has none. */
export const rateOrNull = () =>
  orNull(
    privateField('a rate as number', (value) => {
      const rate = value instanceof ExactNumber ? Number(value.source) : value
      if (typeof rate !== 'number') return undefined
      return rate >= 0 && rate <= 1 ? rate : null
    }),
  )

/** A time in milliseconds since the epoch; `null` for one that no project can have, and if the provider has none. */
export const timeOrNull = (now: number) =>
  orNull(
    privateField('a time such as 2025-01-15T08:30:00.000+0800', (value) => {
      const at = isText(value) ? parseCheckInTime(value) : undefined
      if (at === undefined) return undefined
      return isPlausibleTime(at, now) ? at : null
    }),
  )

/** A text without markup on several lines; `null` if nothing is left of it. */
export const textOrNull = (maxLength: number) =>
  orNull(
    privateField('a text', (value) => (isText(value) ? checkInText(value, maxLength) || null : undefined)),
  )

/** A text without markup on one line; `null` if nothing is left of it. */
export const lineOrNull = (maxLength = MAX_NAME_LENGTH) =>
  orNull(
    privateField('a text', (value) => (isText(value) ? checkInLine(value, maxLength) || null : undefined)),
  )

/** An address of an image that may be linked; `null` for any other text. */
export const imageOrNull = () =>
  orNull(privateField('the address of an image', (value) => (isText(value) ? httpAddress(value) : undefined)))

/** The first member that is present, by its path: `statistics.joined_count`. An empty text, as `null`, is absent. */
export function firstOf(raw: unknown, ...paths: readonly string[]): unknown {
  return paths
    .map((path) => memberAt(raw, path))
    .find((value) => value !== undefined && value !== null && value !== '')
}

/** The member of a body at a path such as `talk.owner`; `undefined` if a part of the path is no object. */
export function memberAt(raw: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    const object = members(value)
    return Object.hasOwn(object, name) ? object[name] : undefined
  }, raw)
}

/** The digits of an id. A number that lost digits would not be one: see {@link ExactNumber}. */
function digitsOf(value: unknown): string | undefined {
  const digits = isText(value) ? value : wholeDigits(value)
  return digits !== undefined && /^\d{1,20}$/.test(digits) ? digits : undefined
}

function wholeDigits(value: unknown): string | undefined {
  if (value instanceof ExactNumber) return plainDecimal(value.source)
  return typeof value === 'number' ? plainDecimal(String(value)) : undefined
}
