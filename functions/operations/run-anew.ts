import type { Job } from '#shared/declare/job.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import { askForRun } from './ask-for-run.ts'
import type { Call } from './operation.ts'
import { recorded } from './recorded.ts'

/** Nobody waits longer for a run that is under way; the gateway gives up after thirty seconds. */
const LONGEST_WAIT_MS = 20_000

/** A run that was asked for has begun by then, or the bus is slow and it will meet nobody. */
const BEGINS_WITHIN_MS = 4_000

const LOOK_MS = 200

/**
 * Asks for one run that obeys what was just decided. A run that is under way may have looked before, and another one
 * beside it would be left out: its end is waited for, twenty seconds at most.
 *
 * @returns the run's id; `undefined` where none was asked for, because the job is off or the other run goes on
 * @throws {Refused} 503 when the bus does not take it
 */
export async function runAnew(job: Job, call: Call): Promise<string | undefined> {
  const { clock, random } = call.ports
  if (job.off !== undefined) return undefined
  const until = clock.now() + LONGEST_WAIT_MS
  for (;;) {
    // a task waits for its turn by itself
    const isTask = job.run.shape === 'task'
    if (!isTask && !(await isFree(job, until, call))) return undefined
    const runId = freeRunId(job.id, clock.now(), random)
    const change = { action: 'trigger', subject: `job:${job.id}`, after: { run_id: runId } }
    await recorded(call, change, () => askForRun(runId, { job }, call.ports))
    if (isTask || !(await isLeftOut(runId, job, call))) return runId
  }
}

/** Waits for the end of the run that holds the lease. */
async function isFree({ id }: Job, until: number, { ports }: Call): Promise<boolean> {
  const { store, clock } = ports
  for (;;) {
    const { lease } = await store.states.get(id)
    if (lease === undefined || lease.until <= clock.now()) return true
    if (clock.now() >= until) return false
    await clock.sleep(LOOK_MS)
  }
}

/** Whether the run has met another one that took the lease in between. */
async function isLeftOut(runId: string, { id }: Job, { ports }: Call): Promise<boolean> {
  const { store, clock } = ports
  const until = clock.now() + BEGINS_WITHIN_MS
  while (clock.now() < until) {
    const run = await store.runs.get(id, runId)
    if (run) return run.status === 'skipped' && run.reason === 'overlap'
    await clock.sleep(LOOK_MS)
  }
  return false
}
