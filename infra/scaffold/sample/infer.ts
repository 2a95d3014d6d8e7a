import { ExactNumber, plainDecimal } from '#shared/domain/json.ts'
import { isCalendarDate } from '#shared/domain/time.ts'
import { isoTime } from '#shared/upstreams/bounded-fields.ts'
import { label, symbol, word } from '#shared/upstreams/fields.ts'
import { assumedBounds, assumedWholeBounds } from './bounds.ts'
import type { FieldType, Instant, LeftOut, Member, RecordType, SampleObject } from './field-type.ts'
import { placeBelow, snakeCase, suggests } from './names.ts'

/** The type of a record, and the members of the sample that it leaves out. */
export interface InferredRecord {
  readonly type: RecordType
  readonly leftOut: readonly LeftOut[]
}

/** The type of a value, or why it has none. */
type Inferred =
  | { readonly type: FieldType; readonly leftOut?: readonly LeftOut[] }
  | { readonly reason: string }

/** Why a name cannot be read or served, if so. */
type NameFault = (name: string) => string | undefined

/** What an inference depends on beside the values. */
export interface InferenceContext {
  /** Milliseconds since the epoch: a number without the name of a time is one if it is close. */
  readonly now: number
  readonly nameFault: NameFault
}

/**
 * The type of all records of a sample together: a member that one of them lacks may be absent.
 *
 * @param place - of the records in the sample, such as `data.*`
 */
export function inferRecord(
  records: readonly SampleObject[],
  place: string,
  context: InferenceContext,
): InferredRecord {
  const members: Member[] = []
  const leftOut: LeftOut[] = []
  for (const name of new Set(records.flatMap((record) => Object.keys(record)))) {
    const at = placeBelow(place, name)
    const served = snakeCase(name)
    const all = records.map((record) => (Object.hasOwn(record, name) ? record[name] : undefined))
    const values = all.filter((value) => !isAbsent(value))
    const inferred = nameReason(name, served, members, context) ?? inferType(served, values, at, context)
    if ('reason' in inferred) {
      leftOut.push({ place: at, reason: inferred.reason })
      continue
    }
    leftOut.push(...(inferred.leftOut ?? []))
    members.push({ name, served, type: inferred.type, nullable: values.length < all.length })
  }
  return { type: { kind: 'record', members }, leftOut }
}

/** As `orNull` of the field types: an empty text is no value. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function nameReason(
  name: string,
  served: string,
  members: readonly Member[],
  { nameFault }: InferenceContext,
): { readonly reason: string } | undefined {
  if (served === '' || name === '__proto__')
    return { reason: 'expected a name with letters or digits of ASCII' }
  const same = members.find((member) => member.served === served)
  if (same) return { reason: `would be served as ${served}, as ${same.name} is` }
  const fault = nameFault(name) ?? nameFault(served)
  return fault === undefined ? undefined : { reason: fault }
}

/**
 * The type of the values of one member.
 *
 * @param name - in snake_case
 */
export function inferType(
  name: string,
  values: readonly unknown[],
  place: string,
  context: InferenceContext,
): Inferred {
  if (values.length === 0) return { reason: 'no value in the sample' }
  if (values.every((value) => typeof value === 'boolean')) return { type: { kind: 'flag' } }
  if (values.every(isNumber)) return { type: numberType(name, values, context) }
  if (values.every((value) => typeof value === 'string')) return textType(name, values, context)
  if (values.every(Array.isArray)) return listType(name, values.flat(), place, context)
  if (values.every(isObject)) {
    const { type, leftOut } = inferRecord(values, place, context)
    return type.members.length === 0 ? { reason: 'no member that can be read' } : { type, leftOut }
  }
  return { reason: `expected values of one type, got ${[...new Set(values.map(typeText))].join(' and ')}` }
}

function isNumber(value: unknown): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber
}

/** Whether a value of a sample is an object with members. */
export function isObject(value: unknown): value is SampleObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  )
}

function typeText(value: unknown): string {
  if (isNumber(value)) return 'numbers'
  if (Array.isArray(value)) return 'lists'
  return typeof value === 'string' ? 'texts' : `${typeof value}s`
}

