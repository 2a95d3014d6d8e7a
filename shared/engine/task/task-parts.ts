import { RefreshError } from '#shared/domain/errors.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { resultPartName, TASK_RETENTION_MS } from '#shared/domain/records/run-record.ts'
import type { RunStatistics } from '#shared/domain/records/run-statistics.ts'
import type { UpstreamRequest } from '../model/refresh.ts'
import type { RequestStats } from '../model/results.ts'
import type { KeyResult, Work } from '../model/run-state.ts'
import type { MemberBatch } from '../publish/set-members.ts'
import type { Blocked } from '../rate-limit/blocked.ts'

/** State that a task passes from its first step to the others. */
interface TaskContext {
  readonly overrides?: Overrides
  readonly statistics?: RunStatistics
  readonly reusesStored?: boolean
}

/** Result of one chunk: of items a result for each key, of a snapshot the members of each request. */
export type ChunkResult =
  | { readonly kind: 'results'; readonly results: readonly KeyResult[]; readonly stats: RequestStats }
  | { readonly kind: 'members'; readonly batches: readonly MemberBatch[]; readonly stats: RequestStats }
  | { readonly kind: 'blocked'; readonly blocked: Blocked; readonly keys: readonly string[] }

/** The stored parts of one task, by which its steps pass data to each other and to clients that poll it. */
export interface TaskParts {
  readContext(): Promise<TaskContext>
  writeContext(context: TaskContext): Promise<void>
  readChunk(index: number): Promise<readonly UpstreamRequest[] | undefined>
  writeChunk(index: number, requests: readonly UpstreamRequest[]): Promise<void>
  readResult(index: number): Promise<ChunkResult | undefined>
  writeResult(index: number, result: ChunkResult): Promise<void>
  /** Number of requests that the workers of a chunk without a result have sent, as far as it is stored. */
  readAttempts(index: number): Promise<number>
  writeAttempts(index: number, attempts: number): Promise<void>
  writePage(index: number, page: JsonValue): Promise<void>
}

/** The parts of one task. Of an error, its reason, message and scope are stored. */
export function taskParts<V>(run: string, { job, ports }: Pick<Work<V>, 'job' | 'ports'>): TaskParts {
  const { tasks } = ports.store
  const put = (name: string, value: object | JsonValue) =>
    tasks.put(job.id, run, name, toJson(value), ports.clock.now() + TASK_RETENTION_MS)
  // the type is certain: only the steps of this task write its parts
  const get = async <T>(name: string) =>
    (await tasks.get(job.id, run, name, ports.clock.now())) as unknown as T | undefined
  return {
    readContext: async () => (await get<TaskContext>('context')) ?? {},
    writeContext: (context) => put('context', context),
    readChunk: (index) => get(`chunk#${index}`),
    writeChunk: (index, requests) => put(`chunk#${index}`, requests),
    readResult: async (index) => withErrors(await get<ChunkResult>(`result-of-chunk#${index}`)),
    writeResult: (index, result) => put(`result-of-chunk#${index}`, result),
    readAttempts: async (index) => (await get<number>(`attempts-of-chunk#${index}`)) ?? 0,
    writeAttempts: (index, attempts) => put(`attempts-of-chunk#${index}`, attempts),
    writePage: (index, page) => put(resultPartName(index), page),
  }
}

function toJson(value: object | JsonValue): JsonValue {
  const text = JSON.stringify(value, (_name, member: unknown) =>
    member instanceof RefreshError
      ? { reason: member.reason, message: member.message, scope: member.scope }
      : member,
  )
  return JSON.parse(text) as JsonValue
}

function withErrors(result: ChunkResult | undefined): ChunkResult | undefined {
  if (result?.kind === 'results') return { ...result, results: result.results.map(withRefreshError) }
  if (result?.kind !== 'members') return result
  const batches = result.batches.map((batch) => ({ ...batch, members: batch.members.map(withRefreshError) }))
  return { ...result, batches }
}

function withRefreshError<T extends object>(part: T): T {
  if (!('error' in part)) return part
  const { reason, message, scope } = part.error as RefreshError
  return { ...part, error: new RefreshError(reason, message, { scope }) }
}
