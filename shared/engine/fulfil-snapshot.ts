import { asRefreshError, type RefreshError } from '#shared/domain/errors.ts'
import type { SnapshotEntry } from '#shared/domain/records/snapshot.ts'
import { fetchAll, type PlanResult, type StoredValue } from './ask.ts'
import type { Blocked } from './budget/reserve.ts'
import type { KeyResult, PlannedRun, Work } from './context.ts'
import { type MemberBatch, memberBatch } from './share.ts'
import { publishSnapshot } from './snapshot.ts'
import { isServable } from './snapshot-view.ts'
import { decodedEntry } from './stored-set.ts'
import type { RequestStats } from './tally.ts'

/** Asks for each key of the plan and publishes all of them as one set. */
export async function fetchAndPublishSnapshot<V>(
  state: PlannedRun,
  work: Work<V>,
): Promise<PlanResult | Blocked> {
  const asked = await fetchMembers(state, work)
  if (asked.status === 'refused') return asked
  const { results: shares, tally: stats } = asked
  try {
    const { results, logFields } = await publishSnapshot(shares, state, work)
    return { status: 'fulfilled', results, stats, ...(logFields ? { logFields } : {}) }
  } catch (thrown) {
    const error = asRefreshError(thrown)
    return { status: 'fulfilled', results: failedMembers(shares, error), stats }
  }
}

/** Asks for each key of the plan, and publishes nothing yet. */
export function fetchMembers<V>(
  state: PlannedRun,
  work: Work<V>,
): Promise<{ status: 'asked'; results: MemberBatch[]; tally: RequestStats } | Blocked> {
  const { ownSet } = state.storedInputs
  const oldest = work.ports.clock.now() - work.job.freshness.keepForMs
  const isOfThisRender = ownSet?.head.renderVersion === work.refresh.renderVersion
  const kept = ownSet?.entries.filter(({ checkedAt }) => checkedAt > oldest)
  const known = new Map(kept?.map((entry) => [entry.key, storedEntry(entry, isOfThisRender, work)]))
  return fetchAll(state.plan, state, known, work, async (judged) => memberBatch(judged))
}

/** What becomes of a set that cannot be published: what had failed before keeps its own reason. */
export function failedMembers(shares: readonly MemberBatch[], error: RefreshError): KeyResult[] {
  return shares
    .flatMap(({ members }) => members)
    .map((one) => ({ key: one.key, result: 'failed', error: one.answer === 'failure' ? one.error : error }))
}

/** What cannot be served need not be confirmed. */
function storedEntry<V>(entry: SnapshotEntry, isOfThisRender: boolean, { job, ports }: Work<V>): StoredValue {
  const { asOf, checkedAt, validator } = entry
  const isKept = isOfThisRender && isServable(entry, job.freshness, ports.clock.now())
  const payload = decodedEntry(entry)
  return {
    previous: {
      asOf,
      checkedAt,
      get data() {
        return payload.data
      },
    },
    ...(validator && isKept ? { validator } : {}),
  }
}
