import { hashOf } from '#shared/domain/codec.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import { noCounts } from '#shared/domain/outcome.ts'
import type { Clock, Random } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { StateMachines } from '#shared/domain/ports/state-machines.ts'
import type { SubmissionStore } from '#shared/domain/ports/store.ts'
import type { Claim } from '#shared/domain/records/claim.ts'
import { isLive, type RunRecord, taskState } from '#shared/domain/records/run-record.ts'
import { fixedRunId, isJoinable, type Submission, taskRecord, taskRunId, workHash } from './submission.ts'

/** The world as submissions see it. */
export interface SubmitPorts {
  readonly store: SubmissionStore
  readonly stateMachines: StateMachines
  readonly clock: Clock
  readonly random: Random
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
}

/** What became of a submission. */
export type SubmitResult =
  /** `coalesced`: the same work is under way, or was done a moment ago. `repeated`: the same key, or the same tick. */
  | { readonly status: 'created' | 'coalesced' | 'repeated'; readonly run: RunRecord }
  /** The key stands for something else. */
  | { readonly status: 'conflict' }
  /** The task is recorded, and has failed: its machine could not be started. */
  | { readonly status: 'unstarted'; readonly run: RunRecord }

const CLAIM_RETENTION_MS = 24 * 3_600_000

/** A task that is pending for so long may have been left by whoever was to start it: starting it again does no harm. */
const RESTART_AFTER_MS = 5_000

/** Whoever claimed work has recorded its task by then, or never will. */
const RECORD_WAIT_MS = 3_000
const POLL_MS = 25

const unreadableClaim = (job: string) =>
  `the claim of a key of ${job} is stored in a format that cannot be read`

/**
 * The one door for tasks: routes, schedules and the bus go through it. Claims the work by a conditional write, records
 * the task, starts its machine; however many ask for the same work at once, it is one task.
 *
 * @throws what the table throws: nothing was promised then
 */
export async function submit(asked: Submission, ports: SubmitPorts): Promise<SubmitResult> {
  const submission = { ...asked, params: { ...asked.job.params, ...asked.params } }
  const { job, idempotencyKey } = submission
  if (idempotencyKey !== undefined) return submitWithKey(idempotencyKey, submission, ports)
  const id = fixedRunId(submission)
  if (id === undefined) return claimWork(submission, ports)
  const stored = await ports.store.runs.get(job.id, id)
  if (!stored) return claimWork(submission, ports)
  return { status: 'repeated', run: await ensureStarted(stored, submission, ports) }
}

async function submitWithKey(key: string, submission: Submission, ports: SubmitPorts): Promise<SubmitResult> {
  const { job, params } = submission
  const { submissionClaims: submissions } = ports.store
  const now = ports.clock.now()
  const hash = `key-${hashOf(key)}`
  const requestHash = workHash(params)
  const before = await submissions.get(job.id, hash, now)
  if (before) return resolveKeyClaim(before, requestHash, submission, ports)
  const runId = freeRunId(job.id, now, ports.random)
  const claim: Claim = {
    hash,
    requestHash,
    runId,
    claimedAt: now,
    isPublished: true,
    expiresAt: now + CLAIM_RETENTION_MS,
  }
  const taken = await submissions.replace(job.id, claim, undefined, now)
  if (!taken.written) {
    if (!taken.stored) throw new Error(unreadableClaim(job.id))
    return resolveKeyClaim(taken.stored, requestHash, submission, ports)
  }
  return submitAsClaimOwner(claim, submission, ports)
}

/** A key is a wish of its own: it stands for a task of its own, unless the same work is under way. */
async function submitAsClaimOwner(
  claim: Claim,
  submission: Submission,
  ports: SubmitPorts,
): Promise<SubmitResult> {
  const submitted = await claimWork({ ...submission, runId: claim.runId }, ports)
  if (submitted.status !== 'coalesced') return submitted
  const joinedTo = { ...claim, runId: submitted.run.id, claimedAt: claim.claimedAt + 1 }
  return replaceClaim(joinedTo, claim, submission, ports, async () => submitted)
}

async function resolveKeyClaim(
  claim: Claim,
  asked: string,
  submission: Submission,
  ports: SubmitPorts,
): Promise<SubmitResult> {
  if (claim.requestHash !== asked) return { status: 'conflict' }
  const found = await waitForRunOrClaim(claim, submission, ports)
  if (found && 'hash' in found) return resolveKeyClaim(found, asked, submission, ports)
  if (found) return { status: 'repeated', run: await ensureStarted(found, submission, ports) }
  // whoever took the key has died before he recorded its task: this one goes on from there
  const taken = { ...claim, claimedAt: claim.claimedAt + 1 }
  return replaceClaim(taken, claim, submission, ports, () => submitAsClaimOwner(taken, submission, ports))
}

/** Changes what a key stands for, and goes on; where somebody else has changed it meanwhile, his word counts. */
async function replaceClaim(
  to: Claim,
  over: Claim,
  submission: Submission,
  ports: SubmitPorts,
  goOn: () => Promise<SubmitResult>,
): Promise<SubmitResult> {
  const { id } = submission.job
  const result = await ports.store.submissionClaims.replace(id, to, over, ports.clock.now())
  if (result.written) return goOn()
  if (result.stored) return resolveKeyClaim(result.stored, to.requestHash, submission, ports)
  throw new Error(unreadableClaim(id))
}

