import type { Job } from '#shared/declare/job.ts'
import { noCounts } from '#shared/domain/outcome.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import { type RunRecord, taskState } from '#shared/domain/records/run-record.ts'

/** Clocks may be a little apart: a run is given up only so long after its lease. */
const LEASE_GRACE_MS = 30_000

/** A run starts at most so long after its tick, or after the event that asked for it. */
const MAX_DELIVERY_AGE_MS = 86_400_000

/** A whole run fits between this and its deadline, margins and clocks included. */
const RUN_MARGIN_MS = 5 * 60_000

/** The machine of a task begins within seconds, or never. */
const START_TIMEOUT_MS = 60_000

/** What a look at the runs of a job has found. */
export interface RecentRuns {
  /** Those that were closed by this look. */
  readonly closed: readonly RunRecord[]
  /** All that may have ended since the last look, as they stand now. */
  readonly runs: readonly RunRecord[]
}

/**
 * Closes runs whose owner is gone. A plain run is abandoned when it is still `running` past its lease. A task has timed
 * out past its deadline, which it reads as already, and has failed when its machine never began. What they published
 * stays. A run that holds the job's lease counts as a failure of the job.
 *
 * @param accountedUntil - up to this tick all are accounted for: its run, and those of earlier ones, came long ago
 */
export async function closeAbandonedRuns(
  job: Job,
  store: Pick<Store, 'runs' | 'states'>,
  accountedUntil: number | undefined,
  now: number,
): Promise<RecentRuns> {
  const oldest = now - 2 * MAX_DELIVERY_AGE_MS
  const since = (accountedUntil ?? oldest) - job.run.deadlineMs - RUN_MARGIN_MS
  const recent = await store.runs.list(job.id, { from: Math.max(since, oldest), to: now })
  const closed: RunRecord[] = []
  for (const run of recent) {
    const end = runEnd(run, now)
    if (!end) continue
    const ended: RunRecord = { ...run, ...end, endedAt: now }
    if (!(await store.runs.close(ended))) continue
    const { status, reason } = end
    const lastRun = { id: run.id, status, endedAt: now, ...(reason === undefined ? {} : { reason }) }
    await store.states.release(job.id, { kind: 'job' }, run.owner, { lastRun, health: 'failure' })
    closed.push(ended)
  }
  const runs = recent.map((run) => closed.find(({ id }) => id === run.id) ?? run)
  return { closed, runs }
}

type RunEnd = Pick<RunRecord, 'message' | 'counts'> &
  (
    | { readonly status: 'abandoned'; readonly reason?: never }
    | { readonly status: 'failed'; readonly reason: 'timeout' | 'start' }
  )

/** How a run ends whose owner is gone; nothing for one that has ended, or may go on. */
function runEnd(run: RunRecord, now: number): RunEnd | undefined {
  if (run.status !== 'running') return undefined
  if (!run.task) {
    const message = 'the invocation ended without an outcome'
    return run.leaseUntil + LEASE_GRACE_MS > now ? undefined : { status: 'abandoned', message }
  }
  const failed = { status: 'failed', counts: noCounts } as const
  switch (taskState(run, now)) {
    case 'TIMED_OUT':
      return { ...failed, reason: 'timeout', message: 'the task did not end within its deadline' }
    case 'PENDING': {
      const isWaiting = run.task.waitingAt !== undefined
      if (isWaiting || now - run.startedAt < START_TIMEOUT_MS) return undefined
      return { ...failed, reason: 'start', message: 'the machine of the task did not begin' }
    }
    default:
      return undefined
  }
}
