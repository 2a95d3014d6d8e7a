import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { activeOverrides } from '#shared/engine/model/overrides.ts'
import { timeText } from './explanation.ts'
import type { CauseCheck, Situation } from './situation.ts'

/** Operators have limited the job to other keys. */
export const keyExcluded: CauseCheck = ({ job, key, control }) => {
  const items = activeOverrides(job, control)?.items
  if (key === undefined || items === undefined || items.includes(key)) return undefined
  return {
    code: 'key-excluded',
    text: `The key is not in the plan: an override limits the job to ${items.length} other keys`,
  }
}

/** The provider answered that it does not have the key. */
export const keyNotAtSource: CauseCheck = ({ item }) =>
  item?.isAbsent
    ? {
        code: 'not-at-source',
        text: `The source does not have the key, as it answered at ${timeText(item.checkedAt)}`,
      }
    : undefined

/** The newest run that should have refreshed the key has lost it, or was a run of this key alone and failed. */
export const keyFailed: CauseCheck = (situation) => {
  const { key } = situation
  const run = key === undefined ? undefined : newestRunOf(situation)
  if (key === undefined || !run) return undefined
  const isOwn = run.key === key
  if (!(isOwn ? run.status === 'failed' : run.lost?.names.includes(key))) return undefined
  const which = isOwn ? 'The last run of the key' : 'The last run of the whole plan'
  const isPostponed = run.reason === 'quota-exhausted'
  const what = isPostponed
    ? 'left the key to a later run, to stay within a quota'
    : 'could not refresh the key'
  return {
    code: isPostponed ? 'key-postponed' : 'key-failed',
    text: `${which}, at ${timeText(run.startedAt)}, ${what} (${run.reason ?? run.status})`,
    ...(run.message === undefined ? {} : { details: run.message }),
  }
}

/** Without a key: the last run succeeded in part. With one: it lost more keys than its record names. */
export const keysFailed: CauseCheck = ({ key, runs, item }) => {
  const run = runs.find((candidate) => isWholeAndDone(candidate))
  if (run?.status !== 'partial' || run.lost === undefined) return undefined
  const { count, names } = run.lost
  if (key !== undefined && (names.length === count || isRenewedSince(item, run))) return undefined
  const which = names.length < count ? `${names.join(', ')} and others` : names.join(', ')
  const reader = key === undefined ? '' : '; the key is probably one of them'
  return {
    code: 'keys-failed',
    text: `The last run of the whole plan, at ${timeText(run.startedAt)}, could not refresh ${count} of its members (${run.reason ?? run.status})${reader}`,
    details: [which, ...(run.message === undefined ? [] : [run.message])].join('; '),
  }
}

/** The last run of the whole plan renewed other keys. Its record counts keys that it confirmed or had an older answer for. */
export const keyNotRefreshed: CauseCheck = ({ key, item, runs }) => {
  const run = key === undefined ? undefined : runs.find((candidate) => isWholeAndDone(candidate))
  if (!run || run.status === 'failed' || isRenewedSince(item, run)) return undefined
  const { unchanged = 0, superseded = 0 } = run.counts ?? {}
  const why = unchanged + superseded > 0 ? 'it got no newer answer than what is stored, or ' : ''
  return {
    code: 'key-not-refreshed',
    text: `The last run of the whole plan, at ${timeText(run.startedAt)}, did not renew the key: ${why}it is not in the plan, or its turn comes later`,
  }
}

function newestRunOf({ key, runs, item }: Situation): RunRecord | undefined {
  const run = runs.find((candidate) =>
    candidate.key === undefined ? isWholeAndDone(candidate) : candidate.key === key && isDone(candidate),
  )
  return run && !isRenewedSince(item, run) ? run : undefined
}

function isWholeAndDone(run: RunRecord): boolean {
  return run.key === undefined && isDone(run)
}

/** Whether a run was made to its end: not one that was skipped, lost or is under way. */
function isDone({ status }: RunRecord): boolean {
  return status === 'succeeded' || status === 'partial' || status === 'unchanged' || status === 'failed'
}

/** By the fence, because an answer may have been confirmed long before the run: its `Age` says so. */
function isRenewedSince(item: Situation['item'], { startedAt, fence }: RunRecord): boolean {
  if (item === undefined) return false
  return item.checkedAt >= startedAt || (fence !== undefined && item.fence >= fence)
}
