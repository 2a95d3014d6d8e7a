import { RefreshError } from '#shared/domain/errors.ts'
import { skipped } from '#shared/domain/outcome.ts'
import type { Fulfilled } from './ask.ts'
import type { Refusal } from './budget/reserve.ts'
import type { KeyResult, Ready, RunState, Work } from './context.ts'
import { fulfilItems } from './fulfil-items.ts'
import { fulfilSnapshot } from './fulfil-snapshot.ts'
import { SNAPSHOT_KEY } from './snapshot-view.ts'

/**
 * Does what the plan asks for: fetch, judge, render and publish, key by key, or for a snapshot the whole set at the
 * end. What one key lost, the others keep. A run that may not call at all is a recorded skip.
 */
export async function fulfil<V>(state: RunState, work: Work<V>): Promise<RunState> {
  const { fence, plan, given } = state
  if (fence === undefined || plan === undefined || given === undefined)
    throw new TypeError('expected a run with its lease and its plan')
  if (state.isStored) return { ...state, results: standing({ ...state, fence, plan, given }) }
  const ended = await fulfilled({ ...state, fence, plan, given }, work)
  if (ended.status === 'refused') return { ...state, outcome: skipped(ended.skip, ended.message) }
  const { results, tally, figures } = ended
  return {
    ...state,
    results,
    ...tally,
    attempts: state.attempts + tally.attempts,
    retries: state.retries + tally.retries,
    ...(figures ? { told: figures } : {}),
  }
}

/** What a run that asks nothing found: the set as it stands, or that there is none. */
export function standing({ given: { own } }: Ready): KeyResult[] {
  if (own) {
    const { freshUntil } = own.head
    return own.entries.map(({ key }) => ({ key, result: 'unchanged', freshUntil }))
  }
  const error = new RefreshError('not-found', 'expected a stored set to answer from, got none')
  return [{ key: SNAPSHOT_KEY, result: 'failed', error }]
}

function fulfilled<V>(state: Ready, work: Work<V>): Promise<Fulfilled | Refusal> {
  return work.job.stored === 'snapshot' ? fulfilSnapshot(state, work) : fulfilItems(state, work)
}
