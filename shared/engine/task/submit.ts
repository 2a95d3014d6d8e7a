import { hashOf } from '#shared/domain/codec.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import { noCounts } from '#shared/domain/outcome.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { Machines } from '#shared/domain/ports/state-machines.ts'
import type { SubmissionStore } from '#shared/domain/ports/store.ts'
import type { KeyedTrigger } from '#shared/domain/records/claim.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Random } from '#shared/ports/random.ts'
import { isWork, lastingId, type Submission, taskRecord, taskRunId, workOf } from './submission.ts'
import { isLive, taskState } from './task-state.ts'

/** The world as submissions see it. */
export interface SubmitPorts {
  readonly store: SubmissionStore
  readonly machines: Machines
  readonly clock: Clock
  readonly random: Random
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
}

/** What became of a submission. */
export type Submitted =
  /** `coalesced`: the same work is under way, or was done a moment ago. `repeated`: the same key, or the same tick. */
  | { readonly how: 'created' | 'coalesced' | 'repeated'; readonly run: RunRecord }
  /** The key stands for something else. */
  | { readonly how: 'conflict' }
  /** The task is recorded, and has failed: its machine could not be started. */
  | { readonly how: 'unstarted'; readonly run: RunRecord }

const KEEP_KEY_MS = 24 * 3_600_000

/** A task that is pending for so long may have been left by whoever was to start it: starting it again does no harm. */
const START_AGAIN_MS = 5_000

/** Whoever claimed work has recorded its task by then, or never will. */
const RECORDS_WITHIN_MS = 3_000
const LOOK_MS = 25

const UNREADABLE = (job: string) => `the claim of a key of ${job} is stored in a format that cannot be read`

/**
 * The one door for tasks: routes, schedules and the bus go through it. Claims the work by a conditional write, records
 * the task, starts its machine; however many ask for the same work at once, it is one task.
 *
 * @throws what the table throws: nothing was promised then
 */
export async function submit(asked: Submission, ports: SubmitPorts): Promise<Submitted> {
  const submission = { ...asked, params: { ...asked.job.params, ...asked.params } }
  const { job, idempotencyKey } = submission
  if (idempotencyKey !== undefined) return underKey(idempotencyKey, submission, ports)
  const id = lastingId(submission)
  if (id === undefined) return claimed(submission, ports)
  const stored = await ports.store.runs.get(job.id, id)
  if (!stored) return claimed(submission, ports)
  return { how: 'repeated', run: await ensured(stored, submission, ports) }
}

async function underKey(key: string, submission: Submission, ports: SubmitPorts): Promise<Submitted> {
  const { job, params } = submission
  const { submissions } = ports.store
  const now = ports.clock.now()
  const hash = `key-${hashOf(key)}`
  const asked = workOf(params)
  const before = await submissions.get(job.id, hash, now)
  if (before) return ofKey(before, asked, submission, ports)
  const runId = freeRunId(job.id, now, ports.random)
  const claim: KeyedTrigger = { hash, asked, runId, at: now, isSaid: true, expiresAt: now + KEEP_KEY_MS }
  const taken = await submissions.replace(job.id, claim, undefined, now)
  if (!taken.written) {
    if (!taken.stored) throw new Error(UNREADABLE(job.id))
    return ofKey(taken.stored, asked, submission, ports)
  }
  return asClaimer(claim, submission, ports)
}

/** A key is a wish of its own: it stands for a task of its own, unless the same work is under way. */
async function asClaimer(
  claim: KeyedTrigger,
  submission: Submission,
  ports: SubmitPorts,
): Promise<Submitted> {
  const submitted = await claimed({ ...submission, runId: claim.runId }, ports)
  if (submitted.how !== 'coalesced') return submitted
  const joinedTo = { ...claim, runId: submitted.run.id, at: claim.at + 1 }
  return changed(joinedTo, claim, submission, ports, async () => submitted)
}

async function ofKey(
  claim: KeyedTrigger,
  asked: string,
  submission: Submission,
  ports: SubmitPorts,
): Promise<Submitted> {
  if (claim.asked !== asked) return { how: 'conflict' }
  const found = await recordedOrChanged(claim, submission, ports)
  if (found && 'hash' in found) return ofKey(found, asked, submission, ports)
  if (found) return { how: 'repeated', run: await ensured(found, submission, ports) }
  // whoever took the key has died before he recorded its task: this one goes on from there
  const taken = { ...claim, at: claim.at + 1 }
  return changed(taken, claim, submission, ports, () => asClaimer(taken, submission, ports))
}

/** Changes what a key stands for, and goes on; where somebody else has changed it meanwhile, his word counts. */
async function changed(
  to: KeyedTrigger,
  over: KeyedTrigger,
  submission: Submission,
  ports: SubmitPorts,
  goOn: () => Promise<Submitted>,
): Promise<Submitted> {
  const { id } = submission.job
  const result = await ports.store.submissions.replace(id, to, over, ports.clock.now())
  if (result.written) return goOn()
  if (result.stored) return ofKey(result.stored, to.asked, submission, ports)
  throw new Error(UNREADABLE(id))
}

