import { durationText } from '#shared/domain/duration.ts'
import { type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import type { LeaseScope } from '#shared/domain/records/job-state.ts'
import type { RunState, RunStep } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'

/**
 * Takes the lease of the job, or of the one requested key, and the next fence. Safety depends on the fence (I4); the
 * lease only saves work, so that clock skew changes when a run takes place, but never what is served.
 */
export const lease: RunStep = async (state, { job, ports }) => {
  const { store, clock } = ports
  const holder = { owner: state.record.owner, until: state.record.leaseUntil }
  const acquired = await storeCall(store.states.acquire(job.id, leaseScope(state), holder, clock.now()))
  if ('fence' in acquired)
    return { ...state, ...acquired, record: { ...state.record, fence: acquired.fence } }
  return { ...state, outcome: overlapOutcome(acquired.leasedUntil, clock.now()) }
}

export function leaseScope({ request }: RunState): LeaseScope {
  return request.key === undefined ? { kind: 'job' } : { kind: 'key', key: request.key }
}

/** The outcome of a run while another run has the lease. */
export function overlapOutcome(leasedUntil: number, now: number): Outcome {
  const leftMs = Math.max(1_000, Math.ceil((leasedUntil - now) / 1_000) * 1_000)
  return skippedOutcome('overlap', `another run is under way, for at most ${durationText(leftMs)}`)
}
