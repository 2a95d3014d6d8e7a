import type { RunStep } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'

/** Share of the time of a run that may be used: a run that takes longer raises the condition `slow-runs`. */
const TIME_SHARE = 0.75

/**
 * Deletes what is older than its retention, for a job that declares `retains`; nothing for any other. What does not fit
 * into the time is left to the next run, and the run is partial.
 */
export const retain: RunStep = async (state, { job, retention: work, ports }) => {
  if (job.retains === undefined) return state
  if (!work) throw new TypeError(`expected the retention work of ${job.id}, got none`)
  const now = ports.clock.now()
  const retention = await storeCall(work(now + TIME_SHARE * (state.deadline - now)))
  if (retention.isComplete) return { ...state, retention }
  const message = 'the time was over before all old rows were deleted and counted'
  return { ...state, retention, unfinished: { reason: 'timeout', message } }
}
