import { hashOf } from '#shared/domain/codec.ts'
import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import { type FreshnessTimes, freshnessTimes } from '#shared/domain/freshness.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import {
  isServable,
  SNAPSHOT_KEY,
  type SnapshotEntry,
  type SnapshotHead,
  type SnapshotSet,
} from '#shared/domain/records/snapshot.ts'
import type { ValidationResult } from '../fetch/fetch-all.ts'
import type { ItemBody, SetSummary } from '../model/refresh.ts'
import type { KeyResult, LeasedRun, Work } from '../model/run-state.ts'
import { missingConfirmedValue } from './items.ts'
import { expectFits, renderEntry } from './render.ts'

/** What a run knows of one member of a snapshot. */
export type SetMember = { readonly key: string } & (
  | {
      readonly answer: 'value'
      readonly body: ItemBody
      readonly upstream: string
      readonly dataSource: DataSource
      readonly validator?: Validator
    }
  | { readonly answer: 'unchanged' }
  /** With the provider that answered, where one did and owes this member. */
  | { readonly answer: 'failure'; readonly error: RefreshError; readonly upstream?: string }
)

/** What one request gives to a snapshot: one member or many, and the value that they were made from. */
export interface MemberBatch {
  readonly members: readonly SetMember[]
  readonly value?: unknown
}

/** The members that a judgement stands for. One that no page can hold fails by itself, not the whole set. */
export function memberBatch(judged: ValidationResult): MemberBatch {
  if (judged.answer !== 'value') return { members: [judged] }
  const { key, value, body, members, upstream, dataSource, validator } = judged
  const from = { upstream, dataSource, ...(validator ? { validator } : {}) }
  if (body) return { value, members: [checkedMember({ key, body, ...from })] }
  return {
    value,
    members: [
      ...members.bodies.map(({ key: of, ...rest }) => checkedMember({ key: of, body: rest, ...from })),
      ...members.missing.map(
        ({ key: of, message }): SetMember => ({
          key: of,
          answer: 'failure',
          error: new RefreshError('rejected', message),
          upstream,
        }),
      ),
    ],
  }
}

function checkedMember(member: Omit<Extract<SetMember, { answer: 'value' }>, 'answer'>): SetMember {
  try {
    expectFits(member.body)
    return { answer: 'value', ...member }
  } catch (thrown) {
    return { key: member.key, answer: 'failure', error: asRefreshError(thrown), upstream: member.upstream }
  }
}

/** What a new set is made from. */
export interface SetInputs<V> {
  readonly members: readonly SetMember[]
  readonly values: readonly V[]
  /** Other members stay as they are, and so do the times of the set. */
  readonly isPart: boolean
  readonly stored: SnapshotSet | undefined
  readonly now: number
}

/** The members of the new set, in order, and what the run says of each that it asked for. */
export function buildEntries<V>(making: SetInputs<V>, { job, refresh }: Work<V>) {
  const { members, isPart, stored, now } = making
  const servable = stored?.entries.filter((entry) => isServable(entry, job.freshness, now)) ?? []
  const before = new Map(servable.map((entry) => [entry.key, entry]))
  const made = members.map((one) => buildEntry(one, before.get(one.key), now, job.freshness.freshForMs))
  const renewed = new Map(made.flatMap(({ entry }) => (entry ? [[entry.key, entry] as const] : [])))
  // of a list that did not come nobody can tell what is still in it
  const isListMissing =
    refresh.members !== undefined && members.some((one) => one.answer === 'failure' && !one.upstream)
  const carried = isPart || isListMissing ? servable.filter(({ key }) => !renewed.has(key)) : []
  if (isPart) expectOneProvider(members, stored)
  const entries = [...renewed.values(), ...carried].sort((a, b) => (a.key < b.key ? -1 : 1))
  return { entries, results: made.map(({ result }) => result) }
}

/** @throws {RefreshError} `rejected`: a part of one provider's answers does not belong into a set of another's */
function expectOneProvider(members: readonly SetMember[], stored: SnapshotSet | undefined): void {
  if (!stored) throw new RefreshError('rejected', 'expected a stored set to renew a part of, got none')
  const other = members.find((one) => one.answer === 'value' && one.upstream !== stored.head.source)
  if (other?.answer !== 'value') return
  const message = `expected a part of the stored set of ${stored.head.source}, got one of ${other.upstream}`
  throw new RefreshError('rejected', message)
}

