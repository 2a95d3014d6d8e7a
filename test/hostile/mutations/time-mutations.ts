import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { isRowMap, type Json, type Path, type Place, sampledRows, valueAt, withValue } from '../json.ts'
import type { BodyChange } from './body-change.ts'

/** Numbers of this size are epoch seconds or milliseconds of our days. */
const SECONDS = { from: 1_500_000_000, to: 2_500_000_000 }
const YEAR_MS = 365 * DAY_MS

/** Moves of a time, in milliseconds. */
const MOVES: Readonly<Record<string, number>> = {
  '-1 min': -MINUTE_MS,
  '+1 min': MINUTE_MS,
  '-15 min': -15 * MINUTE_MS,
  '+4 min': 4 * MINUTE_MS,
  '+1 h': HOUR_MS,
  '-1 h': -HOUR_MS,
  '+4 h': 4 * HOUR_MS,
  '-2 h': -2 * HOUR_MS,
  '+1 d': DAY_MS,
  '-1 d': -DAY_MS,
  '-25 h': -25 * HOUR_MS,
  '-30 d': -30 * DAY_MS,
  '+1 y': YEAR_MS,
  '-1 y': -YEAR_MS,
  '+100 ms': 100,
}

const DATE = /^\d{4}-\d\d-\d\d$/

/**
 * A time as text: in UTC `2026-11-20T12:00:00Z`, `20261120T120000Z`, or its 14 digits alone; in a zone
 * `2026-11-20T20:00:00.000+0800`.
 */
const TIME_TEXT = /^(\d{4})(-?)(\d\d)\2(\d\d)(T?)(\d\d)(:?)(\d\d)\7(\d\d)(Z?|\.\d{3}[+-]\d{4})$/

/** The end of a time with its offset. */
const OFFSET = /\.\d{3}[+-]\d{4}$/

/** How long a second is in the unit of a time: 1 or 1,000; `undefined` for a value that is no time. */
function unitOf(value: Json): 1 | 1_000 | undefined {
  const number = typeof value === 'string' && /^\d{10,13}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number') return undefined
  if (number > SECONDS.from && number < SECONDS.to) return 1
  return number > SECONDS.from * 1_000 && number < SECONDS.to * 1_000 ? 1_000 : undefined
}

/** Every time or date at the epoch, moved, or in another unit or form; at the root, all times of the body at once. */
export function timeMutations({ path, value }: Place): readonly BodyChange[] {
  if (path.length === 0 || isList(value)) return allTimes(path)
  if (isRowMap(value)) return [...allTimes(path), ...namedDates(path, value)]
  if (typeof value === 'string' && DATE.test(value)) return dateChanges(path)
  if (typeof value === 'string' && TIME_TEXT.test(value))
    return [...textChanges(path), ...(OFFSET.test(value) ? zoneChanges(path) : [])]
  const unit = unitOf(value)
  // an id may be as large as a time
  if (unit === undefined || String(path.at(-1)).endsWith('_id')) return []
  const change = (name: string, to: (time: number) => number): BodyChange => ({
    path,
    name,
    kind: 'time',
    body: (good) => withValue(good, path, likeTime(valueAt(good, path), to)),
  })
  return [
    change('1970', () => 0),
    change('a second after 1970', () => 1),
    change('9999', () => Date.UTC(9999, 0) / (1_000 / unit)),
    unit === 1
      ? change('milliseconds for seconds', (time) => time * 1_000)
      : change('seconds for milliseconds', (time) => Math.floor(time / 1_000)),
    change('microseconds', (time) => time * (1_000_000 / unit)),
    ...Object.entries(MOVES).map(([name, ms]) => change(name, (time) => time + (ms / 1_000) * unit)),
  ]
}

function allTimes(path: Place['path']): readonly BodyChange[] {
  return Object.entries(MOVES).map(([name, ms]) => ({
    path: [...path, '*'],
    name: `all times ${name}`,
    kind: 'time',
    body: (good) => withValue(good, path, movedTimes(valueAt(good, path), ms)),
  }))
}

function movedTimes(value: Json, ms: number): Json {
  if (Array.isArray(value)) return value.map((row) => movedTimes(row, ms))
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [movedDate(name, ms), movedTimes(member, ms)]),
    )
  }
  if (typeof value === 'string' && DATE.test(value)) return movedDate(value, ms)
  if (typeof value === 'string' && TIME_TEXT.test(value)) return movedText(value, ms)
  const unit = unitOf(value)
  return unit === undefined ? value : likeTime(value, (time) => time + (ms / 1_000) * unit)
}

