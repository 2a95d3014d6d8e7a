import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import { noCounts, type Outcome, skipped } from '#shared/domain/outcome.ts'
import type { Refusal } from '../budget/reserve.ts'
import { conclude } from '../conclude.ts'
import type { KeyResult, Ready, Work } from '../context.ts'
import { standing } from '../fulfil.ts'
import { lost } from '../fulfil-snapshot.ts'
import { contextOf, given } from '../given.ts'
import { jobUnder } from '../override.ts'
import type { JsonValue, Whole } from '../refresh.ts'
import type { Share } from '../share.ts'
import { publishSnapshot } from '../snapshot.ts'
import { type SnapshotSet, storedSet } from '../stored-set.ts'
import { type Tally, tallied } from '../tally.ts'
import { type ChunkEnd, type TaskParts, taskParts } from './parts.ts'
import type { NextStep } from './step.ts'
import { endTask, FINISH_MS, taskRun, timedOut } from './task-run.ts'

/** What a task has come to before its outcome is written. */
interface Finished<V> {
  readonly results: readonly KeyResult[]
  readonly values: readonly V[]
  readonly figures?: Whole['figures']
  /** The set that stands, of a job that stores one. */
  readonly set?: Pick<SnapshotSet, 'entries'> & { readonly head: Omit<SnapshotSet['head'], 'pages'> }
}

/**
 * The last step of a task: puts its chunks together, publishes what is published at once, writes the pages of its
 * result, and at last its one outcome. From its beginning on the task cannot be cancelled; too close to the deadline
 * it publishes nothing.
 */
export async function finishTask<V>(run: string, declared: Work<V>, stopBy: number): Promise<NextStep> {
  const found = await taskRun(run, declared, stopBy)
  if (!found) return { next: 'failed' }
  const { store, clock } = declared.ports
  const { task } = found.record
  const parts = taskParts(run, declared)
  const [begun, stored, ...ends] = await Promise.all([
    parts.begun(),
    given(declared),
    ...Array.from({ length: task.chunks ?? 0 }, (_, index) => endOf(index, parts)),
  ])
  const work = { ...declared, job: jobUnder(begun.overrides, declared.job) }
  // all is read: what follows is writes
  if (clock.now() >= task.deadlineAt - FINISH_MS) return endTask(found.state, timedOut(), work)
  const finishing = { ...task, finishingAt: task.finishingAt ?? clock.now() }
  const record = { ...found.record, task: finishing }
  if (!(await store.runs.advance(record))) return { next: 'failed' }

  const { fence } = found.state
  if (fence === undefined) throw new TypeError(`expected ${run} to have its lease`)
  let state: Ready = { ...found.state, ...begun, record, fence, plan: [], given: stored }
  try {
    const refusal = refusedByAll(ends)
    if (refusal) return await endTask(state, refused(refusal, state), work)
    const finished = await together(ends, state, work)
    const tally = sumOf(ends)
    state = {
      ...state,
      ...tally,
      results: finished.results,
      ...(finished.figures ? { told: finished.figures } : {}),
    }
    const outcome = conclude(finished.results)
    const pages = resultPages(finished, outcome, state, work)
    await Promise.all(pages.map((page, index) => parts.keepPage(index, page)))
    const told = { ...state, record: { ...record, task: { ...finishing, pages: pages.length } } }
    return await endTask(told, outcome, work)
  } catch (thrown) {
    const { reason, message } = asRefreshError(thrown)
    return endTask(state, { status: 'failed', reason, message, counts: noCounts }, work)
  }
}

/** How a chunk ended, with the keys of one that has nothing to show. */
type Ended = Exclude<ChunkEnd, { end: 'refused' }> | Lost

/** A chunk whose worker is gone, or was not let in. */
interface Lost {
  readonly end: 'lost'
  readonly keys: readonly string[]
  readonly error: RefreshError
  readonly refusal?: Refusal
}

async function endOf(index: number, parts: TaskParts): Promise<Ended> {
  const end = await parts.end(index)
  if (end?.end === 'refused') {
    const { keys, refusal } = end
    return { end: 'lost', keys, error: new RefreshError(refusal.reason, refusal.message), refusal }
  }
  if (end) return end
  const keys = ((await parts.chunk(index)) ?? []).map(({ key }) => key)
  const error = new RefreshError('timeout', 'the worker of this part ended without a result')
  return { end: 'lost', keys, error }
}

async function together<V>(ends: readonly Ended[], state: Ready, work: Work<V>): Promise<Finished<V>> {
  const { own } = state.given
  if (state.isStored) return { results: standing(state), values: [], ...(own ? { set: own } : {}) }
  if (work.job.stored === 'items') return { results: ends.flatMap(resultsOf), values: [] }
  const shares = ends.flatMap(sharesOf)
  const values = shares.flatMap(({ value }) => (value === undefined ? [] : [value as V]))
  try {
    const published = await publishSnapshot(shares, state, work)
    return { ...published, values }
  } catch (thrown) {
    return { results: lost(shares, asRefreshError(thrown)), values }
  }
}

function resultsOf(end: Ended): readonly KeyResult[] {
  if (end.end === 'results') return end.results
  return end.end === 'lost' ? end.keys.map((key) => ({ key, result: 'failed', error: end.error })) : []
}

/** What a lost chunk owes to a set has failed: its members stay as they were. */
function sharesOf(end: Ended): readonly Share[] {
  if (end.end === 'shares') return end.shares
  if (end.end !== 'lost') return []
  return [{ members: end.keys.map((key) => ({ key, answer: 'failure', error: end.error })) }]
}

function refusedByAll(ends: readonly Ended[]): Refusal | undefined {
  const refusals = ends.flatMap((end) => (end.end === 'lost' && end.refusal ? [end.refusal] : []))
  return refusals.length === ends.length ? refusals[0] : undefined
}

/** A tick that may not call is left out like any other; whoever submitted a task is told that it failed. */
function refused({ skip, reason, message }: Refusal, { request }: Ready): Outcome {
  if (request.tick !== undefined) return skipped(skip, message)
  return { status: 'failed', reason, message, counts: noCounts }
}

function sumOf(ends: readonly Ended[]): Tally {
  return tallied(ends.flatMap((end) => (end.end === 'lost' ? [] : [end.tally])))
}

function isWell({ status }: Outcome): boolean {
  return status === 'succeeded' || status === 'unchanged' || status === 'partial'
}

/** What those who poll are given, page by page: as the job says of what went well, or which keys failed and why. */
function resultPages<V>(
  { results, values, set }: Finished<V>,
  outcome: Outcome,
  state: Ready,
  work: Work<V>,
): readonly JsonValue[] {
  const { refresh, ports } = work
  if (refresh.result && !isWell(outcome)) return []
  if (!refresh.result || !set) {
    const failed = results.flatMap((one) =>
      one.result === 'failed' ? [{ key: one.key, reason: one.error.reason }] : [],
    )
    const counts = 'counts' in outcome ? { ...outcome.counts } : { ...noCounts }
    return [{ counts, failed }]
  }
  const stored = storedSet(set, ports.clock.now())
  return refresh.result({
    ...contextOf(state, work),
    now: ports.clock.now(),
    upstream: stored.upstream,
    entries: stored.entries,
    values,
    head: stored.head,
    ...(state.given.own ? { previous: storedSet(state.given.own, ports.clock.now()) } : {}),
    startedAt: state.record.startedAt,
    isPartial: outcome.status === 'partial',
  })
}
