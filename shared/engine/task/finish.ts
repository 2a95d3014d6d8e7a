import { defined } from '#shared/domain/defined.ts'
import { asRefreshError } from '#shared/domain/errors.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { failedOutcome, isSuccess, noCounts, type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import { type SnapshotSet, storedSet } from '#shared/domain/records/snapshot.ts'
import { planContext, readInputs } from '../model/inputs.ts'
import { applyOverrides } from '../model/overrides.ts'
import type { SetSummary } from '../model/refresh.ts'
import { conclude } from '../model/results.ts'
import type { KeyResult, PlannedRun, Work } from '../model/run-state.ts'
import { storedResults } from '../publish/fetch-and-publish.ts'
import { failedMembers, publishSnapshot } from '../publish/snapshot.ts'
import type { Blocked } from '../rate-limit/blocked.ts'
import {
  type ChunkOutcome,
  chunkStats,
  itemResults,
  memberBatches,
  readChunkOutcomes,
  stateWithProgress,
} from './chunk-outcomes.ts'
import { type TaskParts, taskParts } from './task-parts.ts'
import {
  endTask,
  type NextStep,
  PUBLISH_CUTOFF_MS,
  readTask,
  type TaskRun,
  timedOutOutcome,
  timeoutError,
} from './task-run.ts'

/** What a task has published, before its outcome is recorded. */
interface TaskResult<V> {
  readonly results: readonly KeyResult[]
  readonly values: readonly V[]
  readonly logFields?: SetSummary['logFields']
  /** The stored set, of a job that stores a snapshot. */
  readonly set?: Pick<SnapshotSet, 'entries'> & { readonly head: Omit<SnapshotSet['head'], 'pages'> }
}

/**
 * The last step of a task: joins the results of its chunks, publishes a set, writes the pages of its result, and records
 * its one outcome. Once it has begun, the task cannot be cancelled. Too close to the deadline it publishes nothing.
 */
export async function finishTask<V>(run: string, declared: Work<V>, stopBy: number): Promise<NextStep> {
  const taskRun = await readTask(run, declared, stopBy)
  if (!taskRun) return { next: 'failed' }
  const { store, clock } = declared.ports
  const { task } = taskRun.record
  const parts = taskParts(run, declared)
  const [context, storedInputs, chunks] = await Promise.all([
    parts.readContext(),
    readInputs(declared),
    readChunkOutcomes(taskRun.state, declared),
  ])
  const work = { ...declared, job: applyOverrides(context.overrides, declared.job) }
  // checked after all reads: only writes follow
  if (clock.now() >= task.deadlineAt - PUBLISH_CUTOFF_MS)
    return endTask(stateWithProgress(taskRun.state, chunks, timeoutError()), timedOutOutcome(), work)
  const record = { ...taskRun.record, task: { ...task, publishingAt: task.publishingAt ?? clock.now() } }
  if (!(await store.runs.advance(record))) return { next: 'failed' }
  const { fence } = taskRun.state
  if (fence === undefined) throw new TypeError(`expected ${run} to have its lease`)
  const state: PlannedRun = { ...taskRun.state, ...context, record, fence, plan: [], storedInputs }
  return publishAndEnd(chunks, record, state, parts, work)
}

async function publishAndEnd<V>(
  chunks: readonly ChunkOutcome[],
  record: TaskRun['record'],
  planned: PlannedRun,
  parts: TaskParts,
  work: Work<V>,
): Promise<NextStep> {
  let state: PlannedRun = { ...planned, ...chunkStats(chunks) }
  try {
    const blocked = blockedInAll(chunks)
    if (blocked) return await endTask(state, blockedOutcome(blocked, state), work)
    const published = await publishResults(chunks, state, work)
    const { results, logFields } = published
    state = { ...state, results, ...defined({ setLogFields: logFields }) }
    const outcome = conclude(results, state.review)
    const pages = resultPages(published, outcome, state, work)
    await Promise.all(pages.map((page, index) => parts.writePage(index, page)))
    const task = { ...record.task, pages: pages.length }
    return await endTask({ ...state, record: { ...record, task } }, outcome, work)
  } catch (thrown) {
    return endTask(state, failedOutcome(asRefreshError(thrown)), work)
  }
}

async function publishResults<V>(
  chunks: readonly ChunkOutcome[],
  state: PlannedRun,
  work: Work<V>,
): Promise<TaskResult<V>> {
  if (state.reusesStored) {
    const set = state.storedInputs.ownSet
    const results = storedResults(state, work.ports.clock.now())
    return { results, values: [], ...defined({ set }) }
  }
  if (work.job.stored === 'items') return { results: chunks.flatMap(itemResults), values: [] }
  const batches = chunks.flatMap(memberBatches)
  const values = batches.flatMap(({ value }) => (value === undefined ? [] : [value as V]))
  try {
    const published = await publishSnapshot(batches, state, work)
    return { ...published, values }
  } catch (thrown) {
    return { results: failedMembers(batches, asRefreshError(thrown)), values }
  }
}

function blockedInAll(chunks: readonly ChunkOutcome[]): Blocked | undefined {
  const blocks = chunks.flatMap((chunk) => (chunk.kind === 'lost' && chunk.blocked ? [chunk.blocked] : []))
  return blocks.length === chunks.length ? blocks[0] : undefined
}

/** A blocked tick is skipped like that of any job; to the submitter of a task it is a failure. */
function blockedOutcome(blocked: Blocked, { request }: PlannedRun): Outcome {
  return request.tick === undefined ? failedOutcome(blocked) : skippedOutcome(blocked.skip, blocked.message)
}

/** The pages of the result that clients poll: the job's own after a success, else counts and failed keys. */
function resultPages<V>(
  { results, values, set }: TaskResult<V>,
  outcome: Outcome,
  state: PlannedRun,
  work: Work<V>,
): readonly JsonValue[] {
  const { refresh, ports } = work
  if (refresh.result && !isSuccess(outcome.status)) return []
  if (!refresh.result || !set) {
    const failed = results.flatMap((result) =>
      result.status === 'failed' ? [{ key: result.key, reason: result.error.reason }] : [],
    )
    const counts = 'counts' in outcome ? { ...outcome.counts } : { ...noCounts }
    return [{ counts, failed }]
  }
  const now = ports.clock.now()
  const { ownSet } = state.storedInputs
  const { head, upstream, entries } = storedSet(set, now)
  return refresh.result({
    ...planContext(state, work),
    now,
    upstream,
    entries,
    values,
    head,
    ...defined({ previous: ownSet && storedSet(ownSet, now) }),
    startedAt: state.record.startedAt,
    isPartial: outcome.status === 'partial',
  })
}
