import { type Swap, updateWithRetry } from '#shared/domain/compare-and-swap.ts'
import { defined } from '#shared/domain/defined.ts'
import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import type { HeadResult } from '#shared/domain/ports/store.ts'
import {
  decodedEntry,
  isServable,
  type SnapshotEntry,
  type SnapshotHead,
  type SnapshotSet,
  storedSet,
} from '#shared/domain/records/snapshot.ts'
import { fetchAll } from '../fetch/fetch-all.ts'
import type { Fetched, PlanResult, StoredValue } from '../fetch/fetch-results.ts'
import { planContext, readSnapshot } from '../model/inputs.ts'
import type { SetSummary } from '../model/refresh.ts'
import type { KeyResult, PlannedRun, Work } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'
import type { Blocked } from '../rate-limit/blocked.ts'
import { writeHistory } from './history-rows.ts'
import { buildEntries, type SetInputs } from './set-entries.ts'
import { buildHead, providerOf } from './set-head.ts'
import { checkTime, historyOf, type MemberBatch, memberBatch } from './set-members.ts'

/** Fetches each key of the plan and publishes all of them as one set. */
export async function fetchAndPublishSnapshot<V>(
  state: PlannedRun,
  work: Work<V>,
): Promise<PlanResult | Blocked> {
  const fetched = await fetchMembers(state, work)
  if (fetched.status === 'blocked') return fetched
  const { results: batches, stats } = fetched
  try {
    const { results, logFields } = await publishSnapshot(batches, state, work)
    return { status: 'done', results, stats, ...defined({ logFields }) }
  } catch (thrown) {
    return { status: 'done', results: failedMembers(batches, asRefreshError(thrown)), stats }
  }
}

/** Fetches each key of the plan without publishing. */
export function fetchMembers<V>(state: PlannedRun, work: Work<V>): Promise<Fetched<MemberBatch> | Blocked> {
  const { ownSet } = state.storedInputs
  const oldest = work.ports.clock.now() - work.job.freshness.keepForMs
  const isSameRender = ownSet?.head.renderVersion === work.refresh.renderVersion
  const entries = ownSet?.entries.filter(({ checkedAt }) => checkedAt > oldest)
  const stored = new Map(entries?.map((entry) => [entry.key, storedEntry(entry, isSameRender, work)]))
  return fetchAll({
    requests: state.plan,
    state,
    stored,
    work,
    settle: async (result) => memberBatch(result),
  })
}

/** Results of a set that cannot be published: a member that had failed before keeps its own error. */
export function failedMembers(batches: readonly MemberBatch[], error: RefreshError): KeyResult[] {
  return batches
    .flatMap(({ members }) => members)
    .map((member) => ({
      key: member.key,
      status: 'failed',
      error: member.kind === 'failure' ? member.error : error,
    }))
}

/** A value that cannot be served is not requested conditionally. */
function storedEntry<V>(entry: SnapshotEntry, isSameRender: boolean, { job, ports }: Work<V>): StoredValue {
  const { asOf, checkedAt, validator } = entry
  const canConfirm = isSameRender && isServable(entry, job.freshness, ports.clock.now())
  const decoded = decodedEntry(entry)
  return {
    previous: {
      asOf,
      checkedAt,
      get data() {
        return decoded.data
      },
    },
    ...defined({ validator: canConfirm ? validator : undefined }),
  }
}

/** Attempts to replace the head when another run replaces it in between. */
const MAX_FLIPS = 3

type NewHead = Omit<SnapshotHead, 'pages'>

interface PublishedSet {
  readonly results: KeyResult[]
  /** The stored set, if this run published or confirmed it. */
  readonly set?: SnapshotSet<NewHead>
  /** The job's fields for the run's log line. */
  readonly logFields?: SetSummary['logFields']
}

/** The set that a new one is made from; only the fence of its head when the set cannot be read. */
interface StoredState {
  readonly set: SnapshotSet | undefined
  readonly fence: number | undefined
}

/**
 * Publishes a whole set: new entries, and for each failed key the stored entry, unchanged, with its own times. Readers
 * see the old set or the new one. Without any new entry the old set stays as it is. When an older run replaced the head
 * in between, the set is built again from what that run published, so that no entry goes back (I1).
 *
 * @throws {RefreshError} `store` when the head cannot be replaced; `rejected` when one set would have answers of two
 *   providers
 */