/** A changed time in the type of the good one. */
function likeTime(value: Json, to: (time: number) => number): Json {
  const time = to(Number(value))
  return typeof value === 'string' ? String(time) : time
}

/** Rows, or a column of times. */
function isList(value: Json): boolean {
  if (!Array.isArray(value) || value.length <= 3) return false
  return typeof value[0] === 'object' || unitOf(value[0] ?? null) !== undefined
}

function textChanges(path: Path): readonly BodyChange[] {
  return Object.entries(MOVES).map(([name, ms]) => ({
    path,
    name,
    kind: 'time',
    body: (good) => withValue(good, path, movedText(String(valueAt(good, path)), ms)),
  }))
}

/** A time with an offset in another form, without its offset, or none. */
function zoneChanges(path: Path): readonly BodyChange[] {
  const changes: Readonly<Record<string, (time: string) => Json>> = {
    'without offset': (time) => time.replace(OFFSET, ''),
    'with a space': (time) => time.replace(OFFSET, '').replace('T', ' '),
    'as in UTC': (time) => time.replace(OFFSET, 'Z'),
    'with a colon': (time) => time.replace(/(\d\d)$/, ':$1'),
    'of another offset': (time) => time.replace(OFFSET, '.000-1200'),
    'as a day': (time) => time.slice(0, 10),
    'as milliseconds': (time) => Date.parse(time.replace(/(\d\d)$/, ':$1')),
    '1970': () => '1970-01-01T00:00:00.000+0800',
    '2014': () => '2014-12-31T00:00:00.000+0800',
    '9999': () => '9999-12-31T00:00:00.000+0800',
    'in 11 years': (time) => `${Number(time.slice(0, 4)) + 11}${time.slice(4)}`,
    'a day that is none': (time) => time.replace(/-\d\d-\d\d/, '-02-30'),
    'hour 25': (time) => time.replace(/T\d\d/, 'T25'),
  }
  return Object.entries(changes).map(([name, to]) => ({
    path,
    name,
    kind: 'time',
    body: (good) => withValue(good, path, to(String(valueAt(good, path)))),
  }))
}

/** A moved time in the form of the good one. */
function movedText(text: string, ms: number): string {
  const [, year, dash = '', month, day, t = '', hour, colon = '', minute, second, z = ''] =
    TIME_TEXT.exec(text) ?? []
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const moved = new Date(time + ms).toISOString().slice(0, 19)
  return `${moved.replaceAll('-', dash).replace('T', t).replaceAll(':', colon)}${z}`
}

/** Moves that change a date. */
const DAY_MOVES = Object.entries(MOVES).filter(([, ms]) => ms % DAY_MS === 0)

/** Dates that are none, or beyond all data. */
const DATES = ['0000-00-00', '1970-01-01', '9999-12-31', '2026-02-30', '2026-11-31']

function dateChanges(path: Path): readonly BodyChange[] {
  const change = (name: string, to: (date: string) => string): BodyChange => ({
    path,
    name,
    kind: 'time',
    body: (good) => withValue(good, path, to(String(valueAt(good, path)))),
  })
  return [
    ...DATES.map((date) => change(date, () => date)),
    ...DAY_MOVES.map(([name, ms]) => change(name, (date) => movedDate(date, ms))),
    change('with a time', (date) => `${date} 16:00:00`),
    change('of the other order', (date) => date.split('-').toReversed().join('/')),
  ]
}

/** Rows by date with one date that is another, or none. */
function namedDates(path: Path, rows: { [name: string]: Json }): readonly BodyChange[] {
  const names = Object.keys(rows)
  return sampledRows(names.length).flatMap((index) => {
    const name = names[index] ?? ''
    if (!DATE.test(name)) return []
    const change = (label: string, to: string): BodyChange => ({
      path: [...path, name],
      name: `date ${label}`,
      kind: 'time',
      body: (good) => {
        const entries = Object.entries(valueAt(good, path) as { [name: string]: Json })
        return withValue(
          good,
          path,
          Object.fromEntries(entries.with(index, [to, entries[index]?.[1] ?? null])),
        )
      },
    })
    return [
      ...DATES.map((date) => change(date, date)),
      ...DAY_MOVES.map(([label, ms]) => change(label, movedDate(name, ms))),
      change('with a time', `${name} 16:00:00`),
    ]
  })
}

/** A date some days earlier or later; anything else, and a move of less than a day, as it is. */
function movedDate(text: string, ms: number): string {
  if (!DATE.test(text) || ms % DAY_MS !== 0) return text
  const moved = new Date(Date.parse(text) + ms)
  return Number.isNaN(moved.getTime()) ? text : moved.toISOString().slice(0, 10)
}
