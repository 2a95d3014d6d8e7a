import type { Job } from '#shared/declare/job.ts'
import type { RunRecord, Store } from '#shared/ports/store.ts'

/** Clocks may be a little apart: a run is given up only so long after its lease. */
const MARGIN_MS = 30_000

const LOOK_BACK_MS = 86_400_000
const MOST_RUNS = 100

/**
 * Closes runs whose owner is gone: still `running` past their lease. What they published stays. A run that holds the
 * job's lease counts as a failure of the job.
 *
 * @returns the runs that were closed
 */
export async function closeAbandoned(
  job: Job,
  store: Pick<Store, 'runs' | 'states'>,
  now: number,
): Promise<RunRecord[]> {
  const recent = await store.runs.list(job.id, { from: now - LOOK_BACK_MS, to: now, limit: MOST_RUNS })
  const closed: RunRecord[] = []
  for (const run of recent) {
    if (run.status !== 'running' || run.leaseUntil + MARGIN_MS > now) continue
    const message = 'the invocation ended without an outcome'
    const ended: RunRecord = { ...run, status: 'abandoned', endedAt: now, message }
    if (!(await store.runs.close(ended))) continue
    const lastRun = { id: run.id, status: 'abandoned', endedAt: now } as const
    await store.states.release(job.id, { kind: 'job' }, run.owner, { lastRun, health: 'failure' })
    closed.push(ended)
  }
  return closed
}
