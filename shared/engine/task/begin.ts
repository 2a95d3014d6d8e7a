import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import { noCounts } from '#shared/domain/outcome.ts'
import { plan } from '../fetch/plan.ts'
import { gate } from '../gate/gate.ts'
import { lease } from '../gate/lease.ts'
import { applyOverrides } from '../model/overrides.ts'
import type { UpstreamRequest } from '../model/refresh.ts'
import type { Work } from '../model/run-state.ts'
import { taskParts } from './task-parts.ts'
import { endTask, type NextStep, readTask, type TaskRun } from './task-run.ts'

/** Between two looks whether the lease is free, in seconds; each is a few of the machine's 25,000 events. */
const MIN_WAIT_S = 2
const MAX_WAIT_S = 60

/** More make a history that the state machine does not keep. */
const MAX_CHUNKS = 1_000

/**
 * The first step of a task: whether it is to be, its lease, its plan cut into chunks. While another run holds the lease
 * it waits for its turn, within its deadline. Said again, it does what is left of it.
 */
export async function beginTask<V>(run: string, declared: Work<V>, stopBy: number): Promise<NextStep> {
  const found = await readTask(run, declared, stopBy)
  if (!found) return { next: 'end' }
  const { task } = found.record
  if (task.plannedAt !== undefined) return nextAfterPlan(run, task.chunks ?? 0)
  const parts = taskParts(run, declared)
  let { state } = found
  let work = declared
  try {
    state = await gate(state, work)
    if (state.outcome) return await endTask(state, state.outcome, work)
    work = { ...declared, job: applyOverrides(state.overrides, declared.job) }
    const leased = await lease(state, work)
    if (leased.outcome) return await waitForLease(found.record, work)
    state = leased
    state = await plan(state, work)
    if (state.outcome) return await endTask(state, state.outcome, work)
    const chunks = splitIntoChunks(state.plan ?? [], work.job.run.chunk)
    const { overrides, statistics, reusesStored } = state
    const carried = { ...(overrides ? { overrides } : {}), ...(statistics ? { statistics } : {}) }
    // kept before the record says that it has begun: who finds it begun finds all
    await Promise.all(chunks.map((requests, index) => parts.writeChunk(index, requests)))
    await parts.writeContext({ ...carried, ...(reusesStored ? { reusesStored } : {}) })
    const begun = { ...task, plannedAt: work.ports.clock.now(), chunks: chunks.length }
    const isOurs = await work.ports.store.runs.advance({ ...state.record, task: begun })
    return isOurs ? nextAfterPlan(run, chunks.length) : { next: 'end' }
  } catch (thrown) {
    const { reason, message } = asRefreshError(thrown)
    return endTask(state, { status: 'failed', reason, message, counts: noCounts }, work)
  }
}

/** A tenth as long as it has waited: short waits are followed closely, and long ones stay within the machine's history. */
async function waitForLease<V>(record: TaskRun['record'], { ports }: Work<V>): Promise<NextStep> {
  const now = ports.clock.now()
  const { task } = record
  const since = task.waitingAt ?? now
  if (task.waitingAt === undefined) {
    const isOurs = await ports.store.runs.advance({ ...record, task: { ...task, waitingAt: now } })
    if (!isOurs) return { next: 'end' }
  }
  const seconds = Math.ceil((now - since) / 10_000)
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
