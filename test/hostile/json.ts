/** A parsed JSON value whose members a mutation may replace. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Members and indices from the root of a body. */
export type Path = readonly (string | number)[]

/** One value inside a body. */
export interface Place {
  readonly path: Path
  readonly value: Json
  /** What the place is, whatever the index of its row: `.list[].user{name,id}`. */
  readonly form: string
}

/** Marks a text that stands for a bare token: JSON.stringify has no 1e999, no NaN and no 20 exact digits. */
const TOKEN = '\u0001'

/** A value that is written without quotes: `1e999`, `NaN`, `12345678901234567890`. */
export function bareToken(text: string): Json {
  return `${TOKEN}${text}${TOKEN}`
}

/** A whole number that a double may not represent, outside of a text. */
const LONG_NUMBER = /[:[,\s]-?\d{16,}/

/** A parsed body. A whole number that would lose digits is a bare token, so that it is written with all of them again. */
export function parseBody(text: string): Json {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text) as Json
  return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) => {
    const source = context?.source ?? ''
    const isLong = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
    return isLong ? bareToken(source) : value
  }) as Json
}

/** The digits of a bare whole number; `undefined` for any other value. */
export function bareDigits(value: Json): string | undefined {
  return typeof value === 'string' ? BARE_DIGITS.exec(value)?.[1] : undefined
}

const BARE_DIGITS = new RegExp(`^${TOKEN}(\\d+)${TOKEN}$`)

/** The text of a body, with bare tokens. */
export function bodyText(value: Json): string {
  return JSON.stringify(value).replace(/"\\u0001(.*?)\\u0001"/g, '$1')
}

/** A path as a person writes it: `$.symbols[0].status`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => text + (typeof part === 'number' ? `[${part}]` : `.${part}`),
    '$',
  )
}

/**
 * Every value of a body. Of a list or a map with more than three rows, the first, the middle and the last one; of a list
 * also the first row of another form.
 */
export function places(root: Json, path: Path = [], form = ''): Place[] {
  const here = { path, value: root, form }
  if (Array.isArray(root)) {
    const rows = rowsOfEachForm(root)
    return [here, ...rows.flatMap((row) => places(root[row] as Json, [...path, row], `${form}[]`))]
  }
  if (root === null || typeof root !== 'object') return [here]
  const members = Object.entries(root)
  if (isRowMap(root)) {
    const sampled = sampledRows(members.length).flatMap((row) => members.slice(row, row + 1))
    return [here, ...sampled.flatMap(([name, member]) => places(member, [...path, name], `${form}{}`))]
  }
  return [
    { ...here, form: `${form}{${Object.keys(root)}}` },
    ...members.flatMap(([name, member]) => places(member, [...path, name], `${form}.${name}`)),
  ]
}

/** Rows that stand for a list: one of each form is among them. */
function rowsOfEachForm(list: readonly Json[]): readonly number[] {
  const rows = sampledRows(list.length)
  const namesOf = (row: Json | undefined) =>
    row !== null && typeof row === 'object' && !Array.isArray(row) ? Object.keys(row) : []
  const names = new Set(rows.flatMap((row) => namesOf(list[row])))
  const others = list.flatMap((row, index) => {
    const own = namesOf(row).filter((name) => !names.has(name))
    for (const name of own) names.add(name)
    return own.length > 0 ? [index] : []
  })
  return [...rows, ...others]
}

/** Whether an object is a list of rows under their names, such as bars by date. */
export function isRowMap(value: Json): value is { [name: string]: { [member: string]: Json } } {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  const rows = Object.values(value)
  return (
    rows.length > 3 && rows.every((row) => row !== null && typeof row === 'object' && !Array.isArray(row))
  )
}

/** Rows that stand for a whole list. */
export function sampledRows(length: number): readonly number[] {
  if (length <= 3) return Array.from({ length }, (_, index) => index)
  return [0, Math.floor(length / 2), length - 1]
}

/** The value at a path. */
export function valueAt(root: Json, path: Path): Json {
  return path.reduce<Json>((value, part) => (value as { [name: string]: Json })[part] as Json, root)
}

/** A copy of a body with another value at a path; `undefined` removes the member or the row. */
export function withValue(root: Json, path: Path, value: Json | undefined): Json {
  const [part, ...rest] = path
  if (part === undefined) return value ?? null
  if (Array.isArray(root)) {
    const rows = [...root]
    if (rest.length === 0 && value === undefined) rows.splice(Number(part), 1)
    else rows[Number(part)] = withValue(rows[Number(part)] as Json, rest, value)
    return rows
  }
  const members = Object.entries(root as { [name: string]: Json })
  return Object.fromEntries(
    members.flatMap(([name, member]) => {
      if (name !== part) return [[name, member]]
      return rest.length === 0 && value === undefined ? [] : [[name, withValue(member, rest, value)]]
    }),
  )
}
