import type { Json } from '../json.ts'
import { expectThat, isMembers, type Members } from './agreement-rule.ts'

/** Scores are published with two decimals; a mean of rounded ones is off by half of the last one, as the mean itself is. */
const SCORE_ROUNDING = 0.0101

/** A score that is the rounded form of another one; `null` if that is. */
export function expectScore(score: Json | undefined, expected: number | null): string | undefined {
  if (expected === null || typeof score !== 'number')
    return expectThat((score ?? null) === expected, String(expected))
  return expectThat(Math.abs(score - expected) <= SCORE_ROUNDING, String(expected))
}

/** Reports members that are `null` without an entry in the `reasons` of their record. */
export function expectReasons(row: Members, nulls: readonly string[]): string | undefined {
  const missing = nulls.filter((name) => !Object.hasOwn(row['reasons'] as Members, name))
  return expectThat(missing.length === 0, `a reason for ${missing.join(', ')}`)
}

/** A member that is a number; `undefined` for any other, and of a value that has no members. */
export function numberIn(members: Json | Members | undefined, name: string): number | undefined {
  const value = isMembers(members as Json) ? (members as Members)[name] : undefined
  return typeof value === 'number' ? value : undefined
}

/** The mean of at least one number. */
export function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** Whether a value is a list with a text. */
export function includes(list: Json | undefined, text: string): boolean {
  return Array.isArray(list) && list.includes(text)
}
