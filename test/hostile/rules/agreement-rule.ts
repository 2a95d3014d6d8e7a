import type { Json } from '../json.ts'

/** The members of one row. */
export type Members = Readonly<Record<string, Json>>

/** A rule of one row. It applies where the row has all the members, and none of them is `null`. */
export type RowRule = readonly [
  subject: string,
  members: readonly string[],
  /** What was expected; `undefined` if the members agree. */
  rule: (row: Members) => string | undefined,
]

const TOLERANCE = 1e-6

/** Reports what was expected, unless it holds. */
export function expectThat(holds: boolean, expected: string): string | undefined {
  return holds ? undefined : expected
}

/** Two numbers that are equal but for rounding; `tolerance` as a share. */
export function expectNear(value: number, expected: number, tolerance = TOLERANCE): string | undefined {
  return expectThat(Math.abs(value - expected) <= Math.abs(expected) * tolerance + 1e-8, String(expected))
}

/** Two figures of one thing: their ratio is at most a number, and at least its inverse. */
export function expectRatio(ratio: number, most: number): string | undefined {
  return expectThat(ratio <= most && ratio >= 1 / most, `a ratio of at most ${most}`)
}

/** A member as a number. */
export function num(row: Members, name: string): number {
  return Number(row[name])
}

/** The name of a published row: its symbol, project, topic or user. */
export function rowNameOf(row: Json): string | undefined {
  if (!isMembers(row)) return undefined
  const { symbol, project_id, topic_id, user } = row
  const name = [symbol, project_id, topic_id].find((each) => typeof each === 'string')
  if (typeof name === 'string') return name
  return isMembers(user) && 'rank' in row ? String(user['user_id']) : undefined
}

/** Whether a value is an object. */
export function isMembers(value: Json | undefined): value is { [name: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
