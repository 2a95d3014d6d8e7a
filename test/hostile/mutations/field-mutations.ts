import { identityOf } from '../good-bodies.ts'
import { bareToken, type Json, type Path, type Place, valueAt, withValue } from '../json.ts'
import type { BodyChange } from './body-change.ts'

const DIGITS = '12345678901234567890'

/** Values that no field has, by name. */
const VALUES: Readonly<Record<string, Json>> = {
  null: null,
  true: true,
  'empty text': '',
  'a word': 'x',
  'empty list': [],
  'empty object': {},
  'a list': ['x'],
  'an object': { x: 1 },
  '0': 0,
  '-1': -1,
  '1e308': 1e308,
  '5e-324': 5e-324,
  'NaN as text': 'NaN',
  'Infinity as text': 'Infinity',
  'bare NaN': bareToken('NaN'),
  'bare 1e999': bareToken('1e999'),
  '1e999 as text': '1e999',
  'bare 20 digits': bareToken(DIGITS),
  '20 digits as text': DIGITS,
  '0 as text': '0',
  '-1 as text': '-1',
  '1e308 as text': '1e308',
  '5e-324 as text': '5e-324',
  'lone surrogate': '\ud800',
  __proto__: '__proto__',
  'an object with __proto__': Object.fromEntries([['__proto__', { x: 1 }]]),
  'a long text': 'A'.repeat(5_000),
  'a line break': 'a\nb\u001b[31m',
}

/** Factors by which a unit is wrong: percent for share, milli, thousand contracts, ten times. */
const FACTORS = [0.001, 0.01, 0.1, 10, 100, 1_000, -1]

/** Every field absent, of a wrong type, empty, or out of any bounds. */
export function fieldMutations(place: Place): readonly BodyChange[] {
  const { path } = place
  if (path.length === 0) return []
  const change = (name: string, replacement: Json | undefined): BodyChange => ({
    path,
    name,
    kind: 'field',
    body: (good) => withValue(good, path, replacement),
  })
  const replaced = Object.entries(VALUES).map(([name, replacement]) => change(name, replacement))
  // a value of the vocabulary of one provider
  const words = path.at(-1) === 'AssetType' ? [change('a fund', 'ETF')] : []
  return [
    change('absent', undefined),
    ...replaced,
    ...words,
    ...textChanges(place, change),
    ...everyRow(place),
  ]
}

function textChanges({ path, value }: Place, change: (name: string, replacement: Json) => BodyChange) {
  if (typeof value !== 'string' && typeof value !== 'number') return []
  const number = Number(value)
  const isNumber = value !== '' && Number.isFinite(number)
  return [
    change('byte order mark in front', `\uFEFF${value}`),
    change('space around', ` ${value} `),
    ...(hasBothCases(value) ? [change('in capitals', String(value).toUpperCase())] : []),
    ...(isNumber && number !== 0 ? FACTORS.map((factor) => scaledValue(path, factor)) : []),
    ...(isNumber ? [change('of the other type', typeof value === 'string' ? number : String(value))] : []),
  ]
}

/** The body's own number times a factor: bodies of one form have different ones. */
function scaledValue(path: Path, factor: number): BodyChange {
  const times = (value: Json) => {
    const product = Number(value) * factor
    if (typeof value === 'string' && value !== '' && Number.isFinite(product)) return plainText(product)
    return typeof value === 'number' ? product : value
  }
  return {
    path,
    name: `times ${factor}`,
    kind: 'field',
    body: (good) => withValue(good, path, times(valueAt(good, path))),
  }
}

/** Whether a text has small letters after its first capital, such as `GBp`. */
function hasBothCases(value: string | number): boolean {
  return /[A-Z].*[a-z]/.test(String(value))
}

function plainText(value: number): string {
  return Math.abs(value) >= 1e21 ? String(value) : value.toFixed(12).replace(/\.?0+$/, '')
}

/** The same damage in every row of the list that a row's field belongs to. */
function everyRow({ path }: Place): readonly BodyChange[] {
  const [row, name] = path.slice(-2)
  if (row !== 0 || name === undefined) return []
  const list = path.slice(0, -2)
  const inEveryRow = (label: string, replacement: Json | undefined): BodyChange => ({
    path: [...list, '*', name],
    name: label,
    kind: 'field',
    body: (good) => mapRows(good, list, (member) => withValue(member, [name], replacement)),
  })
  return [
    inEveryRow('absent', undefined),
    ...['null', 'empty text', '0', '-1 as text', '1e308 as text', 'a word'].map((label) =>
      inEveryRow(label, VALUES[label]),
    ),
  ]
}

function mapRows(good: Json, list: Place['path'], change: (row: Json) => Json): Json {
  const rows = list.reduce<Json>((value, part) => (value as { [name: string]: Json })[part] as Json, good)
  return withValue(good, list, Array.isArray(rows) ? rows.map(change) : rows)
}

/** A row with another name. */
export function renamedRow(row: Json): Json {
  const identity = identityOf(row)
  if (identity === undefined) return row
  const members = row as { [name: string]: Json }
  return { ...members, [identity]: `ZZ${String(members[identity])}` }
}
