import { durationText } from '#shared/domain/duration.ts'
import { type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import type { LeaseScope } from '#shared/domain/records/job-state.ts'
import type { RunState, RunStep } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'

/**
 * Takes the lease on the job, or on the one key asked for, and with it the next fence. Safety rests on the fence; the
 * lease only saves work, so clocks affect when a run happens, never what is served.
 */
export const lease: RunStep = async (state, { job, ports }) => {
  const { store, clock } = ports
  const holder = { owner: state.record.owner, until: state.record.leaseUntil }
  const taken = await storeCall(store.states.acquire(job.id, leaseScope(state), holder, clock.now()))
  if ('fence' in taken) return { ...state, ...taken, record: { ...state.record, fence: taken.fence } }
  return { ...state, outcome: overlapOutcome(taken.leasedUntil, clock.now()) }
}

export function leaseScope({ request }: RunState): LeaseScope {
  return request.key === undefined ? { kind: 'job' } : { kind: 'key', key: request.key }
}

/** The outcome of a run that finds another one under way. */
export function overlapOutcome(heldUntil: number, now: number): Outcome {
  const left = Math.ceil((heldUntil - now) / 1_000) * 1_000
  return skippedOutcome(
    'overlap',
    `another run is under way, for ${durationText(Math.max(left, 1_000))} at most`,
  )
}
