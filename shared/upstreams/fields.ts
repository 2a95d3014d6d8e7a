import * as z from 'zod/mini'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { ExactNumber, plainDecimal } from '#shared/domain/json.ts'
import { isCalendarDate } from '#shared/domain/time.ts'
import { BEYOND, field, isText } from './field.ts'

/**
 * Field types of provider bodies. Each type knows its unit and its bounds: a value beyond them does not parse, so that
 * its row is lost or its body is rejected. Quantities become decimals without exponent and without loss of digits, times
 * become milliseconds since the epoch.
 */

/** How a provider writes a number: as a JSON number, or as text. The other form does not parse. */
export type NumberForm = 'number' | 'text'

/** Bounds of a quantity, both included. */
export interface Bounds {
  readonly min: number
  readonly max: number
}

/** The cheapest token is quoted in units of 1e-9, the dearest pair (a coin against a weak currency) in units of 1e10. */
const PRICE: Bounds = { min: 1e-15, max: 1e12 }

/** The whole crypto market is worth about 1e12 USD; a weak currency adds five digits. */
const AMOUNT: Bounds = { min: 0, max: 1e18 }

/** One unit of the smallest currency; less is 0. */
const POSITIVE_AMOUNT: Bounds = { ...AMOUNT, min: 1e-15 }

/** A company with earnings close to zero has a price of many times its earnings. */
const MAX_RATIO = 1e6

/** Growth from close to zero. */
const MAX_FRACTION = 1_000

const PERCENT: Bounds = { min: 0, max: 100 }
const COUNT: Bounds = { min: 1, max: 1e7 }

/** Longer numbers are not quantities: a rate has at most 20 digits, an amount 30. */
const MAX_LENGTH = 60

/** A price of one unit, in any currency: above 0. */
export const price = (form: NumberForm) => quantity('a price', form, PRICE)

/** An amount of any unit, 0 included, such as the volume of a quiet market. */
export const amount = (form: NumberForm) => quantity('an amount', form, AMOUNT)

/** A number as it is written, for lists that are too long for a schema; NaN, which is within no bounds, for anything else. */
export function numberOf(value: unknown, form: NumberForm): number {
  return Number((form === 'text' ? textOf(value) : numberText(value)) ?? Number.NaN)
}

/** Whether a number is a plausible price, for lists that are too long for a schema. */
export const isPrice = (value: number): boolean => isWithin(value, PRICE)

/** Whether a number is a plausible amount, for lists that are too long for a schema. */
export const isAmount = (value: number): boolean => isWithin(value, AMOUNT)

/** An amount that cannot be 0, such as the volume of the whole market. */
export const positiveAmount = (form: NumberForm) => quantity('a positive amount', form, POSITIVE_AMOUNT)

/** An amount of either sign, such as a company's equity. */
export const signedAmount = (form: NumberForm) =>
  quantity('an amount', form, { min: -AMOUNT.max, max: AMOUNT.max })

/** A figure of statistics of either sign, such as an index or a rate in percent, in its own unit. */
export const figure = (form: NumberForm, bounds: Bounds) => quantity('a figure', form, bounds)

/** A ratio of either sign, such as price to earnings. */
export const signedRatio = (form: NumberForm, maxMagnitude = MAX_RATIO) =>
  quantity('a ratio', form, { min: -maxMagnitude, max: maxMagnitude })

/** A share of a whole in percent: 0 to 100. */
export const share = (form: NumberForm) => quantity('a share in percent', form, PERCENT)

/** A rate of either sign, as a fraction: `0.0001` is 0.01 %. */
export const signedRate = (form: NumberForm, maxMagnitude: number) =>
  quantity('a rate', form, { min: -maxMagnitude, max: maxMagnitude })

/** A fraction of either sign, read as percent: `0.1043` is `10.43`. No digit is rounded. */
export const percentOfFraction = (form: NumberForm, maxMagnitude = MAX_FRACTION) =>
  z.pipe(
    quantity('a fraction', form, { min: -maxMagnitude, max: maxMagnitude }),
    z.transform((fraction) => plainDecimal(`${fraction}e2`) ?? fraction),
  )

/** A change in percent: at least -100, which is a fall to zero. */
export const percentChange = (form: NumberForm, max: number) =>
  quantity('a change in percent', form, { min: -100, max })

/** The number of things that exist: a JSON integer from 1 to a thousand million. */
export const count = () =>
  field(`a count from ${COUNT.min} to ${COUNT.max}`, (value) =>
    Number.isFinite(value)
      ? within(value as number, COUNT, Number.isInteger(value) ? (value as number) : undefined)
      : undefined,
  )

/** Which times a field may have, relative to the time of the answer. All in milliseconds. */
interface InstantOptions {
  readonly form: NumberForm
  readonly unit: 'ms' | 's'
  readonly now: number
  readonly maxPastMs: number
  readonly maxAheadMs: number
}

/** A time, as milliseconds since the epoch, within a window around the time of the answer. */
export const instant = ({ form, unit, now, maxPastMs, maxAheadMs }: InstantOptions) =>
  field(`a time in ${unit === 's' ? 'seconds' : 'milliseconds'} close to the time of the answer`, (value) => {
    const epoch = form === 'text' ? wholeText(value) : value
    if (!Number.isInteger(epoch)) return undefined
    const at = (epoch as number) * (unit === 's' ? 1_000 : 1)
    return within(at, { min: now - maxPastMs, max: now + maxAheadMs }, at)
  })

const HOURS: Bounds = { min: 0.9, max: 24.1 }

/**
 * An interval that recurs within a day, as whole hours: `7.95` is 8, `5.3` is 5.
 *
 * @param unit - the provider's unit
 */