/** Claims the work, or joins the same work. */
async function claimWork(submission: Submission, ports: SubmitPorts): Promise<SubmitResult> {
  const { job, params } = submission
  const { submissionClaims: submissions } = ports.store
  const work = workHash(params)
  for (;;) {
    const now = ports.clock.now()
    const before = await submissions.get(job.id, work, now)
    const same = before && (await waitForRun(before.runId, submission, ports))
    if (same && canJoin(same, submission, now)) return joinRun(same, submission, ports)
    const runId = taskRunId(submission, now, ports.random)
    if (!isJoinable(submission)) return createTask(runId, submission, ports)
    const claimedAt = before ? Math.max(now, before.claimedAt + 1) : now
    const claim: Claim = {
      hash: work,
      requestHash: work,
      runId,
      claimedAt,
      isPublished: true,
      expiresAt: now + CLAIM_RETENTION_MS,
    }
    const taken = await submissions.replace(job.id, claim, before, now)
    if (taken.written) return createTask(runId, submission, ports)
  }
}

/** Whether a task of the same work answers this submission too. */
function canJoin(run: RunRecord, submission: Submission, now: number): boolean {
  const { job, requiresNewRun, runId, tick, cause, input, event } = submission
  // an operator was promised a run of its own
  if (runId !== undefined && (run.id === runId || cause === 'operator')) return false
  // what was submitted before an input was published may have planned without it
  if (input !== undefined && event !== undefined && run.startedAt < event.at) return false
  if (isLive(run, now)) return true
  if (requiresNewRun || tick !== undefined) return false
  const state = taskState(run, now)
  const isDone = state === 'SUCCEEDED' || state === 'PARTIAL'
  return isDone && now - (run.endedAt ?? 0) < job.run.coalesceForMs
}

/** Joins the same work; a tick, and the run of an input, leave a record of their own that says so. */
async function joinRun(same: RunRecord, submission: Submission, ports: SubmitPorts): Promise<SubmitResult> {
  const id = fixedRunId(submission)
  if (id !== undefined) {
    const now = ports.clock.now()
    const message = `the same work is under way as ${same.id}`
    const skipped = { status: 'skipped', reason: 'coalesced', message, endedAt: now } as const
    await ports.store.runs.open({ ...taskRecord(id, submission, now), ...skipped })
  }
  return { status: 'coalesced', run: await ensureStarted(same, submission, ports) }
}

/** Records a task under the id that was claimed for it, and starts its machine. */
async function createTask(id: string, submission: Submission, ports: SubmitPorts): Promise<SubmitResult> {
  const { job } = submission
  const record = taskRecord(id, submission, ports.clock.now())
  const opening = await ports.store.runs.open(record)
  if (!opening.opened) return { status: 'repeated', run: opening.stored }
  ports.log.info(`Task submitted: ${id}`, { job: job.id, run_id: id, cause: submission.cause })
  const run = await startMachine(record, ports)
  return { status: run.status === 'failed' ? 'unstarted' : 'created', run }
}

/** A task that is recorded and stays pending is started again: its first submitter may have died before he did. */
async function ensureStarted(run: RunRecord, { job }: Submission, ports: SubmitPorts): Promise<RunRecord> {
  const now = ports.clock.now()
  // one that waits for its turn has a machine that knows of it
  const isUnbegun =
    run.task !== undefined && taskState(run, now) === 'PENDING' && run.task.waitingAt === undefined
  const isLeft = isUnbegun && now - run.startedAt >= RESTART_AFTER_MS
  if (!isLeft) return run
  ports.log.warn('A pending task is started again', { job: job.id, run_id: run.id })
  return startMachine(run, ports)
}

/** A machine that cannot be started ends the task at once: nothing is pending for ever. */
async function startMachine(
  run: RunRecord,
  { stateMachines, store, clock, log }: SubmitPorts,
): Promise<RunRecord> {
  try {
    await stateMachines.start(run.job, run.id)
    return run
  } catch (error) {
    log.error('The machine of a task could not be started', { job: run.job, run_id: run.id, error })
    const message = 'the task could not be started'
    const failed = {
      status: 'failed',
      reason: 'start',
      message,
      counts: noCounts,
      endedAt: clock.now(),
    } as const
    const ended: RunRecord = { ...run, ...failed }
    await store.runs.close(ended)
    return ended
  }
}

/**
 * The record of the task that a key stands for: it is there within moments, or whoever took the key is gone. He may
 * also have joined another task: then what the key stands for now.
 */
async function waitForRunOrClaim(
  claim: Claim,
  { job }: Submission,
  { store, clock }: SubmitPorts,
): Promise<RunRecord | Claim | undefined> {
  const until = clock.now() + RECORD_WAIT_MS
  for (;;) {
    const run = await store.runs.get(job.id, claim.runId)
    if (run) return run
    const stored = await store.submissionClaims.get(job.id, claim.hash, clock.now())
    if (stored && stored.runId !== claim.runId) return stored
    if (clock.now() >= until) return undefined
    await clock.sleep(POLL_MS)
  }
}

/** The record of a task that somebody has claimed: it is there within moments, or its claimer is gone. */
async function waitForRun(
  id: string,
  { job }: Submission,
  { store, clock }: SubmitPorts,
): Promise<RunRecord | undefined> {
  const until = clock.now() + RECORD_WAIT_MS
  for (;;) {
    const run = await store.runs.get(job.id, id)
    if (run || clock.now() >= until) return run
    await clock.sleep(POLL_MS)
  }
}
