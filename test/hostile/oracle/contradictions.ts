import type { Mutation } from '../mutations/mutations.ts'
import type { StoredMember } from '../read-back.ts'
import { isMembers } from '../rules/agreement-rule.ts'
import { CONTRADICTIONS } from './contradiction-tables.ts'
import { type Finding, shownValue } from './finding.ts'
import { isSuccess, namesOf, type Step } from './loss.ts'

/**
 * Contradictions that the run did not notice: it claims success, it renewed every member and row, and none of them is
 * degraded.
 */
export function contradictionFindings(mutations: readonly Mutation[], step: Step): readonly Finding[] {
  const [mutation] = mutations
  if (!mutation || mutations.length > 1 || !step.run.isBent) return []
  // the run that reads the body has to notice it
  if (step.run.isDerived) return []
  const [, place = '', name = ''] = mutation.id.split('|')
  const contradiction = CONTRADICTIONS.find(
    (candidate) =>
      candidate.path.test(mutation.path) && candidate.place.test(place) && candidate.name.test(name),
  )
  if (!contradiction || (contradiction.isOfStored && !step.isFirst)) return []
  if (!isPublished(mutation.row, step) || !isFullSuccess(step)) return []
  const { record } = step.run
  return [
    {
      check: 'agreement',
      subject: contradiction.subject,
      place: record.job,
      expected: 'the row lost, degraded, or the body rejected',
      got: `${record.status} ${shownValue(record.counts)}, everything renewed`,
    },
  ]
}

/** Whether a row of the body is published at all; a body without named rows is. */
function isPublished(row: string | undefined, { control }: Step): boolean {
  if (row === undefined) return true
  const symbol = row.replace(/-SWAP$/, '').replaceAll('-', '')
  return [...namesOf(control)].some((name) => name === symbol || name.endsWith(`/${symbol}`))
}

function isFullSuccess({ run, after, control }: Step): boolean {
  if (!isSuccess(run)) return false
  const names = namesOf(after)
  const hasAll = [...namesOf(control)].every((name) => names.has(name))
  const isRenewed = [...after.members.values()].every(
    (member) =>
      member.checkedAt >= run.startedAt &&
      (!member.degraded || marks(member) === marks(control.members.get(member.key))),
  )
  return hasAll && isRenewed && after.headTimes?.degraded !== true
}

/** Why a member is degraded, as far as it says so. */
function marks(member: StoredMember | undefined): string {
  const { degraded = false, data = null } = member ?? {}
  return JSON.stringify([degraded, isMembers(data) ? (data['degraded_reasons'] ?? null) : null])
}
