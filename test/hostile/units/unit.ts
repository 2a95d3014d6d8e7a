import { DAY_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import type { Json } from '../json.ts'

/** When a value is judged; milliseconds since the epoch. */
export interface Moment {
  readonly now: number
  /** How old the data of the job may be. */
  readonly recentMs: number
  /** The id of the job. */
  readonly job: string
}

/** What a value of a unit must be: `undefined` if it is, else what was expected. */
export type Unit = (value: Json, moment: Moment) => string | undefined

/** Clocks of providers may be ahead. */
export const MAX_AHEAD_MS = 5 * MINUTE_MS
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/
const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

/** A unit whose value may be unknown. */
export function orNull(unit: Unit): Unit {
  return (value, moment) => (value === null ? undefined : unit(value, moment))
}

/** A JSON number within bounds. */
export function numberIn(min: number, max: number): Unit {
  return (value) =>
    typeof value === 'number' && value >= min && value <= max ? undefined : `a number in [${min}, ${max}]`
}

/** A whole JSON number within bounds. */
export function wholeIn(min: number, max: number): Unit {
  return (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? undefined
      : `a whole number in [${min}, ${max}]`
}

/** A decimal as text, without exponent, within bounds. */
export function decimalIn(min: number, max: number): Unit {
  return (value) => {
    const isDecimal = typeof value === 'string' && value.length <= 60 && DECIMAL.test(value)
    return isDecimal && Number(value) >= min && Number(value) <= max
      ? undefined
      : `a decimal as text in [${min}, ${max}]`
  }
}

/** A number or a decimal as text, within bounds. */
export function quantityIn(min: number, max: number): Unit {
  return (value, moment) =>
    typeof value === 'string' ? decimalIn(min, max)(value, moment) : numberIn(min, max)(value, moment)
}

/** One of some values. */
export function oneOf(...values: readonly Json[]): Unit {
  return (value) => (values.includes(value) ? undefined : `one of ${values.join(', ')}`)
}

/** A text of one form. */
export function textLike(form: RegExp, about: string): Unit {
  return (value) =>
    typeof value === 'string' && value.isWellFormed() && form.test(value) && value !== '__proto__'
      ? undefined
      : about
}

/** ISO time between an age and five minutes ahead. */
export function timeWithin(maxAgeMs: number, maxAheadMs = MAX_AHEAD_MS): Unit {
  return (value, { now }) => {
    const time = typeof value === 'string' && ISO.test(value) ? Date.parse(value) : Number.NaN
    return time >= now - maxAgeMs && time <= now + maxAheadMs
      ? undefined
      : `an ISO time from ${new Date(now - maxAgeMs).toISOString()} to ${new Date(now + maxAheadMs).toISOString()}`
  }
}

/** ISO time that is at most as old as data of the job may be. */
export const recentTime: Unit = (value, moment) => timeWithin(moment.recentMs)(value, moment)

/** A day of the calendar up to today, and not older than some days. */
export function dateWithin(days: number): Unit {
  return (value, { now }) => {
    const [first, last] = [now - days * DAY_MS, now].map((at) => new Date(at).toISOString().slice(0, 10))
    const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
    return isDate && value >= String(first) && value <= String(last)
      ? undefined
      : `a date from ${first} to ${last}`
  }
}

/** A day of the calendar that is at most as old as data of the job may be, and 400 days at least. */
export const recentDay: Unit = (value, moment) =>
  dateWithin(Math.max(400, moment.recentMs / DAY_MS))(value, moment)

/** Unix seconds between an age and five minutes ahead. */
export function secondsWithin(maxAgeMs: number): Unit {
  return (value, { now }) =>
    Number.isInteger(value) &&
    Number(value) * 1_000 >= now - maxAgeMs &&
    Number(value) * 1_000 <= now + MAX_AHEAD_MS
      ? undefined
      : `Unix seconds of the last ${maxAgeMs / 1_000} s`
}

/** A symbol, as providers and operators spell it. */
export const symbol = textLike(
  /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,39}$/u,
  'a symbol of 2 to 40 letters and digits',
)

/** A text for readers. */
export const sentence = textLike(/^[^\p{C}]{0,300}$/u, 'one line of text')
