import { UsageError } from '#infra/command/report-user-errors.ts'
import { shown } from '#shared/domain/text.ts'
import type { SampleObject } from './field-type.ts'
import { isObject } from './infer.ts'
import { placeNames, placeText, snakeCase } from './names.ts'

/** Where the records of a sample are, and how they are named. */
export interface Layout {
  /** `record`: one object. `list`: rows in a list. `map`: rows by their key. */
  readonly kind: 'record' | 'list' | 'map'
  /** Names of the members that lead to it; none for the body itself. */
  readonly place: readonly string[]
  /** One of a `record`. Rows of a map have no key of their own. */
  readonly records: readonly SampleObject[]
  /** The keys of a map, in the order of the records. */
  readonly keys: readonly string[]
  /** Whether the values of a map are scalars: a record has the one member {@link SCALAR_MEMBER} then. */
  readonly isOfScalars: boolean
}

/** The member of a row of a map whose values are no objects. */
export const SCALAR_MEMBER = 'value'

/** Names under which providers put their data. */
const WRAPPERS = [
  'data',
  'result',
  'results',
  'items',
  'rows',
  'list',
  'records',
  'payload',
  'response',
  'rates',
  'prices',
]

/** Members beside a list that are about the answer, not about one thing that has a list. */
const ABOUT_THE_ANSWER =
  /^(?:code|ret_?code|msg|ret_?msg|message|success|ok|error|errors|status|info|meta|pagination|paging|links|page|pages|per_page|limit|offset|count|size|total|total_.*|has_.*|.*cursor.*|.*token.*|next|previous|prev|time|ts|.*timestamp|.*time|.*_at|date|request_id|version|base)$/

/**
 * Reads where the records of a body are.
 *
 * @param rows - the place of the rows, as `--rows` has it: `data.items`, `.` for the body itself, `none` for one record
 * @throws {UsageError} for an empty list, rows that are not objects, several lists that could have the rows, an unknown place
 */
export function layoutOf(body: unknown, rows: string | undefined): Layout {
  if (rows === 'none') return recordLayout(body, [])
  if (rows !== undefined) return rowsAt(body, rows === '.' ? [] : placeNames(rows))
  return layoutWithin(body, [])
}

function layoutWithin(value: unknown, place: readonly string[]): Layout {
  if (Array.isArray(value)) return listLayout(value, place)
  if (!isObject(value))
    throw new UsageError(`--from: expected an object or a list at ${where(place)}, got ${shown(value)}`)
  if (isMap(value) || isScalarMap(value, place)) return mapLayout(value, place)
  const list = listMember(value, place)
  if (list !== undefined) return layoutWithin(value[list], [...place, list])
  const wrappers = Object.keys(value).filter(
    (name) => WRAPPERS.includes(snakeCase(name)) && isObject(value[name]),
  )
  const [wrapper] = wrappers
  if (wrapper !== undefined && wrappers.length === 1) return layoutWithin(value[wrapper], [...place, wrapper])
  return recordLayout(value, place)
}

/** The member that has the rows; `undefined` if the object is one record, which may have lists. */
function listMember(value: SampleObject, place: readonly string[]): string | undefined {
  const isWrapper = (name: string) => WRAPPERS.includes(snakeCase(name))
  const lists = Object.keys(value).filter((name) => {
    const list = value[name]
    return Array.isArray(list) && (list.length === 0 ? isWrapper(name) : list.some((row) => !isScalar(row)))
  })
  const preferred = lists.filter(isWrapper)
  const [only] = preferred.length === 0 ? lists : preferred
  if (only === undefined) return undefined
  if (preferred.length === 1) return only
  const others = Object.keys(value).filter((name) => !lists.includes(name))
  if (!others.every((name) => ABOUT_THE_ANSWER.test(snakeCase(name)))) return undefined
  if (lists.length === 1) return only
  throw new UsageError(
    `--rows: expected one of the lists ${lists.map((name) => placeText([...place, name])).join(', ')}, or none for one record; got nothing`,
  )
}

function isScalar(value: unknown): boolean {
  return !Array.isArray(value) && !isObject(value)
}

/** Names of rows, unlike those of members: `BTC`, `BTC-USDT`. */
const ROW_NAME = /^[A-Z0-9]{2,12}(?:[-_/.:][A-Z0-9]{2,12})*$/

/** Whether all members of an object are objects with the same members. One alone needs the name of a row. */
function isMap(value: SampleObject): boolean {
  const names = Object.keys(value)
  const values = Object.values(value)
  if (!values.every(isObject)) return false
  if (names.length < 2) return names.length === 1 && names.every((name) => ROW_NAME.test(name))
  const [first = {}, ...others] = values
  const common = Object.keys(first).filter((name) => others.every((other) => Object.hasOwn(other, name)))
  return common.length > 0 && 2 * common.length >= Object.keys(first).length
}

const MIN_SCALARS = 3

/** Whether an object below a wrapper has numbers by the names of rows, such as exchange rates by currency. */
function isScalarMap(value: SampleObject, place: readonly string[]): boolean {
  const names = Object.keys(value)
  return (
    place.length > 0 &&
    names.length >= MIN_SCALARS &&
    names.every((name) => ROW_NAME.test(name) && isScalar(value[name]) && typeof value[name] !== 'boolean')
  )
}

/** The rows at a place that the author names. */
function rowsAt(body: unknown, place: readonly string[]): Layout {
  let value = body
  for (const [index, name] of place.entries()) {
    if (!isObject(value) || !Object.hasOwn(value, name))
      throw new UsageError(
        `--rows: expected a place such as data.items, got ${placeText(place)}, but ${where(place.slice(0, index))} has no member ${name}`,
      )
    value = value[name]
  }
  if (Array.isArray(value)) return listLayout(value, place)
  if (isObject(value)) return mapLayout(value, place)
  throw new UsageError(`--rows: expected a list or an object at ${where(place)}, got ${shown(value)}`)
}

function recordLayout(value: unknown, place: readonly string[]): Layout {
  if (!isObject(value) || Object.keys(value).length === 0)
    throw new UsageError(`--from: expected an object with members at ${where(place)}, got ${shown(value)}`)
  return { kind: 'record', place, records: [value], keys: [], isOfScalars: false }
}

function listLayout(list: readonly unknown[], place: readonly string[]): Layout {
  if (list.length === 0)
    throw new UsageError(`--from: expected a list with rows at ${where(place)}, got an empty list`)
  const wrong = list.find((row) => !isObject(row))
  if (wrong !== undefined || list.includes(null))
    throw new UsageError(
      `--from: expected rows that are objects at ${where(place)}, got ${Array.isArray(wrong) ? 'lists' : shown(wrong ?? null)}`,
    )
  return { kind: 'list', place, records: list.filter(isObject), keys: [], isOfScalars: false }
}

function mapLayout(map: SampleObject, place: readonly string[]): Layout {
  const keys = Object.keys(map)
  if (keys.length === 0)
    throw new UsageError(`--from: expected rows by key at ${where(place)}, got an empty object`)
  const values = Object.values(map)
  const isOfScalars = values.every(isScalar)
  if (!isOfScalars && !values.every(isObject))
    throw new UsageError(
      `--from: expected rows that are objects at ${where(place)}, got values of several types`,
    )
  const records = isOfScalars ? values.map((value) => ({ [SCALAR_MEMBER]: value })) : values.filter(isObject)
  return { kind: 'map', place, records, keys, isOfScalars }
}

function where(place: readonly string[]): string {
  return place.length === 0 ? 'the top of the sample' : placeText(place)
}