/** Claims the work, or joins the same work. */
async function claimed(submission: Submission, ports: SubmitPorts): Promise<Submitted> {
  const { job, params } = submission
  const { submissions } = ports.store
  const work = workOf(params)
  for (;;) {
    const now = ports.clock.now()
    const before = await submissions.get(job.id, work, now)
    const same = before && (await recorded(before.runId, submission, ports))
    if (same && answers(same, submission, now)) return joined(same, submission, ports)
    const runId = taskRunId(submission, now, ports.random)
    if (!isWork(submission)) return opened(runId, submission, ports)
    const at = before ? Math.max(now, before.at + 1) : now
    const claim: KeyedTrigger = {
      hash: work,
      asked: work,
      runId,
      at,
      isSaid: true,
      expiresAt: now + KEEP_KEY_MS,
    }
    const taken = await submissions.replace(job.id, claim, before, now)
    if (taken.written) return opened(runId, submission, ports)
  }
}

/** Whether a task of the same work answers this submission too. */
function answers(run: RunRecord, submission: Submission, now: number): boolean {
  const { job, isAnew, runId, tick, cause, input, event } = submission
  // an operator was promised a run of its own
  if (runId !== undefined && (run.id === runId || cause === 'operator')) return false
  // what was submitted before an input was published may have planned without it
  if (input !== undefined && event !== undefined && run.startedAt < event.at) return false
  if (isLive(run, now)) return true
  if (isAnew || tick !== undefined) return false
  const state = taskState(run, now)
  const isDone = state === 'SUCCEEDED' || state === 'PARTIAL'
  return isDone && now - (run.endedAt ?? 0) < job.run.coalesceForMs
}

/** Joins the same work; a tick, and the run of an input, leave a record of their own that says so. */
async function joined(same: RunRecord, submission: Submission, ports: SubmitPorts): Promise<Submitted> {
  const id = lastingId(submission)
  if (id !== undefined) {
    const now = ports.clock.now()
    const message = `the same work is under way as ${same.id}`
    const skipped = { status: 'skipped', reason: 'coalesced', message, endedAt: now } as const
    await ports.store.runs.open({ ...taskRecord(id, submission, now), ...skipped })
  }
  return { how: 'coalesced', run: await ensured(same, submission, ports) }
}

/** Records a task under the id that was claimed for it, and starts its machine. */
async function opened(id: string, submission: Submission, ports: SubmitPorts): Promise<Submitted> {
  const { job } = submission
  const record = taskRecord(id, submission, ports.clock.now())
  const opening = await ports.store.runs.open(record)
  if (!opening.opened) return { how: 'repeated', run: opening.stored }
  ports.log.info(`Task submitted: ${id}`, { job: job.id, run_id: id, cause: submission.cause })
  const run = await started(record, ports)
  return { how: run.status === 'failed' ? 'unstarted' : 'created', run }
}

/** A task that is recorded and stays pending is started again: its first submitter may have died before he did. */
async function ensured(run: RunRecord, { job }: Submission, ports: SubmitPorts): Promise<RunRecord> {
  const now = ports.clock.now()
  // one that waits for its turn has a machine that knows of it
  const isUnbegun =
    run.task !== undefined && taskState(run, now) === 'PENDING' && run.task.waitingAt === undefined
  const isLeft = isUnbegun && now - run.startedAt >= START_AGAIN_MS
  if (!isLeft) return run
  ports.log.warn('A pending task is started again', { job: job.id, run_id: run.id })
  return started(run, ports)
}

/** A machine that cannot be started ends the task at once: nothing is pending for ever. */
async function started(run: RunRecord, { machines, store, clock, log }: SubmitPorts): Promise<RunRecord> {
  try {
    await machines.start(run.job, run.id)
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
async function recordedOrChanged(
  claim: KeyedTrigger,
  { job }: Submission,
  { store, clock }: SubmitPorts,
): Promise<RunRecord | KeyedTrigger | undefined> {
  const until = clock.now() + RECORDS_WITHIN_MS
  for (;;) {
    const run = await store.runs.get(job.id, claim.runId)
    if (run) return run
    const stored = await store.submissions.get(job.id, claim.hash, clock.now())
    if (stored && stored.runId !== claim.runId) return stored
    if (clock.now() >= until) return undefined
    await clock.sleep(LOOK_MS)
  }
}

/** The record of a task that somebody has claimed: it is there within moments, or its claimer is gone. */
async function recorded(
  id: string,
  { job }: Submission,
  { store, clock }: SubmitPorts,
): Promise<RunRecord | undefined> {
  const until = clock.now() + RECORDS_WITHIN_MS
  for (;;) {
    const run = await store.runs.get(job.id, id)
    if (run || clock.now() >= until) return run
    await clock.sleep(LOOK_MS)
  }
}
