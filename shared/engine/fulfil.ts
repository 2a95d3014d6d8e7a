import type { Fulfilled } from './ask.ts'
import type { Refusal } from './budget/reserve.ts'
import type { Ready, RunState, Work } from './context.ts'
import { fulfilItems } from './fulfil-items.ts'
import { fulfilSnapshot } from './fulfil-snapshot.ts'
import { skipped } from './outcome.ts'

/**
 * Does what the plan asks for: fetch, judge, render and publish, key by key, or for a snapshot the whole set at the
 * end. What one key lost, the others keep. A run that may not call at all is a recorded skip.
 */
export async function fulfil<V>(state: RunState, work: Work<V>): Promise<RunState> {
  const { fence, plan } = state
  if (fence === undefined || plan === undefined)
    throw new TypeError('expected a run with its lease and its plan')
  const ended = await fulfilled({ ...state, fence, plan }, work)
  if (ended.status === 'refused') return { ...state, outcome: skipped(ended.skip, ended.message) }
  const { results, tally } = ended
  return {
    ...state,
    results,
    attempts: state.attempts + tally.attempts,
    retries: state.retries + tally.retries,
    ...(tally.said === undefined ? {} : { said: tally.said }),
  }
}

function fulfilled<V>(state: Ready, work: Work<V>): Promise<Fulfilled | Refusal> {
  return work.job.stored === 'snapshot' ? fulfilSnapshot(state, work) : fulfilItems(state, work)
}
