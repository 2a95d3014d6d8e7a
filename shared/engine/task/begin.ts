import { defined } from '#shared/domain/defined.ts'
import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import { failedOutcome } from '#shared/domain/outcome.ts'
import { plan } from '../fetch/plan.ts'
import { gate } from '../gate/gate.ts'
import { lease } from '../gate/lease.ts'
import { applyOverrides } from '../model/overrides.ts'
import type { UpstreamRequest } from '../model/refresh.ts'
import type { RunState, Work } from '../model/run-state.ts'
import { taskParts } from './task-parts.ts'
import { endTask, type NextStep, readTask, type TaskRun } from './task-run.ts'

/** Bounds of the wait for the lease, in seconds; each wait costs a few of the state machine's 25,000 history events. */
const MIN_WAIT_S = 2
const MAX_WAIT_S = 60

/** More chunks would exceed the state machine's history. */
const MAX_CHUNKS = 1_000

/**
 * The first step of a task: its gate, its lease, and its plan, split into chunks. While another run has the lease, it
 * waits until its deadline. Idempotent: a repetition completes what is missing.
 */
export async function beginTask<V>(run: string, declared: Work<V>, stopBy: number): Promise<NextStep> {
  const taskRun = await readTask(run, declared, stopBy)
  if (!taskRun) return { next: 'end' }
  const { task } = taskRun.record
  if (task.plannedAt !== undefined) return nextAfterPlan(run, task.chunks ?? 0)
  let { state } = taskRun
  let work = declared
  try {
    state = await gate(state, work)
    if (state.outcome) return await endTask(state, state.outcome, work)
    work = { ...declared, job: applyOverrides(state.overrides, declared.job) }
    const leased = await lease(state, work)
    if (leased.outcome) return await waitForLease(taskRun.record, work)
    state = leased
    state = await plan(state, work)
    if (state.outcome) return await endTask(state, state.outcome, work)
    return await storePlan(state, task, work)
  } catch (thrown) {
    return endTask(state, failedOutcome(asRefreshError(thrown)), work)
  }
}

/** Stores chunks and context before the record says that the task is planned, so that later steps find both. */
async function storePlan<V>(
  state: RunState,
  task: TaskRun['record']['task'],
  work: Work<V>,
): Promise<NextStep> {
  const { job, ports } = work
  const run = state.record.id
  const parts = taskParts(run, work)
  const chunks = splitIntoChunks(state.plan ?? [], job.run.chunk)
  const { overrides, statistics, reusesStored } = state
  await Promise.all(chunks.map((requests, index) => parts.writeChunk(index, requests)))
  await parts.writeContext(defined({ overrides, statistics, reusesStored }))
  const planned = { ...task, plannedAt: ports.clock.now(), chunks: chunks.length }
  const progress = { planned: state.plan?.length ?? 0, done: 0, failed: 0 }
  const isOurs = await ports.store.runs.advance({ ...state.record, task: planned, progress })
  return isOurs ? nextAfterPlan(run, chunks.length) : { next: 'end' }
}

/** Waits a tenth of the time it has waited so far: short waits are precise, long ones fit into the history. */
async function waitForLease<V>(record: TaskRun['record'], { ports }: Work<V>): Promise<NextStep> {
  const now = ports.clock.now()
  const { task } = record
  const waitingAt = task.waitingAt ?? now
  if (task.waitingAt === undefined) {
    const isOurs = await ports.store.runs.advance({ ...record, task: { ...task, waitingAt } })
    if (!isOurs) return { next: 'end' }
  }
  const seconds = Math.ceil((now - waitingAt) / 10_000)
  return { next: 'wait', seconds: Math.min(Math.max(seconds, MIN_WAIT_S), MAX_WAIT_S) }
}

function nextAfterPlan(run: string, chunks: number): NextStep {
  if (chunks === 0) return { next: 'finish' }
  return { next: 'chunks', chunks: Array.from({ length: chunks }, (_, chunk) => ({ run, chunk })) }
}

function splitIntoChunks(requests: readonly UpstreamRequest[], size: number): UpstreamRequest[][] {
  const chunks = Array.from({ length: Math.ceil(requests.length / size) }, (_, index) =>
    requests.slice(index * size, (index + 1) * size),
  )
  if (chunks.length <= MAX_CHUNKS) return chunks
  const message = `expected at most ${MAX_CHUNKS} chunks, got ${chunks.length}; raise run.chunk`
  throw new RefreshError('defect', message)
}
