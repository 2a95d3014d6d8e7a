import { RefreshError } from '#shared/domain/errors.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { resultPartName, TASK_RETENTION_MS } from '#shared/domain/records/run-record.ts'
import type { RunStatistics } from '#shared/domain/records/run-statistics.ts'
import type { UpstreamRequest } from '../model/refresh.ts'
import type { RequestStats } from '../model/results.ts'
import type { KeyResult, Work } from '../model/run-state.ts'
import type { MemberBatch } from '../publish/set-members.ts'
import type { Blocked } from '../rate-limit/reservation.ts'

/** What a task carries from its first step to its last. */
interface TaskContext {
  readonly overrides?: Overrides
  readonly statistics?: RunStatistics
  readonly reusesStored?: boolean
}

/** What one chunk came to: of items what became of each, of a snapshot what each request gives to it. */
export type ChunkResult =
  | { readonly kind: 'results'; readonly results: readonly KeyResult[]; readonly stats: RequestStats }
  | { readonly kind: 'shares'; readonly batches: readonly MemberBatch[]; readonly stats: RequestStats }
  | { readonly kind: 'refused'; readonly blocked: Blocked; readonly keys: readonly string[] }

/** What the steps of one task leave for each other, in the table. */
export interface TaskParts {
  readContext(): Promise<TaskContext>
  writeContext(context: TaskContext): Promise<void>
  readChunk(index: number): Promise<readonly UpstreamRequest[] | undefined>
  writeChunk(index: number, requests: readonly UpstreamRequest[]): Promise<void>
  readResult(index: number): Promise<ChunkResult | undefined>
  writeResult(index: number, result: ChunkResult): Promise<void>
  writePage(index: number, page: JsonValue): Promise<void>
}

/** The parts of one task. Errors travel as their reason, message and scope. */
export function taskParts<V>(run: string, { job, ports }: Pick<Work<V>, 'job' | 'ports'>): TaskParts {
  const { tasks } = ports.store
  const put = (name: string, value: object | JsonValue) =>
    tasks.put(job.id, run, name, toJson(value), ports.clock.now() + TASK_RETENTION_MS)
  // what a step has kept is read back as it was: no other writes it
  const get = async <T>(name: string) =>
    (await tasks.get(job.id, run, name, ports.clock.now())) as unknown as T | undefined
  return {
    readContext: async () => (await get<TaskContext>('begun')) ?? {},
    writeContext: (begun) => put('begun', begun),
    readChunk: (index) => get(`chunk#${index}`),
    writeChunk: (index, requests) => put(`chunk#${index}`, requests),
    readResult: async (index) => withErrors(await get<ChunkResult>(`end#${index}`)),
    writeResult: (index, end) => put(`end#${index}`, end),
    writePage: (index, page) => put(resultPartName(index), page),
  }
}

/** As JSON has it; what an error says beside its message would be lost otherwise. */
function toJson(value: object | JsonValue): JsonValue {
  const text = JSON.stringify(value, (_name, member: unknown) =>
    member instanceof RefreshError
      ? { reason: member.reason, message: member.message, scope: member.scope }
      : member,
  )
  return JSON.parse(text) as JsonValue
}

function withErrors(end: ChunkResult | undefined): ChunkResult | undefined {
  if (end?.kind === 'results') return { ...end, results: end.results.map(withRefreshError) }
  if (end?.kind !== 'shares') return end
  const batches = end.batches.map((share) => ({ ...share, members: share.members.map(withRefreshError) }))
  return { ...end, batches }
}

function withRefreshError<T extends object>(one: T): T {
  if (!('error' in one)) return one
  const { reason, message, scope } = one.error as RefreshError
  return { ...one, error: new RefreshError(reason, message, { scope }) }
}
