import { RefreshError } from '#shared/domain/errors.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import type { Figures } from '#shared/domain/records/run-statistics.ts'
import type { Refusal } from '../budget/reserve.ts'
import type { KeyResult, Work } from '../context.ts'
import type { JsonValue, Request } from '../refresh.ts'
import type { Share } from '../share.ts'
import type { Tally } from '../tally.ts'
import { resultPart } from './result-part.ts'
import { KEEP_TASK_MS } from './task-state.ts'

/** What a task carries from its first step to its last. */
interface Begun {
  readonly overrides?: Overrides
  readonly figures?: Figures
  readonly isStored?: boolean
}

/** What one chunk came to: of items what became of each, of a snapshot what each request gives to it. */
export type ChunkEnd =
  | { readonly end: 'results'; readonly results: readonly KeyResult[]; readonly tally: Tally }
  | { readonly end: 'shares'; readonly shares: readonly Share[]; readonly tally: Tally }
  | { readonly end: 'refused'; readonly refusal: Refusal; readonly keys: readonly string[] }

/** What the steps of one task leave for each other, in the table. */
export interface TaskParts {
  begun(): Promise<Begun>
  keepBegun(begun: Begun): Promise<void>
  chunk(index: number): Promise<readonly Request[] | undefined>
  keepChunk(index: number, requests: readonly Request[]): Promise<void>
  end(index: number): Promise<ChunkEnd | undefined>
  keepEnd(index: number, end: ChunkEnd): Promise<void>
  keepPage(index: number, page: JsonValue): Promise<void>
}

/** The parts of one task. Errors travel as their reason, message and scope. */
export function taskParts<V>(run: string, { job, ports }: Pick<Work<V>, 'job' | 'ports'>): TaskParts {
  const { tasks } = ports.store
  const put = (name: string, value: object | JsonValue) =>
    tasks.put(job.id, run, name, plain(value), ports.clock.now() + KEEP_TASK_MS)
  // what a step has kept is read back as it was: no other writes it
  const get = async <T>(name: string) =>
    (await tasks.get(job.id, run, name, ports.clock.now())) as unknown as T | undefined
  return {
    begun: async () => (await get<Begun>('begun')) ?? {},
    keepBegun: (begun) => put('begun', begun),
    chunk: (index) => get(`chunk#${index}`),
    keepChunk: (index, requests) => put(`chunk#${index}`, requests),
    end: async (index) => revived(await get<ChunkEnd>(`end#${index}`)),
    keepEnd: (index, end) => put(`end#${index}`, end),
    keepPage: (index, page) => put(resultPart(index), page),
  }
}

/** As JSON has it; what an error says beside its message would be lost otherwise. */
function plain(value: object | JsonValue): JsonValue {
  const text = JSON.stringify(value, (_name, member: unknown) =>
    member instanceof RefreshError
      ? { reason: member.reason, message: member.message, scope: member.scope }
      : member,
  )
  return JSON.parse(text) as JsonValue
}

function revived(end: ChunkEnd | undefined): ChunkEnd | undefined {
  if (end?.end === 'results') return { ...end, results: end.results.map(withError) }
  if (end?.end !== 'shares') return end
  const shares = end.shares.map((share) => ({ ...share, members: share.members.map(withError) }))
  return { ...end, shares }
}

function withError<T extends object>(one: T): T {
  if (!('error' in one)) return one
  const { reason, message, scope } = one.error as RefreshError
  return { ...one, error: new RefreshError(reason, message, { scope }) }
}