export const intervalHours = (form: NumberForm, unit: 'hours' | 'minutes') =>
  field(`an interval of 1 to 24 hours in ${unit}`, (value) => {
    const text = form === 'text' ? textOf(value) : numberText(value)
    if (text === undefined) return undefined
    return roundedHours(Number(text) / (unit === 'minutes' ? 60 : 1)) ?? BEYOND
  })

/** Whole hours of an interval; `undefined` beyond 1 to 24 hours. */
export function roundedHours(hours: number): number | undefined {
  return isWithin(hours, HOURS) ? Math.round(hours) : undefined
}

/** Hours between two times; `undefined` beyond 1 to 24 hours. */
export function hoursBetween(fromMs: number, toMs: number): number | undefined {
  return roundedHours((toMs - fromMs) / HOUR_MS)
}

const SYMBOL = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{1,39}$/u

/** The name of a pair, contract or asset: 2 to 40 letters, digits, `_`, `-` and `.` of any script. */
export const symbol = () =>
  field('a symbol', (value) => (isText(value) && SYMBOL.test(value) ? value : undefined))

const WORD = /^[\p{L}\p{N}][\p{L}\p{N}_ -]{0,39}$/u

/** A word of a provider's vocabulary, such as a status or an asset. */
export const word = () => field('a word', (value) => (isText(value) && WORD.test(value) ? value : undefined))

const TEXT = /^[^\p{Cc}\p{Cf}\p{Cs}]{1,100}$/u

/** A name for readers, such as a sector: 1 to 100 characters, none of them a control character. */
export const label = () =>
  field('a text of 1 to 100 characters', (value) =>
    isText(value) && TEXT.test(value.trim()) ? value.trim() : undefined,
  )

/** A day of the calendar: `2026-11-28`. */
export const calendarDate = () =>
  field('a date such as 2026-11-28', (value) => (isCalendarDate(value) ? value : undefined))

/** Which days a field may have, relative to the time of the answer. Both in milliseconds. */
interface PastDateOptions {
  readonly now: number
  readonly maxAgeMs: number
}

/** A day of the calendar that has begun, and is not older than an age. */
export const pastDate = ({ now, maxAgeMs }: PastDateOptions) =>
  field('a day of the past such as 2026-11-28', (value) =>
    isCalendarDate(value) ? within(Date.parse(value), { min: now - maxAgeMs, max: now }, value) : undefined,
  )

const CURRENCY = /^[A-Z]{3}$/

/** A code of ISO 4217: `USD`. */
export const currencyCode = () =>
  field('a code of a currency such as USD', (value) =>
    isText(value) && CURRENCY.test(value) ? value : undefined,
  )

/** As {@link orNull}, for a provider that also writes `None` and `-` for a value that it does not have. */
export const orNullIfNone = <T>(type: z.ZodMiniType<T>): z.ZodMiniType<T | null> =>
  orNone(type, /^(?:None|-)?$/)

/** A field that a provider may leave out: absent, `null` and an empty text are `null`; anything else has to parse. */
export const orNull = <T>(type: z.ZodMiniType<T>): z.ZodMiniType<T | null> => orNone(type, /^$/)

/** As {@link orNull}, for a provider that writes `.` for a value that it does not have. */
export const orNullIfPoint = <T>(type: z.ZodMiniType<T>): z.ZodMiniType<T | null> => orNone(type, /^\.?$/)

/** As {@link orNull}, for a provider that also writes 0 for a value that it does not have. */
export const orNullIfZero = <T>(type: z.ZodMiniType<T>): z.ZodMiniType<T | null> =>
  orNone(type, /^(?:0(?:\.0*)?)?$/)

/** @param none - texts that mean no value */
function orNone<T>(type: z.ZodMiniType<T>, none: RegExp): z.ZodMiniType<T | null> {
  const isNone = (value: unknown) =>
    value === undefined || ((isText(value) || typeof value === 'number') && none.test(String(value)))
  return z.pipe(
    z.transform<unknown, unknown>((value) => (isNone(value) ? null : value)),
    z.nullable(type),
  ) as z.ZodMiniType<T | null>
}

/** A list of rows of any type: {@link readRows} reads each row by itself, so that a bent one does not cost the others. */
export const rowList = () => z.array(z.unknown())

/** Bounds of a time for {@link instant} that a provider writes for now: not older than a day, at most 5 minutes ahead. */
export const RECENT = { maxPastMs: DAY_MS, maxAheadMs: 300_000 } as const

function quantity(what: string, form: NumberForm, bounds: Bounds) {
  return field(`${what} as ${form} from ${bounds.min} to ${bounds.max}`, (value) => {
    const text = form === 'text' ? textOf(value) : numberText(value)
    if (text === undefined) return undefined
    return text.length > MAX_LENGTH ? BEYOND : within(Number(text), bounds, text)
  })
}

function within<T>(value: number, bounds: Bounds, result: T): T | typeof BEYOND {
  return isWithin(value, bounds) ? result : BEYOND
}

function textOf(value: unknown): string | undefined {
  return isText(value) && value.length <= MAX_LENGTH ? plainDecimal(value) : undefined
}

function numberText(value: unknown): string | undefined {
  if (value instanceof ExactNumber) return plainDecimal(value.source)
  return Number.isFinite(value) ? plainDecimal(String(value)) : undefined
}

function wholeText(value: unknown): number | undefined {
  return isText(value) && /^-?\d{1,20}$/.test(value) ? Number(value) : undefined
}

/** Never true for NaN. */
function isWithin(value: number, { min, max }: Bounds): boolean {
  return value >= min && value <= max
}
