import { RefreshError } from '#shared/domain/errors.ts'
import { mergeStats, type RequestStats } from '../model/results.ts'
import type { KeyResult, RunState, Work } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'
import type { MemberBatch } from '../publish/set-members.ts'
import type { Blocked } from '../rate-limit/blocked.ts'
import { type ChunkResult, taskParts } from './task-parts.ts'

/** What one chunk of a task has done, whether or not its worker lived to store a result. */
export type ChunkOutcome = Exclude<ChunkResult, { kind: 'blocked' }> | LostChunk

/** A chunk without results: its worker was killed, or could not call any provider. */
interface LostChunk {
  readonly kind: 'lost'
  readonly keys: readonly string[]
  readonly error: RefreshError
  readonly stats: RequestStats
  /** Keys that its worker published before it was killed. */
  readonly published: readonly KeyResult[]
  readonly blocked?: Blocked
}

/** Reads what all chunks of a task have done. */
export async function readChunkOutcomes<V>(state: RunState, work: Work<V>): Promise<readonly ChunkOutcome[]> {
  const chunks = state.record.task?.chunks ?? 0
  return Promise.all(Array.from({ length: chunks }, (_, index) => readChunkOutcome(index, state, work)))
}

async function readChunkOutcome<V>(index: number, state: RunState, work: Work<V>): Promise<ChunkOutcome> {
  const parts = taskParts(state.record.id, work)
  const result = await parts.readResult(index)
  if (result && result.kind !== 'blocked') return result
  const stats = { attempts: await parts.readAttempts(index), retries: 0 }
  if (result) {
    const { keys, blocked } = result
    const error = new RefreshError(blocked.reason, blocked.message)
    return { kind: 'lost', keys, error, stats, published: [], blocked }
  }
  const keys = ((await parts.readChunk(index)) ?? []).map(({ key }) => key)
  const error = new RefreshError('timeout', 'the worker of this chunk ended without a result')
  return { kind: 'lost', keys, error, stats, published: await publishedKeys(keys, state, work) }
}

/** The fence of an item shows which run last published or confirmed it. */
async function publishedKeys<V>(
  keys: readonly string[],
  { record, fence }: RunState,
  { job, ports }: Work<V>,
): Promise<readonly KeyResult[]> {
  if (job.stored === 'snapshot' || fence === undefined) return []
  const items = await storeCall(ports.store.items.getMany(job.id, keys))
  return [...items.values()]
    .filter((item) => item.fence === fence)
    .map(({ key, runId, freshUntil }) => ({
      key,
      status: runId === record.id ? 'published' : 'unchanged',
      freshUntil,
    }))
}

/** Results of a chunk of items: the keys of a lost one that it did not publish have failed. */
export function itemResults(chunk: ChunkOutcome): readonly KeyResult[] {
  if (chunk.kind === 'results') return chunk.results
  if (chunk.kind !== 'lost') return []
  const published = new Map(chunk.published.map((result) => [result.key, result]))
  return chunk.keys.map((key) => published.get(key) ?? { key, status: 'failed', error: chunk.error })
}

/** The members of a lost chunk have failed: their stored entries stay. */
export function memberBatches(chunk: ChunkOutcome): readonly MemberBatch[] {
  if (chunk.kind === 'members') return chunk.batches
  if (chunk.kind !== 'lost') return []
  return [{ members: chunk.keys.map((key) => ({ key, kind: 'failure', error: chunk.error })) }]
}

/** Statistics of all chunks. */
export function chunkStats(chunks: readonly ChunkOutcome[]): RequestStats {
  return mergeStats(chunks.map(({ stats }) => stats))
}

/**
 * The state of a task that ends without a result of its own, with what its chunks did: attempts, and the results of its
 * keys. Members of a set that is not published have failed.
 *
 * @param error - why the task ends
 */
export function stateWithProgress(
  state: RunState,
  chunks: readonly ChunkOutcome[],
  error: RefreshError,
): RunState {
  if (chunks.length === 0) return state
  const results = chunks.flatMap((chunk): readonly KeyResult[] =>
    chunk.kind === 'members'
      ? chunk.batches.flatMap(({ members }) =>
          members.map(({ key }) => ({ key, status: 'failed' as const, error })),
        )
      : itemResults(chunk),
  )
  return { ...state, ...chunkStats(chunks), results }
}
