import type { Json } from '../json.ts'
import type { Mutation } from '../mutations/mutations.ts'
import { rowNameOf } from '../rules/agreement-rule.ts'
import { type Finding, shownValue } from './finding.ts'
import type { Step } from './loss.ts'

/** Mutations that only take something away. */
const REMOVALS =
  /^(?:absent|empty|first only|last only|first half|last half|without the last three|every second|row \d+ lost|an empty list)$/

/** The title of a topic that states none is the beginning of its text. */
const DERIVED = /^\.topics\.\d+\.title$/

/**
 * Members that are computed over all rows, or over those figures that are there, or that say how another member was
 * obtained. Scores agree with the figures by `fundamental-rules.ts`, and the macro risk by `risk-findings.ts`.
 */
const AGGREGATES =
  /rank$|count|total|pool|intervals|session|note$|is(?:IntervalListed|Missing|New|_new)$|_score$|coverage$|reasons\b|^\.(?:risk_level|recommendation|target_position|stop_loss|take_profit|inputs\b.*|covered_from|days\.\d+\.(?:events|highImpact|levelSum|impactSum))$|^\.(?:overall_risk|risk_breakdown|alerts|key_concerns|recommendations|recent_events|meta)\./

/**
 * Values that no source has: the body only lacks something, and a member has another value than the good body gives and
 * than it had before. An absent value is `null`, the old one, or lost; never a default.
 */
export function inventedFindings(mutations: readonly Mutation[], step: Step): readonly Finding[] {
  const [mutation] = mutations
  if (!mutation || mutations.length > 1 || mutation.isSeries) return []
  if (!REMOVALS.test(mutation.id.split('|').at(-1) ?? '')) return []
  return [...step.after.members.values()].flatMap((member) => {
    const sources = [step.control, step.before].map(({ members }) =>
      leavesOf(members.get(member.key)?.data ?? null),
    )
    const [invented] = [...leavesOf(member.data)].filter(([path, value]) => {
      if (value === null || AGGREGATES.test(path) || DERIVED.test(path)) return false
      return (
        sources.some((leaves) => leaves.has(path)) && !sources.some((leaves) => leaves.get(path) === value)
      )
    })
    return invented ? [findingOf(member.key, invented)] : []
  })
}

function findingOf(key: string, [path, value]: readonly [string, Json]): Finding {
  return {
    check: 'invented',
    subject: path.split('.').at(-1) ?? path,
    place: `stored ${key} ${path}`,
    expected: 'the old value, null, or the row lost',
    got: shownValue(value),
  }
}

/** Leaves by path; a row of a list by its name. */
function leavesOf(value: Json, path = ''): ReadonlyMap<string, Json> {
  if (value === null || typeof value !== 'object') return new Map([[path, value]])
  const members = Array.isArray(value)
    ? value.map((row, index) => [rowNameOf(row) ?? String(index), row] as const)
    : Object.entries(value)
  return new Map(members.flatMap(([name, member]) => [...leavesOf(member, `${path}.${name}`)]))
}
