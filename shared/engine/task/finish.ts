import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { noCounts, type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import { type SnapshotSet, storedSet } from '#shared/domain/records/snapshot.ts'
import { planContext, readInputs } from '../model/inputs.ts'
import { applyOverrides } from '../model/overrides.ts'
import type { SetSummary } from '../model/refresh.ts'
import { conclude, mergeStats, type RequestStats } from '../model/results.ts'
import type { KeyResult, PlannedRun, Work } from '../model/run-state.ts'
import { storedResults } from '../publish/fetch-and-publish.ts'
import type { MemberBatch } from '../publish/set-members.ts'
import { failedMembers, publishSnapshot } from '../publish/snapshot.ts'
import type { Blocked } from '../rate-limit/reservation.ts'
import { type ChunkResult, type TaskParts, taskParts } from './task-parts.ts'
import { endTask, type NextStep, PUBLISH_CUTOFF_MS, readTask, timedOutOutcome } from './task-run.ts'

/** What a task has come to before its outcome is written. */
interface TaskResult<V> {
  readonly results: readonly KeyResult[]
  readonly values: readonly V[]
  readonly logFields?: SetSummary['logFields']
  /** The set that stands, of a job that stores one. */
  readonly set?: Pick<SnapshotSet, 'entries'> & { readonly head: Omit<SnapshotSet['head'], 'pages'> }
}

/**
 * The last step of a task: puts its chunks together, publishes what is published at once, writes the pages of its
 * result, and at last its one outcome. From its beginning on the task cannot be cancelled; too close to the deadline
 * it publishes nothing.
 */
export async function finishTask<V>(run: string, declared: Work<V>, stopBy: number): Promise<NextStep> {
  const found = await readTask(run, declared, stopBy)
  if (!found) return { next: 'failed' }
  const { store, clock } = declared.ports
  const { task } = found.record
  const parts = taskParts(run, declared)
  const [begun, stored, ...ends] = await Promise.all([
    parts.readContext(),
    readInputs(declared),
    ...Array.from({ length: task.chunks ?? 0 }, (_, index) => readChunkOutcome(index, parts)),
  ])
  const work = { ...declared, job: applyOverrides(begun.overrides, declared.job) }
  // all is read: what follows is writes
  if (clock.now() >= task.deadlineAt - PUBLISH_CUTOFF_MS) return endTask(found.state, timedOutOutcome(), work)
  const finishing = { ...task, publishingAt: task.publishingAt ?? clock.now() }
  const record = { ...found.record, task: finishing }
  if (!(await store.runs.advance(record))) return { next: 'failed' }

  const { fence } = found.state
  if (fence === undefined) throw new TypeError(`expected ${run} to have its lease`)
  let state: PlannedRun = { ...found.state, ...begun, record, fence, plan: [], storedInputs: stored }
  try {
    const refusal = blockedByAll(ends)
    if (refusal) return await endTask(state, blockedOutcome(refusal, state), work)
    const finished = await publishResults(ends, state, work)
    const tally = totalStats(ends)
    state = {
      ...state,
      ...tally,
      results: finished.results,
      ...(finished.logFields ? { setLogFields: finished.logFields } : {}),
    }
    const outcome = conclude(finished.results)
    const pages = resultPages(finished, outcome, state, work)
    await Promise.all(pages.map((page, index) => parts.writePage(index, page)))
    const told = { ...state, record: { ...record, task: { ...finishing, pages: pages.length } } }
    return await endTask(told, outcome, work)
  } catch (thrown) {
    const { reason, message } = asRefreshError(thrown)
    return endTask(state, { status: 'failed', reason, message, counts: noCounts }, work)
  }
}

/** How a chunk ended, with the keys of one that has nothing to show. */
type ChunkOutcome = Exclude<ChunkResult, { kind: 'refused' }> | LostChunk

/** A chunk whose worker is gone, or was not let in. */
interface LostChunk {
  readonly kind: 'lost'
  readonly keys: readonly string[]
  readonly error: RefreshError
  readonly blocked?: Blocked
}

async function readChunkOutcome(index: number, parts: TaskParts): Promise<ChunkOutcome> {
  const end = await parts.readResult(index)
  if (end?.kind === 'refused') {
    const { keys, blocked } = end
    return { kind: 'lost', keys, error: new RefreshError(blocked.reason, blocked.message), blocked }
  }
  if (end) return end
  const keys = ((await parts.readChunk(index)) ?? []).map(({ key }) => key)
  const error = new RefreshError('timeout', 'the worker of this part ended without a result')
  return { kind: 'lost', keys, error }
}

async function publishResults<V>(
  ends: readonly ChunkOutcome[],
  state: PlannedRun,
  work: Work<V>,
): Promise<TaskResult<V>> {
  const { ownSet } = state.storedInputs
  if (state.reusesStored)
    return { results: storedResults(state), values: [], ...(ownSet ? { set: ownSet } : {}) }
  if (work.job.stored === 'items') return { results: ends.flatMap(itemResults), values: [] }
  const shares = ends.flatMap(memberBatches)
  const values = shares.flatMap(({ value }) => (value === undefined ? [] : [value as V]))
  try {
    const published = await publishSnapshot(shares, state, work)
    return { ...published, values }
  } catch (thrown) {
    return { results: failedMembers(shares, asRefreshError(thrown)), values }
  }
}

function itemResults(end: ChunkOutcome): readonly KeyResult[] {
  if (end.kind === 'results') return end.results
  return end.kind === 'lost' ? end.keys.map((key) => ({ key, result: 'failed', error: end.error })) : []
}

/** What a lost chunk owes to a set has failed: its members stay as they were. */
function memberBatches(end: ChunkOutcome): readonly MemberBatch[] {
  if (end.kind === 'shares') return end.batches
  if (end.kind !== 'lost') return []
  return [{ members: end.keys.map((key) => ({ key, answer: 'failure', error: end.error })) }]
}

function blockedByAll(ends: readonly ChunkOutcome[]): Blocked | undefined {
  const refusals = ends.flatMap((end) => (end.kind === 'lost' && end.blocked ? [end.blocked] : []))
  return refusals.length === ends.length ? refusals[0] : undefined
}

/** A tick that may not call is left out like any other; whoever submitted a task is told that it failed. */
function blockedOutcome({ skip, reason, message }: Blocked, { request }: PlannedRun): Outcome {
  if (request.tick !== undefined) return skippedOutcome(skip, message)
  return { status: 'failed', reason, message, counts: noCounts }
}

function totalStats(ends: readonly ChunkOutcome[]): RequestStats {
  return mergeStats(ends.flatMap((end) => (end.kind === 'lost' ? [] : [end.stats])))
}

function isSuccessful({ status }: Outcome): boolean {
  return status === 'succeeded' || status === 'unchanged' || status === 'partial'
}

/** What those who poll are given, page by page: as the job says of what went well, or which keys failed and why. */
function resultPages<V>(
  { results, values, set }: TaskResult<V>,
  outcome: Outcome,
  state: PlannedRun,
  work: Work<V>,
): readonly JsonValue[] {
  const { refresh, ports } = work
  if (refresh.result && !isSuccessful(outcome)) return []
  if (!refresh.result || !set) {
    const failed = results.flatMap((one) =>
      one.result === 'failed' ? [{ key: one.key, reason: one.error.reason }] : [],
    )
    const counts = 'counts' in outcome ? { ...outcome.counts } : { ...noCounts }
    return [{ counts, failed }]
  }
  const stored = storedSet(set, ports.clock.now())
  return refresh.result({
    ...planContext(state, work),
    now: ports.clock.now(),
    upstream: stored.upstream,
    entries: stored.entries,
    values,
    head: stored.head,
    ...(state.storedInputs.ownSet
      ? { previous: storedSet(state.storedInputs.ownSet, ports.clock.now()) }
      : {}),
    startedAt: state.record.startedAt,
    isPartial: outcome.status === 'partial',
  })
}
