import { updateWithRetry } from '#shared/domain/compare-and-swap.ts'
import { failedOutcome, isSuccess, skippedOutcome } from '#shared/domain/outcome.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import { isLive, type RunRecord, runIdOf, taskEndedAt, taskState } from '#shared/domain/records/run-record.ts'
import {
  fixedRunId,
  isJoinable,
  newClaim,
  RECORD_POLL_MS,
  RECORD_WAIT_MS,
  type Submission,
  type SubmitPorts,
  type SubmitResult,
  taskRecord,
  workHash,
} from './submission.ts'

/** A task that is pending for this long is started again: its submitter may have been killed. Starting is idempotent. */
const RESTART_AFTER_MS = 5_000

const MAX_ATTEMPTS = 100

/** Claims the work of a submission and creates its task, or joins a task of the same work. */
export async function claimWork(submission: Submission, ports: SubmitPorts): Promise<SubmitResult> {
  const { job, params } = submission
  const { store, clock, random } = ports
  const claims = store.submissionClaims
  const hash = workHash(params)
  const swap = await updateWithRetry<Claim | undefined, SubmitResult>(
    await claims.get(job.id, hash, clock.now()),
    MAX_ATTEMPTS,
    async (stored) => {
      const now = clock.now()
      const sameWork = stored && (await waitForRun(stored.runId, submission, ports))
      if (sameWork && canJoin(sameWork, submission, now))
        return { written: true, result: await joinRun(sameWork, submission, ports) }
      const runId = runIdOf(job.id, submission, now, random)
      if (isJoinable(submission)) {
        const claimedAt = stored ? Math.max(now, stored.claimedAt + 1) : now
        const claim = newClaim({ hash, requestHash: hash, runId }, claimedAt, now)
        const replaced = await claims.replace(job.id, claim, stored, now)
        if (!replaced.written) return replaced
      }
      return { written: true, result: await createTask(runId, submission, ports) }
    },
  )
  if (swap.written) return swap.result
  throw new Error(`expected to claim work of ${job.id}, got another claim first ${MAX_ATTEMPTS} times`)
}

/** Whether a task of the same work also answers this submission. */
function canJoin(run: RunRecord, submission: Submission, now: number): boolean {
  const { job, requiresNewRun, runId, tick, cause, input, event } = submission
  // an operator was promised a run of its own
  if (runId !== undefined && (run.id === runId || cause === 'operator')) return false
  // a task submitted before an input was published may have planned without it
  if (input !== undefined && event !== undefined && run.startedAt < event.at) return false
  if (isLive(run, now)) return true
  if (requiresNewRun || tick !== undefined) return false
  const hasSucceeded = run.status !== 'running' && isSuccess(run.status)
  if (hasSucceeded) return now - (run.endedAt ?? 0) < job.run.coalesceForMs
  return cause !== 'operator' && input === undefined && now < retryAt(run, job.run.coalesceForMs, now)
}

/** Failures that say nothing about the next task. */
const OWN_FAILURES: readonly RunRecord['reason'][] = ['cancelled', 'start']

/** Until when a failed task stands for the same work: the longest cool-down that it met, or `coalesceForMs`. */
function retryAt(run: RunRecord, coalesceForMs: number, now: number): number {
  const hasFailed = ['FAILED', 'TIMED_OUT'].includes(taskState(run, now)) && run.status !== 'skipped'
  if (!hasFailed || OWN_FAILURES.includes(run.reason)) return Number.NEGATIVE_INFINITY
  return run.task?.retryAt ?? (taskEndedAt(run, now) ?? now) + coalesceForMs
}

/**
 * Joins a task of the same work. A tick and the run of an input get a record of their own, which is skipped: it is not
 * the record of a task, and has no state of one.
 */
async function joinRun(same: RunRecord, submission: Submission, ports: SubmitPorts): Promise<SubmitResult> {
  const id = fixedRunId(submission)
  if (id !== undefined) {
    const now = ports.clock.now()
    const outcome = skippedOutcome('coalesced', `the same work is under way as ${same.id}`)
    const { task: _ofNoTask, ...record } = taskRecord(id, submission, now)
    await ports.store.runs.open({ ...record, ...outcome, endedAt: now })
  }
  return { status: 'coalesced', run: await ensureStarted(same, ports) }
}

/** Records a task under its claimed id, and starts its state machine. */
async function createTask(id: string, submission: Submission, ports: SubmitPorts): Promise<SubmitResult> {
  const record = taskRecord(id, submission, ports.clock.now())
  const opening = await ports.store.runs.open(record)
  if (!opening.opened) return { status: 'repeated', run: opening.stored }
  ports.log.info(`Task submitted: ${id}`, { job: record.job, run_id: id, cause: submission.cause })
  const run = await startMachine(record, ports)
  return { status: run.status === 'failed' ? 'unstarted' : 'created', run }
}

/** Starts a task again that was recorded and stays pending: its submitter may have been killed before it started it. */
export async function ensureStarted(run: RunRecord, ports: SubmitPorts): Promise<RunRecord> {
  const now = ports.clock.now()
  // a task that waits for its lease has a running state machine
  const isPending =
    run.task !== undefined && taskState(run, now) === 'PENDING' && run.task.waitingAt === undefined
  if (!isPending || now - run.startedAt < RESTART_AFTER_MS) return run
  ports.log.warn('A pending task is started again', { job: run.job, run_id: run.id })
  return startMachine(run, ports)
}

/** A task whose state machine cannot be started ends at once, so that none is pending forever. */
async function startMachine(
  run: RunRecord,
  { stateMachines, store, clock, log }: SubmitPorts,
): Promise<RunRecord> {
  try {
    await stateMachines.start(run.job, run.id)
    return run
  } catch (error) {
    log.error('The state machine of a task could not be started', { job: run.job, run_id: run.id, error })
    const outcome = failedOutcome({ reason: 'start', message: 'the task could not be started' })
    const ended: RunRecord = { ...run, ...outcome, endedAt: clock.now() }
    await store.runs.close(ended)
    return ended
  }
}

/** Waits until a claimed task is recorded; `undefined` when its submitter was killed before. */
function waitForRun(
  id: string,
  { job }: Submission,
  { store, clock }: SubmitPorts,
): Promise<RunRecord | undefined> {
  const polling = { deadline: clock.now() + RECORD_WAIT_MS, firstMs: RECORD_POLL_MS }
  return pollUntil(clock, polling, () => store.runs.get(job.id, id))
}
