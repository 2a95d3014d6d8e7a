import { isRowMap, type Json, type Path, type Place, sampledRows, valueAt, withValue } from '../json.ts'
import type { BodyChange } from './body-change.ts'
import { areClose, isQuantity, scaled } from './quantity.ts'

type Row = readonly [name: string, row: Json]

/** Factors by which all prices of a body are wrong: minor units, splits, another currency. */
const FACTORS = [0.01, 0.1, 0.25, 0.5, 0.8, 1.02, 2, 4, 100]

/** Every map of rows, such as bars by date: empty, cut, in another order, with one bent row, or with all rows bent alike. */
export function mapMutations({ path, value }: Place): readonly BodyChange[] {
  if (!isRowMap(value)) return []
  const change = (name: string, rows: (good: readonly Row[]) => readonly Row[]): BodyChange => ({
    path,
    name,
    kind: 'list',
    body: (good) =>
      withValue(good, path, Object.fromEntries(rows(Object.entries(valueAt(good, path) as object)))),
  })
  const size = Object.keys(value).length
  return [
    change('empty', () => []),
    change('first only', (rows) => rows.slice(0, 1)),
    change('last only', (rows) => rows.slice(-1)),
    change('first half', (rows) => rows.slice(0, Math.ceil(size / 2))),
    change('last half', (rows) => rows.slice(Math.floor(size / 2))),
    change('reversed', (rows) => rows.toReversed()),
    change('without the first three', (rows) => rows.slice(3)),
    change('without the last three', (rows) => rows.slice(0, -3)),
    change('every second', (rows) => rows.filter((_, index) => index % 2 === 0)),
    change('all rows as the first', (rows) => rows.map(([name]) => [name, rows[0]?.[1] ?? null])),
    ...sampledRows(size).flatMap((row) => rowChanges(row, change)),
    ...everyRow(path, Object.values(value)[0] ?? {}),
  ]
}

function rowChanges(
  row: number,
  change: (name: string, rows: (good: readonly Row[]) => readonly Row[]) => BodyChange,
): readonly BodyChange[] {
  const bent: Readonly<Record<string, Json>> = { null: null, '{}': {}, '[]': [], text: 'x', number: 1 }
  const other = (rows: readonly Row[]) => rows[(row + 1) % rows.length]?.[1] ?? null
  const withRow = (name: string, to: (good: Row, rows: readonly Row[]) => Row) =>
    change(`row ${row} ${name}`, (rows) => rows.map((one, index) => (index === row ? to(one, rows) : one)))
  return [
    change(`row ${row} lost`, (rows) => rows.toSpliced(row, 1)),
    ...Object.entries(bent).map(([name, value]) => withRow(`is ${name}`, ([key]) => [key, value])),
    withRow('renamed', ([key, value]) => [`ZZ${key}`, value]),
    withRow('has the values of another', ([key], rows) => [key, other(rows)]),
    ...[0.01, 0.5, 2, 10, 100].map((factor) =>
      withRow(`has prices times ${factor}`, ([key, value]) => [key, timesPrices(value, factor)]),
    ),
  ]
}

/** The same damage in every row. */
function everyRow(path: Path, first: Readonly<Record<string, Json>>): readonly BodyChange[] {
  const values: Readonly<Record<string, Json | undefined>> = {
    absent: undefined,
    null: null,
    'empty text': '',
    '0': '0',
    '-1 as text': '-1',
    '1e308 as text': '1e308',
    'a word': 'x',
  }
  const inAll = (inner: Path, name: string, to: (row: Json) => Json): BodyChange => ({
    path: [...path, '*', ...inner],
    name,
    kind: 'field',
    body: (good) =>
      withValue(
        good,
        path,
        Object.fromEntries(
          Object.entries(valueAt(good, path) as object).map(([key, row]) => [key, to(row as Json)]),
        ),
      ),
  })
  return [
    ...Object.keys(first).flatMap((member) =>
      Object.entries(values).map(([name, value]) =>
        inAll([member], name, (row) => withValue(row, [member], value)),
      ),
    ),
    ...FACTORS.map((factor) => inAll([], `prices times ${factor}`, (row) => timesPrices(row, factor))),
  ]
}

/** A row with all members scaled that are close to its first quantity, such as open, high, low and close. */
function timesPrices(row: Json, factor: number): Json {
  if (row === null || typeof row !== 'object' || Array.isArray(row)) return row
  const first = Object.values(row).find(isQuantity)
  if (first === undefined) return row
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      isQuantity(value) && areClose(first, value) ? scaled(value, factor) : value,
    ]),
  )
}