function numberType(
  name: string,
  values: readonly (number | ExactNumber)[],
  context: InferenceContext,
): FieldType {
  const numbers = values.map((value) => (value instanceof ExactNumber ? Number(value.source) : value))
  const time = epochType(name, numbers, 'number', context)
  if (time) return time
  const isWhole = numbers.every(Number.isSafeInteger) && (suggests.count(name) || suggests.id(name))
  return isWhole
    ? { kind: 'whole', bounds: suggests.id(name) ? ID_BOUNDS : assumedWholeBounds(numbers) }
    : { kind: 'figure', form: 'number', bounds: assumedBounds(numbers) }
}

const ID_BOUNDS = { min: 0, max: Number.MAX_SAFE_INTEGER }

/** The years from 2000 to 2100 in seconds since the epoch. */
const EPOCH_S = { min: 946_684_800, max: 4_102_444_800 }
const TWO_YEARS_S = 2 * 366 * 86_400

/** Times since the epoch: by their name and their size, or by their size alone if they are within two years of now. */
function epochType(
  name: string,
  numbers: readonly number[],
  form: Instant['form'],
  { now }: InferenceContext,
): Instant | undefined {
  const isBetween = (min: number, max: number) =>
    numbers.every((value) => Number.isInteger(value) && value >= min && value <= max)
  const unit = (
    [
      ['s', 1],
      ['ms', 1_000],
    ] as const
  ).find(([, factor]) => isBetween(EPOCH_S.min * factor, EPOCH_S.max * factor))
  if (!unit) return undefined
  const [unitName, factor] = unit
  const nowInUnit = (now / 1_000) * factor
  const isRecent = isBetween(nowInUnit - TWO_YEARS_S * factor, nowInUnit + TWO_YEARS_S * factor)
  if (!suggests.time(name) && (!isRecent || suggests.quantity(name) || suggests.id(name))) return undefined
  return { kind: 'instant', unit: unitName, form, values: numbers.map((value) => (value * 1_000) / factor) }
}

const TIME_WITHOUT_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/
const MAX_LABEL = 100

function textType(name: string, texts: readonly string[], context: InferenceContext): Inferred {
  const times = texts.map(isoTime)
  if (times.every((at) => at !== undefined))
    return { type: { kind: 'instant', unit: 'iso', form: 'text', values: times } }
  if (texts.every((text) => TIME_WITHOUT_ZONE.test(text)))
    return { reason: 'a time without a zone: which one it has is not in the sample' }
  const areDates: boolean = texts.every(isCalendarDate)
  if (areDates) return { type: { kind: 'date' } }
  if (texts.every((text) => /^\d+$/.test(text))) {
    const time = epochType(name, texts.map(Number), 'text', context)
    if (time) return { type: time }
  }
  // digits with zeros in front name something
  const isFigure = texts.every((text) => plainDecimal(text) !== undefined && !/^-?0\d/.test(text))
  if (isFigure && !suggests.id(name))
    return { type: { kind: 'figure', form: 'text', bounds: assumedBounds(texts.map(Number)) } }
  return { type: wordsType(name, texts) }
}

function wordsType(name: string, texts: readonly string[]): FieldType {
  const all = (type: ReturnType<typeof symbol>) => texts.every((text) => type.safeParse(text).success)
  if (suggests.symbol(name) && all(symbol())) return { kind: 'symbol' }
  if (all(word())) return { kind: 'word' }
  if (texts.every((text) => /^https?:\/\//.test(text))) return { kind: 'address' }
  if (all(label())) return { kind: 'label' }
  const longest = Math.max(MAX_LABEL, ...texts.map((text) => text.length))
  return { kind: 'text', maxLength: 10 ** Math.ceil(Math.log10(longest * 2)) }
}

function listType(
  name: string,
  values: readonly unknown[],
  place: string,
  context: InferenceContext,
): Inferred {
  if (values.length === 0) return { reason: 'an empty list in the sample' }
  if (values.some((value) => value === null)) return { reason: 'a list with null in it' }
  const inferred = inferType(name.replace(/s$/, ''), values, `${place}.*`, context)
  if ('reason' in inferred) return inferred
  if (inferred.type.kind === 'list')
    return { reason: 'lists within a list: what their columns mean is not in the sample' }
  return { type: { kind: 'list', of: inferred.type }, ...(inferred.leftOut && { leftOut: inferred.leftOut }) }
}
