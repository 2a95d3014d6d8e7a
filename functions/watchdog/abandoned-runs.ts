import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { noCounts } from '#shared/domain/outcome.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import { type RunRecord, taskState } from '#shared/domain/records/run-record.ts'

/** A run is abandoned this long after its lease ended, so that clock skew does not matter. */
const LEASE_GRACE_MS = 30_000

/** A run starts at most this long after its tick or its event. */
const MAX_DELIVERY_AGE_MS = 86_400_000

/** Added to the deadline, it covers a whole run with margins and clock skew. */
const RUN_MARGIN_MS = 5 * 60_000

/** The state machine of a task starts within seconds, or never. */
const START_TIMEOUT_MS = 60_000

/** The recent runs of a job, after the ones without an owner were closed. */
export interface RecentRuns {
  /** The runs that this pass closed. */
  readonly closed: readonly RunRecord[]
  /** All runs that may have ended since the last pass, in their current state. */
  readonly runs: readonly RunRecord[]
}

/**
 * Closes runs whose owner is gone. A plain run is abandoned when it is still `running` past its lease. A task has timed
 * out past its deadline, and has failed when its state machine never started. What they published stays. A run with the
 * job's lease counts as a failure of the job.
 *
 * @param accountedUntil - the newest tick that is accounted for (epoch ms): its run and earlier ones started long ago
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
    const lastRun = { id: run.id, status, endedAt: now, ...defined({ reason }) }
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

/** How a run ends whose owner is gone; `undefined` for one that has ended or may continue. */
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
      return { ...failed, reason: 'start', message: 'the state machine of the task did not start' }
    }
    default:
      return undefined
  }
}
