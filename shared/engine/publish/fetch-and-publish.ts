import { RefreshError } from '#shared/domain/errors.ts'
import { skippedOutcome } from '#shared/domain/outcome.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import type { PlanResult } from '../fetch/fetch-all.ts'
import type { KeyResult, PlannedRun, RunState, Work } from '../model/run-state.ts'
import type { Blocked } from '../rate-limit/reservation.ts'
import { fetchAndPublishItems } from './items.ts'
import { fetchAndPublishSnapshot } from './snapshot.ts'

/**
 * Does what the plan asks for: fetch, judge, render and publish, key by key, or for a snapshot the whole set at the
 * end. What one key lost, the others keep. A run that may not call at all is a recorded skip.
 */
export async function fetchAndPublish<V>(state: RunState, work: Work<V>): Promise<RunState> {
  const { fence, plan, storedInputs } = state
  if (fence === undefined || plan === undefined || storedInputs === undefined)
    throw new TypeError('expected a run with its lease and its plan')
  if (state.reusesStored) return { ...state, results: storedResults({ ...state, fence, plan, storedInputs }) }
  const ended = await byStorage({ ...state, fence, plan, storedInputs }, work)
  if (ended.status === 'refused') return { ...state, outcome: skippedOutcome(ended.skip, ended.message) }
  const { results, stats, logFields } = ended
  return {
    ...state,
    results,
    ...stats,
    attempts: state.attempts + stats.attempts,
    retries: state.retries + stats.retries,
    ...(logFields ? { setLogFields: logFields } : {}),
  }
}

/** What a run that asks nothing found: the set as it stands, or that there is none. */
export function storedResults({ storedInputs: { ownSet } }: PlannedRun): KeyResult[] {
  if (ownSet) {
    const { freshUntil } = ownSet.head
    return ownSet.entries.map(({ key }) => ({ key, result: 'unchanged', freshUntil }))
  }
  const error = new RefreshError('not-found', 'expected a stored set to answer from, got none')
  return [{ key: SNAPSHOT_KEY, result: 'failed', error }]
}

function byStorage<V>(state: PlannedRun, work: Work<V>): Promise<PlanResult | Blocked> {
  return work.job.stored === 'snapshot'
    ? fetchAndPublishSnapshot(state, work)
    : fetchAndPublishItems(state, work)
}
