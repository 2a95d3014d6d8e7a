import { RefreshError } from '#shared/domain/errors.ts'
import type { Http } from '#shared/domain/ports/http.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import { CLOSE_CUTOFF_MS, isLive } from '#shared/domain/records/run-record.ts'
import { readInputs, readItems } from '../model/inputs.ts'
import { applyOverrides } from '../model/overrides.ts'
import type { UpstreamRequest } from '../model/refresh.ts'
import type { PlannedRun, Work } from '../model/run-state.ts'
import { fetchAndPublishItems } from '../publish/items.ts'
import { fetchMembers } from '../publish/snapshot.ts'
import { type ChunkResult, taskParts } from './task-parts.ts'
import { readTask } from './task-run.ts'

/**
 * One chunk of a task's plan: items are published at once, members of a snapshot are stored for the last step.
 * Idempotent: a chunk with a result does nothing. After the end of the task it publishes nothing.
 */
export async function runChunk<V>(
  run: string,
  index: number,
  declared: Work<V>,
  stopBy: number,
): Promise<void> {
  const taskRun = await readTask(run, declared, stopBy)
  const parts = taskParts(run, declared)
  if (!taskRun || (await parts.readResult(index))) return
  const [context, plan] = await Promise.all([parts.readContext(), parts.readChunk(index)])
  const { fence } = taskRun.state
  if (!plan || fence === undefined) throw new TypeError(`expected chunk ${index} of ${run}, got none`)
  const work = { ...declared, job: applyOverrides(context.overrides, declared.job) }
  const storedInputs = { ...(await readInputs(work)), ...(await chunkItems(plan, work)) }
  const state: PlannedRun = { ...taskRun.state, ...context, fence, plan, storedInputs }
  const earlierAttempts = await parts.readAttempts(index)
  const counted = countedWork(earlierAttempts, (attempts) => parts.writeAttempts(index, attempts), work)
  const result = await chunkResult(state, guardedWork(run, counted))
  await parts.writeResult(index, withAttempts(result, earlierAttempts))
}

/** What is stored under the keys of a chunk, where the plan depends on it. */
function chunkItems<V>(plan: readonly UpstreamRequest[], work: Work<V>) {
  if (!work.refresh.keys) return undefined
  return readItems(
    plan.map(({ key }) => key),
    work,
  )
}

/** The result of a chunk with the attempts of its workers that were killed before. */
function withAttempts(result: ChunkResult, earlier: number): ChunkResult {
  if (result.kind === 'blocked') return result
  return { ...result, stats: { ...result.stats, attempts: result.stats.attempts + earlier } }
}

/** The number of attempts is stored at most this often. */
const STORE_INTERVAL_MS = 1_000

/** Work that stores how many requests it has sent, so that the attempts of a worker that is killed are counted. */
function countedWork<V>(earlier: number, store: (attempts: number) => Promise<void>, work: Work<V>): Work<V> {
  const { job, ports } = work
  let attempts = earlier
  let storedAt = Number.NEGATIVE_INFINITY
  const http: Http = (request) => {
    const now = ports.clock.now()
    attempts += 1
    if (now - storedAt >= STORE_INTERVAL_MS) {
      storedAt = now
      // the call does not wait for it
      store(attempts).catch((error: unknown) =>
        ports.log.warn('The attempts of a chunk could not be stored', { job: job.id, error }),
      )
    }
    return ports.http(request)
  }
  return { ...work, ports: { ...ports, http } }
}

async function chunkResult<V>(state: PlannedRun, work: Work<V>): Promise<ChunkResult> {
  const keys = state.plan.map(({ key }) => key)
  if (work.job.stored === 'snapshot') {
    const fetched = await fetchMembers(state, work)
    if (fetched.status === 'blocked') return { kind: 'blocked', blocked: fetched, keys }
    return { kind: 'members', batches: fetched.results, stats: fetched.stats }
  }
  const done = await fetchAndPublishItems(state, work)
  if (done.status === 'blocked') return { kind: 'blocked', blocked: done, keys }
  return { kind: 'results', results: done.results, stats: done.stats }
}

/** Work whose table refuses items once the task has ended or is about to, so that no write lands after the deadline (I8). */
function guardedWork<V>(run: string, work: Work<V>): Work<V> {
  const { job, ports } = work
  const expectLive = async () => {
    const record = await ports.store.runs.get(job.id, run)
    if (record && isLive(record, ports.clock.now() + CLOSE_CUTOFF_MS)) return
    throw new RefreshError('cancelled', 'the task ended before this was published', { scope: 'provider' })
  }
  const { items } = ports.store
  const guarded: Store['items'] = {
    ...items,
    put: async (...args) => {
      await expectLive()
      return items.put(...args)
    },
    confirm: async (...args) => {
      await expectLive()
      return items.confirm(...args)
    },
  }
  return { ...work, ports: { ...ports, store: { ...ports.store, items: guarded } } }
}
