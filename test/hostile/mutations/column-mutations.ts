import { type Json, type Path, type Place, sampledRows, valueAt, withValue } from '../json.ts'
import type { BodyChange } from './body-change.ts'
import { areClose, isQuantity, scaled } from './quantity.ts'

/** Factors by which all prices of a body are wrong: minor units, splits, another currency. */
const FACTORS = [0.01, 0.1, 0.25, 0.5, 0.8, 1.02, 2, 4, 100]

/** One list of a table whose rows lie across several lists. */
interface Column {
  readonly path: Path
  readonly values: readonly Json[]
}

/** Every table of columns, such as time stamps beside prices: its rows are cut, reordered, lost or bent in all columns. */
export function columnMutations({ path, value }: Place): readonly BodyChange[] {
  const columns = columnsBelow(value, path)
  const isDirect = columns.some((column) => column.path.length === path.length + 1)
  if (columns.length < 2 || !isDirect) return []
  const size = columns[0]?.values.length ?? 0
  const change = (name: string, to: (column: Json[]) => Json[]): BodyChange => ({
    path,
    name: `rows ${name}`,
    kind: 'list',
    rows: size,
    body: (good) => withColumns(good, columns, to),
  })
  return [
    change('empty', () => []),
    change('first only', (rows) => rows.slice(0, 1)),
    change('last only', (rows) => rows.slice(-1)),
    change('first half', (rows) => rows.slice(0, Math.ceil(size / 2))),
    change('last half', (rows) => rows.slice(Math.floor(size / 2))),
    change('doubled', (rows) => [...rows, ...rows]),
    change('reversed', (rows) => rows.toReversed()),
    change('without the first three', (rows) => rows.slice(3)),
    change('without the last three', (rows) => rows.slice(0, -3)),
    change('every second', (rows) => rows.filter((_, index) => index % 2 === 0)),
    ...sampledRows(size).flatMap((row) => [
      change(`row ${row} lost`, (rows) => rows.toSpliced(row, 1)),
      change(`row ${row} twice`, (rows) => rows.toSpliced(row, 0, rows[row] as Json)),
    ]),
    ...pricesChanges(path, columns, size),
  ]
}

/** Columns that belong together by their values, such as open, high, low and close: all of them, or two in one row. */
function pricesChanges(path: Path, columns: readonly Column[], size: number): readonly BodyChange[] {
  const first = columns.find(({ values }) => values.some(isQuantity))
  const at = first?.values.findIndex(isQuantity) ?? 0
  const prices = columns.filter(
    ({ values }) => isQuantity(values[at] ?? null) && areClose(values[at] ?? null, first?.values[at] ?? null),
  )
  if (prices.length < 2) return []
  const times = (name: string, factor: number, isBent: (row: number) => boolean): BodyChange => ({
    path,
    name: `${name} times ${factor}`,
    kind: 'pair',
    body: (good) =>
      withColumns(good, prices, (column) =>
        column.map((value, row) => (isBent(row) && isQuantity(value) ? scaled(value, factor) : value)),
      ),
  })
  const rows = sampledRows(size)
  return [
    ...FACTORS.map((factor) => times('all prices', factor, () => true)),
    ...rows.flatMap((row) =>
      [0.01, 0.5, 2, 10, 100].map((factor) =>
        times(`prices of row ${row}`, factor, (index) => index === row),
      ),
    ),
    ...rows.flatMap((row) =>
      prices.flatMap((to) =>
        prices.filter((of) => of !== to).flatMap((of) => pairChanges(path, row, to.path, of.path)),
      ),
    ),
  ]
}

function pairChanges(path: Path, row: number, to: Path, of: Path): readonly BodyChange[] {
  const [left, right] = [
    [...to, row],
    [...of, row],
  ]
  const names = [to.at(-1), of.at(-1)]
  return [0.5, 0.9, 1.1, 2].map((factor) => ({
    path,
    name: `row ${row}: ${names[0]} is ${factor} of ${names[1]}`,
    kind: 'pair',
    body: (good) => withValue(good, left, scaled(valueAt(good, right), factor)),
  }))
}

/** The lists of plain values below an object that are as long as the first of them, if that has more than three values. */
function columnsBelow(value: Json, path: Path): readonly Column[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return []
  const columns = listsBelow(value, path)
  const size = columns[0]?.values.length ?? 0
  return size > 3 ? columns.filter(({ values }) => values.length === size) : []
}

function listsBelow(value: Json, path: Path): readonly Column[] {
  if (value === null || typeof value !== 'object') return []
  if (!Array.isArray(value))
    return Object.entries(value).flatMap(([name, member]) => listsBelow(member, [...path, name]))
  if (value.length > 3 && value.every((member) => member === null || typeof member !== 'object'))
    return [{ path, values: value }]
  return value.length <= 3 ? value.flatMap((member, index) => listsBelow(member, [...path, index])) : []
}

function withColumns(good: Json, columns: readonly Column[], to: (column: Json[]) => Json[]): Json {
  return columns.reduce((body, { path }) => withValue(body, path, to(valueAt(body, path) as Json[])), good)
}

/** Whether a body has a table of columns. */
export function hasColumns(value: Json): boolean {
  if (value === null || typeof value !== 'object') return false
  if (columnsBelow(value, []).length >= 2) return true
  return Object.values(value).some((member) => hasColumns(member as Json))
}