export async function publishSnapshot<V>(
  batches: readonly MemberBatch[],
  state: PlannedRun,
  work: Work<V>,
): Promise<PublishedSet> {
  const members = batches.flatMap((batch) => batch.members)
  const values = batches.flatMap(({ value }) => (value === undefined ? [] : [value as V]))
  const isPart = work.refresh.isPartialUpdate?.(state.request.params ?? {}) ?? false
  const { ownSet } = state.storedInputs
  const swap = await updateWithRetry<StoredState, PublishedSet>(
    { set: ownSet, fence: ownSet?.head.fence },
    MAX_FLIPS,
    (stored) => {
      const now = checkTime(batches, stored.set, work.ports.clock.now())
      const inputs = { members, values, isPart, stored: stored.set, now }
      return tryPublish(inputs, stored.fence, state, work)
    },
  )
  if (swap.written) return swap.result
  const message = `expected to replace the head of the set, got another change first ${MAX_FLIPS} times`
  throw new RefreshError('store', message)
}

async function tryPublish<V>(
  inputs: SetInputs<V>,
  storedFence: number | undefined,
  state: PlannedRun,
  work: Work<V>,
): Promise<Swap<StoredState, PublishedSet>> {
  const { stored, now } = inputs
  const { job, ports } = work
  const { entries, results } = buildEntries(inputs, work)
  // a repetition: this run has published already
  if (stored?.head.fence === state.fence) return { written: true, result: { results, set: stored } }
  if (!entries.some(({ checkedAt }) => checkedAt === now)) return { written: true, result: { results } }

  const summary = setSummary(entries, inputs, state, work)
  await writeHistory([...historyOf(inputs.members), ...(summary?.history ?? [])], work)
  const head = buildHead(entries, inputs, summary, state, work)
  const confirmed = confirmableHead(inputs, entries, results, head, work)
  const write = confirmed
    ? confirmHead(confirmed, head, work)
    : ports.store.snapshots.publish(job.id, head, entries, storedFence, ports.clock.now())
  const flip = await storeCall(write)
  if (flip.written) {
    for (const { message, logFields } of summary?.warnings ?? [])
      ports.log.warn(message, { job: job.id, run_id: state.record.id, ...logFields })
    const set = { head, entries }
    return { written: true, result: { results, set, ...defined({ logFields: summary?.logFields }) } }
  }
  if (flip.fence !== undefined && flip.fence > state.fence)
    return { written: true, result: { results: results.map(supersededResult) } }
  const set = await readSnapshot(job.id, work)
  return { written: false, stored: { set, fence: set?.head.fence ?? flip.fence } }
}

function supersededResult(result: KeyResult): KeyResult {
  return result.status === 'failed' ? result : { ...result, status: 'superseded' }
}

function setSummary<V>(
  entries: readonly SnapshotEntry[],
  inputs: SetInputs<V>,
  state: PlannedRun,
  work: Work<V>,
): SetSummary | undefined {
  const { stored, now, values } = inputs
  return work.refresh.summarizeSet?.({
    ...planContext(state, work),
    now,
    upstream: providerOf(inputs, work),
    entries: new Map(entries.map((entry) => [entry.key, decodedEntry(entry)])),
    values,
    ...defined({ previous: stored && storedSet(stored, now) }),
  })
}

/** The stored head, if the new set has the same content and more than half of the life of the stored pages is left. */
function confirmableHead<V>(
  { stored, isPart, now }: SetInputs<V>,
  entries: readonly SnapshotEntry[],
  results: readonly KeyResult[],
  head: NewHead,
  { job }: Work<V>,
): SnapshotHead | undefined {
  if (!stored || isPart) return undefined
  const isUnchanged =
    results.every(({ status }) => status === 'unchanged') &&
    entries.every(({ checkedAt }) => checkedAt === now) &&
    stored.head.etag === head.etag &&
    stored.head.renderVersion === head.renderVersion &&
    stored.head.degraded === head.degraded &&
    stored.head.dataSource === head.dataSource &&
    (job.freshness.maxAsOfAgeMs === undefined || hasSameSourceTimes(entries, stored.entries))
  return isUnchanged && stored.head.pagesUntil - now > job.freshness.keepForMs ? stored.head : undefined
}

/** Where freshness depends on them, newer source times are published. */
function hasSameSourceTimes(entries: readonly SnapshotEntry[], stored: readonly SnapshotEntry[]): boolean {
  const storedTimes = new Map(stored.map(({ key, asOf }) => [key, asOf]))
  return entries.every(({ key, asOf }) => storedTimes.get(key) === asOf)
}

function confirmHead<V>(
  { ageLimit: _ageLimit, ...stored }: SnapshotHead,
  { checkedAt, freshUntil, staleUntil, expiresAt, fence, runId, ageLimit }: NewHead,
  { job, ports }: Work<V>,
): Promise<HeadResult> {
  const times = { checkedAt, freshUntil, staleUntil, expiresAt, confirmedAt: checkedAt }
  const head = { ...stored, ...times, fence, runId, ...defined({ ageLimit }) }
  return ports.store.snapshots.confirm(job.id, head)
}