/** The head of a new set; of a part, under the times of the set that it renews. */
export function buildHead<V>(
  entries: readonly SnapshotEntry[],
  making: SetInputs<V>,
  whole: SetSummary | undefined,
  state: LeasedRun,
  work: Work<V>,
): Omit<SnapshotHead, 'pages'> {
  const { members, stored, isPart, now } = making
  const { job, refresh } = work
  const text = whole && JSON.stringify(whole.head)
  const etags = [
    ...entries.map((entry) => `${entry.key}\n${entry.etag}`),
    ...(text === undefined ? [] : [text]),
  ]
  const since = isPart && stored ? headTimes(stored.head) : undefined
  return {
    key: SNAPSHOT_KEY,
    ...(since ?? freshnessTimes(now, job.freshness)),
    fence: state.fence,
    runId: state.record.id,
    etag: hashOf(etags.join('\n')),
    renderVersion: refresh.renderVersion,
    asOf: Math.min(...entries.map((entry) => entry.asOf)),
    fetchedAt: since ? since.fetchedAt : now,
    degraded: entries.some((entry) => entry.degraded) || members.some(({ answer }) => answer === 'failure'),
    source: providerOf(making, work),
    dataSource: dataSourceOf(making),
    count: entries.length,
    version: String(state.fence).padStart(12, '0'),
    pagesUntil: now + 2 * job.freshness.keepForMs,
    ...(text === undefined ? {} : { summary: text }),
  }
}

function headTimes(head: SnapshotHead): FreshnessTimes & Pick<SnapshotHead, 'fetchedAt'> {
  const { checkedAt, freshUntil, staleUntil, expiresAt, invalidatedAt, fetchedAt } = head
  const mark = invalidatedAt === undefined ? {} : { invalidatedAt }
  return { checkedAt, freshUntil, staleUntil, expiresAt, fetchedAt, ...mark }
}

/** The provider whose answers a set holds; one in which all is confirmed stays what it was. */
export function providerOf<V>({ members, stored }: SetInputs<V>, { upstream }: Work<V>): string {
  const value = members.find((one) => one.answer === 'value')
  return value?.upstream ?? stored?.head.source ?? upstream.name
}

function dataSourceOf<V>({ members, stored, isPart }: SetInputs<V>): DataSource {
  const sources = members.flatMap((one) => (one.answer === 'value' ? [one.dataSource] : []))
  if (stored && (sources.length === 0 || (isPart && stored.head.dataSource === 'simulated')))
    return stored.head.dataSource
  return sources.includes('simulated') ? 'simulated' : 'live'
}

/** What stands in the new set for one key, and what the run says of it. */
function buildEntry(
  one: SetMember,
  stored: SnapshotEntry | undefined,
  now: number,
  freshForMs: number,
): { readonly entry: SnapshotEntry | undefined; readonly result: KeyResult } {
  const { key } = one
  const provider = one.answer === 'unchanged' ? undefined : one.upstream
  // what another provider said of the key stands in no series with it
  const before =
    stored && provider !== undefined && (stored.source ?? provider) !== provider ? undefined : stored
  const freshBefore = before && before.checkedAt + freshForMs
  const since = freshBefore === undefined ? {} : { freshUntil: freshBefore }
  if (one.answer === 'failure')
    return { entry: before, result: { key, result: 'failed', error: one.error, ...since } }
  if (one.answer === 'unchanged') {
    if (before) {
      const entry = { ...before, checkedAt: now }
      return { entry, result: { key, result: 'unchanged', freshUntil: now + freshForMs } }
    }
    return { entry: undefined, result: { key, result: 'failed', error: missingConfirmedValue() } }
  }
  if (before && freshBefore !== undefined && one.body.asOf < before.asOf) {
    return { entry: before, result: { key, result: 'unchanged', freshUntil: freshBefore } }
  }
  const entry = renderEntry(key, one, now)
  const same = before?.etag === entry.etag
  return {
    entry: same ? { ...entry, fetchedAt: before.fetchedAt } : entry,
    result: { key, result: same ? 'unchanged' : 'published', freshUntil: now + freshForMs },
  }
}
