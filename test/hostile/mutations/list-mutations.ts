import { identityOf } from '../good-bodies.ts'
import { type Json, type Place, sampledRows, valueAt, withValue } from '../json.ts'
import type { BodyChange } from './body-change.ts'
import { renamedRow } from './field-mutations.ts'

/** Every list empty, cut, doubled, in another order, or with one row that is lost, bent or renamed. */
export function listMutations({ path, value }: Place): readonly BodyChange[] {
  if (!Array.isArray(value) || isTuple(path, value)) return []
  const change = (name: string, rows: (good: Json[]) => Json[]): BodyChange => ({
    path,
    name,
    kind: 'list',
    body: (good) => withValue(good, path, rows(valueAt(good, path) as Json[])),
  })
  const whole = [
    change('empty', () => []),
    change('first only', (rows) => rows.slice(0, 1)),
    change('last only', (rows) => rows.slice(-1)),
    change('first half', (rows) => rows.slice(0, Math.ceil(rows.length / 2))),
    change('last half', (rows) => rows.slice(Math.floor(rows.length / 2))),
    change('doubled', (rows) => [...rows, ...rows]),
    change('reversed', (rows) => rows.toReversed()),
    change('without the last three', (rows) => rows.slice(0, -3)),
    change('every second', (rows) => rows.filter((_, index) => index % 2 === 0)),
  ]
  return [
    ...whole,
    ...sampledRows(value.length).flatMap((row) => rowChanges(row, value[row] as Json, change)),
  ]
}

function rowChanges(
  row: number,
  good: Json,
  change: (name: string, rows: (good: Json[]) => Json[]) => BodyChange,
): readonly BodyChange[] {
  const bent: Readonly<Record<string, Json>> = { null: null, '{}': {}, '[]': [], text: 'x', number: 1 }
  const named = identityOf(good) === undefined
  return [
    change(`row ${row} lost`, (rows) => rows.toSpliced(row, 1)),
    change(`row ${row} twice`, (rows) => rows.toSpliced(row, 0, rows[row] as Json)),
    ...Object.entries(bent).map(([name, value]) =>
      change(`row ${row} is ${name}`, (rows) => rows.with(row, value)),
    ),
    ...(named
      ? []
      : [
          change(`row ${row} renamed`, (rows) => rows.with(row, renamedRow(rows[row] as Json))),
          change(`row ${row} named as another`, (rows) => rows.with(row, namedAs(rows, row))),
          change(`row ${row} has the values of another`, (rows) => rows.with(row, otherValues(rows, row))),
        ]),
  ]
}

function namedAs(rows: readonly Json[], row: number): Json {
  const other = rows[(row + 1) % rows.length] as { [name: string]: Json }
  const identity = identityOf(other) ?? 'symbol'
  return { ...(rows[row] as { [name: string]: Json }), [identity]: other[identity] ?? null }
}

function otherValues(rows: readonly Json[], row: number): Json {
  const own = rows[row] as { [name: string]: Json }
  const identity = identityOf(own) ?? 'symbol'
  const other = rows[(row + 1) % rows.length] as { [name: string]: Json }
  return { ...other, [identity]: own[identity] ?? null }
}

/** A row that is a list of members, such as a bar, is no list of rows. */
function isTuple(path: Place['path'], value: readonly Json[]): boolean {
  return typeof path.at(-1) === 'number' && value.every((member) => typeof member !== 'object')
}
