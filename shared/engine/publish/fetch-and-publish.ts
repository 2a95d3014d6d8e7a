import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { skippedOutcome } from '#shared/domain/outcome.ts'
import { isServable, policyOf, SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import type { KeyResult, PlannedRun, RunState, Work } from '../model/run-state.ts'
import { fetchAndPublishItems } from './items.ts'
import { fetchAndPublishSnapshot } from './snapshot.ts'

/**
 * Carries out the plan: fetches, validates, renders and publishes, each item by itself, a snapshot as a whole at the
 * end. A failed key does not affect the others. A run that may not call any provider is a recorded skip.
 */
export async function fetchAndPublish<V>(state: RunState, work: Work<V>): Promise<RunState> {
  const { fence, plan, storedInputs } = state
  if (fence === undefined || plan === undefined || storedInputs === undefined)
    throw new TypeError('expected a run with its lease and its plan')
  const planned: PlannedRun = { ...state, fence, plan, storedInputs }
  if (state.reusesStored) return { ...state, results: storedResults(planned, work.ports.clock.now()) }
  const publish = work.job.stored === 'snapshot' ? fetchAndPublishSnapshot : fetchAndPublishItems
  const done = await publish(planned, work)
  if (done.status === 'blocked')
    return { ...state, outcome: skippedOutcome(done.skip, done.message), blockedBy: done.reason }
  const { results, stats, logFields, unfinished } = done
  if (results.length === 0 && !unfinished)
    return { ...state, outcome: skippedOutcome('nothing-to-do', 'the plan is empty, and nothing follows it') }
  return {
    ...state,
    results,
    ...stats,
    ...defined({ setLogFields: logFields, unfinished: unfinished ?? state.unfinished }),
  }
}

/** Results of a run that answers from the stored set, or its failure when none can be served any more. */
export function storedResults({ storedInputs: { ownSet } }: PlannedRun, now: number): KeyResult[] {
  if (ownSet && freshness(ownSet.head, now) !== 'gone') {
    const { freshUntil } = ownSet.head
    const policy = policyOf(ownSet.head)
    return ownSet.entries
      .filter((entry) => isServable(entry, policy, now))
      .map(({ key }) => ({ key, status: 'unchanged', freshUntil }))
  }
  const error = new RefreshError('not-found', 'expected a stored set to answer from, got none')
  return [{ key: SNAPSHOT_KEY, status: 'failed', error }]
}
