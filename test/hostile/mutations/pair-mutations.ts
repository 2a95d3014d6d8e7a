import { type Json, type Path, type Place, valueAt, withValue } from '../json.ts'
import type { BodyChange } from './body-change.ts'
import { areClose, isQuantity, scaled } from './quantity.ts'

const HOURS = [1, 2, 4, 8, 12, 24, 168]

/** A small whole number of hours or minutes: an interval. */
const INTERVAL = /interval/i

/** Every two members of a row that must agree: exchanged, or one of them moved away from the other. */
export function pairMutations({ path, value }: Place): readonly BodyChange[] {
  if (value === null || typeof value !== 'object' || path.length === 0) return []
  const members: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.length <= 20 && value.every((member) => typeof member !== 'object')
      ? value.map((member, index) => [index, member] as const)
      : []
    : Object.entries(value)
  const numbers = members.filter(([, member]) => isQuantity(member))
  const pairs = numbers.flatMap(([a, left], index) =>
    numbers
      .slice(index + 1)
      .filter(([, right]) => areClose(left, right))
      .map(([b]) => [a, b] as const),
  )
  return [
    ...pairs.flatMap(([a, b]) => pairChanges(path, a, b)),
    ...members
      .filter(([name]) => INTERVAL.test(String(name)))
      .flatMap(([name, member]) => intervalChanges([...path, name], member)),
    ...members
      .filter(([name]) => /percent|pcnt/i.test(String(name)))
      .flatMap(([name]) => percentChanges([...path, name])),
  ]
}

function pairChanges(path: Path, a: string | number, b: string | number): readonly BodyChange[] {
  const left = [...path, a]
  const right = [...path, b]
  const members = [left, right]
  const change = (name: string, body: BodyChange['body']): BodyChange => {
    return { path, name, kind: 'pair', members, body }
  }
  const set = (to: Path, of: Path, factor: number) => (good: Json) =>
    withValue(good, to, scaled(valueAt(good, of), factor))
  return [
    change(`${a} and ${b} exchanged`, (good) =>
      withValue(withValue(good, left, valueAt(good, right)), right, valueAt(good, left)),
    ),
    ...[0.5, 0.9, 1.1, 2].flatMap((factor) => [
      change(`${a} is ${factor} of ${b}`, set(left, right, factor)),
      change(`${b} is ${factor} of ${a}`, set(right, left, factor)),
    ]),
  ]
}

function intervalChanges(path: Path, value: Json): readonly BodyChange[] {
  const minutes = Number(value) >= 60 ? 60 : 1
  const hours = [...HOURS, 0.00001, 7.95, 0.5].map((hour) => hour * minutes)
  return hours.map((hour) => ({
    path,
    name: `interval ${hour}`,
    kind: 'pair',
    body: (good) => withValue(good, path, typeof value === 'string' ? String(hour) : hour),
  }))
}

function percentChanges(path: Path): readonly BodyChange[] {
  const changes: readonly (readonly [string, (percent: number) => number])[] = [
    ['as a share', (percent) => percent / 100],
    ['plus 5', (percent) => percent + 5],
    ['plus 0.05', (percent) => percent + 0.05],
    ['of the other sign', (percent) => -percent],
  ]
  return changes.map(([name, to]) => ({
    path,
    name,
    kind: 'pair',
    body: (good) => {
      const value = valueAt(good, path)
      const changed = to(Number(value))
      return withValue(good, path, typeof value === 'string' ? changed.toFixed(6) : changed)
    },
  }))
}
