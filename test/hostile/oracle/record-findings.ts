import type { Json } from '../json.ts'
import type { Content, StoredMember } from '../read-back.ts'
import { isMembers, type Members } from '../rules/agreement-rule.ts'
import { type Finding, shownValue } from './finding.ts'

/** A figure that is about a hundred times another one: fraction and percent were confused. */
const ABOUT_A_HUNDRED = { min: 95, max: 105 }

/**
 * Figures that one run made a hundred times larger or smaller. They are not published in that run: the old ones stay, with
 * the reason `unit_suspect`.
 */
export function unitFindings(before: Content, after: Content): readonly Finding[] {
  return [...after.members.values()].flatMap(({ key, data }): Finding[] => {
    const [old, next] = [companyOf(before.members.get(key)?.data), companyOf(data)]
    const name = Object.keys(next).find((member) => isSwitched(old[member], next[member]))
    if (name === undefined) return []
    const expected = `${shownValue(old[name])}, and the reason unit_suspect`
    return [
      { check: 'agreement', subject: `unit of ${name}`, place: key, expected, got: shownValue(next[name]) },
    ]
  })
}

function companyOf(data: Json | undefined): Members {
  const company = isMembers(data) ? data['fundamental'] : undefined
  return isMembers(company) ? company : {}
}

function isSwitched(old: Json | undefined, next: Json | undefined): boolean {
  if (typeof old !== 'number' || typeof next !== 'number') return false
  return [next / old, old / next].some((fold) => fold > ABOUT_A_HUNDRED.min && fold < ABOUT_A_HUNDRED.max)
}

/**
 * Records that name the times of the records from which they were computed: these are the stored ones, and the record has
 * the earlier time. A record that was computed before its inputs changed is not judged.
 */
export function inputFindings({ members, inputs }: Content): readonly Finding[] {
  return [...members.values()].flatMap((member): Finding[] => {
    const named = isMembers(member.data) ? member.data['inputs'] : undefined
    if (!isMembers(named)) return []
    const stored = Object.keys(named).map((job) => [job, inputs.get(job)?.get(member.key)] as const)
    if (stored.some(([, input]) => input && input.checkedAt > member.checkedAt)) return []
    const expected = Object.fromEntries(stored.map(([job, input]) => [job, timeOf(input)]))
    const earliest = Math.min(...stored.flatMap(([, input]) => input?.asOf ?? []))
    const got = Object.fromEntries(
      Object.entries(named).map(([job, input]) => [job, isMembers(input) ? (input['as_of'] ?? null) : null]),
    )
    const isRight = shownValue(got) === shownValue(expected) && member.asOf === earliest
    if (isRight) return []
    return [
      {
        check: 'agreement',
        subject: 'times of inputs',
        place: `stored ${member.key}`,
        expected: `${shownValue(expected)}, as of ${new Date(earliest).toISOString()}`,
        got: `${shownValue(got)}, as of ${new Date(member.asOf).toISOString()}`,
      },
    ]
  })
}

/** The source time of a stored record, to the second. */
function timeOf(input: StoredMember | undefined): string | null {
  return input === undefined ? null : `${new Date(input.asOf).toISOString().slice(0, 19)}Z`
}
