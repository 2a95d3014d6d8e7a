import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import type { BodyChange } from './body-change.ts'
import { type Json, type Place, valueAt, withValue } from './json.ts'

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

/** How long a second is in the unit of a time: 1 or 1,000; `undefined` for a value that is no time. */
function unitOf(value: Json): 1 | 1_000 | undefined {
  const number = typeof value === 'string' && /^\d{10,13}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number') return undefined
  if (number > SECONDS.from && number < SECONDS.to) return 1
  return number > SECONDS.from * 1_000 && number < SECONDS.to * 1_000 ? 1_000 : undefined
}

/** Every time at the epoch, moved, or in the other unit; at the root, all times of the body at once. */
export function timeMutations({ path, value }: Place): readonly BodyChange[] {
  if (path.length === 0 || isList(value)) return allTimes(path)
  const unit = unitOf(value)
  if (unit === undefined) return []
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
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, movedTimes(member, ms)]))
  }
  const unit = unitOf(value)
  return unit === undefined ? value : likeTime(value, (time) => time + (ms / 1_000) * unit)
}

/** A changed time in the type of the good one. */
function likeTime(value: Json, to: (time: number) => number): Json {
  const time = to(Number(value))
  return typeof value === 'string' ? String(time) : time
}

function isList(value: Json): boolean {
  return Array.isArray(value) && value.length > 3 && typeof value[0] === 'object'
}
