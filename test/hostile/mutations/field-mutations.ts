import { identityOf } from '../good-bodies.ts'
import { bareDigits, bareToken, type Json, type Path, type Place, valueAt, withValue } from '../json.ts'
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

/** Values of the vocabulary of one provider, by member and name. */
const VOCABULARY: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  AssetType: { 'a fund': 'ETF' },
  completed_count: { 'more than all members': 1_000_000 },
  active_users: { 'more than all check-ins': 1_000_000 },
  status: { over: 'over', closed: 'closed', ongoing: 'ongoing', 'another status': 'paused' },
  title: { markup: 'a <e type="mention" uid="1" title="%E6%B2%B3" /> b <e type="hashtag" title="%zz' },
  text: { markup: `${'<e type="hashtag" hid="1" title="%23%F0%9F%8C%B1%23" />'.repeat(300)}<e type="web"` },
  avatar_url: {
    expired: 'https://images.test/a?e=1764518399&token=abc:def=',
    'a script': 'javascript:alert(1)',
  },
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
  const words = Object.entries(VOCABULARY[String(path.at(-1))] ?? {})
  return [
    change('absent', undefined),
    ...replaced,
    ...words.map(([name, word]) => change(name, word)),
    ...textChanges(place, change),
    ...everyRow(place),
  ]
}

function textChanges({ path, value }: Place, change: (name: string, replacement: Json) => BodyChange) {
  if (typeof value !== 'string' && typeof value !== 'number') return []
  const digits = bareDigits(value)
  if (digits !== undefined) return longNumberChanges(digits, change)
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

/** A whole number that a double cannot represent: as text, with an exponent, with a fraction, and with one digit less. */
function longNumberChanges(digits: string, change: (name: string, replacement: Json) => BodyChange) {
  return [
    change('of the other type', digits),
    change('space around', ` ${digits} `),
    change('with an exponent', bareToken(`${digits}e0`)),
    change('with a fraction', bareToken(`${digits}.5`)),
    change('below 0', bareToken(`-${digits}`)),
    change('times 0.1', bareToken(digits.slice(0, -1))),
    change('times 1e10', bareToken(`${digits}0000000000`)),
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
