import type { Job } from '#shared/declare/job.ts'
import type { RunRecord } from '#shared/ports/records.ts'
import type { Store } from '#shared/ports/store.ts'

/** Clocks may be a little apart: a run is given up only so long after its lease. */
const MARGIN_MS = 30_000

/** A run starts at most so long after its tick, or after the event that asked for it. */
const LONGEST_DELIVERY_MS = 86_400_000

/** A whole run fits between this and its deadline, margins and clocks included. */
const MORE_THAN_MARGINS_MS = 5 * 60_000

/**
 * Closes runs whose owner is gone: still `running` past their lease. What they published stays. A run that holds the
 * job's lease counts as a failure of the job.
 *
 * @param accountedUntil - up to this tick all are accounted for: its run, and those of earlier ones, came long ago
 * @returns the runs that were closed
 */
export async function closeAbandoned(
  job: Job,
  store: Pick<Store, 'runs' | 'states'>,
  accountedUntil: number | undefined,
  now: number,
): Promise<RunRecord[]> {
  const oldest = now - 2 * LONGEST_DELIVERY_MS
  const since = (accountedUntil ?? oldest) - job.run.deadlineMs - MORE_THAN_MARGINS_MS
  const recent = await store.runs.list(job.id, { from: Math.max(since, oldest), to: now })
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
