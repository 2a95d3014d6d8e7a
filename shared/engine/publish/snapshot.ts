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
import { fetchAll, type PlanResult, type StoredValue } from '../fetch/fetch-all.ts'
import { planContext, readSnapshot } from '../model/inputs.ts'
import type { SetSummary } from '../model/refresh.ts'
import type { RequestStats } from '../model/results.ts'
import type { KeyResult, PlannedRun, Work } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'
import type { Blocked } from '../rate-limit/reservation.ts'
import {
  buildEntries,
  buildHead,
  type MemberBatch,
  memberBatch,
  providerOf,
  type SetInputs,
} from './set-members.ts'

/** Asks for each key of the plan and publishes all of them as one set. */
export async function fetchAndPublishSnapshot<V>(
  state: PlannedRun,
  work: Work<V>,
): Promise<PlanResult | Blocked> {
  const asked = await fetchMembers(state, work)
  if (asked.status === 'refused') return asked
  const { results: shares, tally: stats } = asked
  try {
    const { results, logFields } = await publishSnapshot(shares, state, work)
    return { status: 'fulfilled', results, stats, ...(logFields ? { logFields } : {}) }
  } catch (thrown) {
    const error = asRefreshError(thrown)
    return { status: 'fulfilled', results: failedMembers(shares, error), stats }
  }
}

/** Asks for each key of the plan, and publishes nothing yet. */
export function fetchMembers<V>(
  state: PlannedRun,
  work: Work<V>,
): Promise<{ status: 'asked'; results: MemberBatch[]; tally: RequestStats } | Blocked> {
  const { ownSet } = state.storedInputs
  const oldest = work.ports.clock.now() - work.job.freshness.keepForMs
  const isOfThisRender = ownSet?.head.renderVersion === work.refresh.renderVersion
  const kept = ownSet?.entries.filter(({ checkedAt }) => checkedAt > oldest)
  const known = new Map(kept?.map((entry) => [entry.key, storedEntry(entry, isOfThisRender, work)]))
  return fetchAll(state.plan, state, known, work, async (judged) => memberBatch(judged))
}

/** What becomes of a set that cannot be published: what had failed before keeps its own reason. */
export function failedMembers(shares: readonly MemberBatch[], error: RefreshError): KeyResult[] {
  return shares
    .flatMap(({ members }) => members)
    .map((one) => ({ key: one.key, result: 'failed', error: one.answer === 'failure' ? one.error : error }))
}

/** What cannot be served need not be confirmed. */
function storedEntry<V>(entry: SnapshotEntry, isOfThisRender: boolean, { job, ports }: Work<V>): StoredValue {
  const { asOf, checkedAt, validator } = entry
  const isKept = isOfThisRender && isServable(entry, job.freshness, ports.clock.now())
  const payload = decodedEntry(entry)
  return {
    previous: {
      asOf,
      checkedAt,
      get data() {
        return payload.data
      },
    },
    ...(validator && isKept ? { validator } : {}),
  }
}

/** So often another head may stand there than the one that the new set was made from. */
const MAX_FLIPS = 3

/** What became of a set: of each member, and the set that stands now, where this run published or confirmed it. */
interface PublishedSet {
  readonly results: KeyResult[]
  readonly set?: SnapshotSet<Omit<SnapshotHead, 'pages'>>
  /** What the job has to tell of it, for the run's log line. */
  readonly logFields?: SetSummary['logFields']
}

/**
 * Publishes a whole set: new entries, and for each failed key the entry stored before, untouched, with its own times.
 * Readers see the old set or the new one. With nothing new at all the old set stays as it is. When an older run
 * flipped the head in between, the set is made anew from what that run published: no entry goes back.
 *
 * @throws {RefreshError} `store` when the head cannot be flipped; `rejected` when answers of two providers would stand
 *   in one set
 */
export async function publishSnapshot<V>(
  shares: readonly MemberBatch[],
  state: PlannedRun,
  work: Work<V>,
): Promise<PublishedSet> {
  const { job, ports, refresh } = work
  const members = shares.flatMap((share) => share.members)
  const values = shares.flatMap(({ value }) => (value === undefined ? [] : [value as V]))
  const isPart = refresh.isPartialUpdate?.(state.request.params ?? {}) ?? false
  let stored = state.storedInputs.ownSet
  let unreadable: number | undefined
  for (let flips = 0; flips < MAX_FLIPS; flips += 1) {
    const making = { members, values, isPart, stored, now: ports.clock.now() }
    const { entries, results } = buildEntries(making, work)
    // said again: this very run has published already
    if (stored?.head.fence === state.fence) return { results, set: stored }
    if (!entries.some(({ checkedAt }) => checkedAt === making.now)) return { results }

    const whole = setSummary(entries, making, state, work)
    await writeHistory(whole, work)
    const head = buildHead(entries, making, whole, state, work)
    const isConfirmed =
      stored !== undefined &&
      !isPart &&
      results.every(({ result }) => result === 'unchanged') &&
      entries.every(({ checkedAt }) => checkedAt === making.now) &&
      isSameSet(stored.head, head, work)
    const flipped = await storeCall(
      isConfirmed && stored
        ? confirmHead(stored.head, head, work)
        : ports.store.snapshots.publish(job.id, head, entries, stored?.head.fence ?? unreadable, making.now),
    )
    if (flipped.written) {
      for (const notice of whole?.warnings ?? [])
        ports.log.warn(notice, { job: job.id, run_id: state.record.id })
      return { results, set: { head, entries }, ...(whole?.logFields ? { logFields: whole.logFields } : {}) }
    }
    if (flipped.fence !== undefined && flipped.fence > state.fence)
      return { results: results.map(supersededResult) }
    unreadable = flipped.fence
    stored = await readSnapshot(job.id, work)
  }
  throw new RefreshError(
    'store',
    `expected to flip the head, got another one in its place ${MAX_FLIPS} times`,
  )
}

function supersededResult(result: KeyResult): KeyResult {
  return result.result === 'failed' ? result : { ...result, result: 'superseded' }
}

function setSummary<V>(
  entries: readonly SnapshotEntry[],
  making: SetInputs<V>,
  state: PlannedRun,
  work: Work<V>,
): SetSummary | undefined {
  const { stored, now, values } = making
  return work.refresh.summarizeSet?.({
    ...planContext(state, work),
    now,
    upstream: providerOf(making, work),
    entries: new Map(entries.map((entry) => [entry.key, decodedEntry(entry)])),
    values,
    ...(stored ? { previous: storedSet(stored, now) } : {}),
  })
}

async function writeHistory<V>(whole: SetSummary | undefined, { job, ports }: Work<V>): Promise<void> {
  const rows = whole?.history ?? []
  if (rows.length === 0) return
  const kept = rows.map((row) => {
    const keepForMs = job.history[row.kind]
    if (keepForMs !== undefined) return { ...row, expiresAt: row.at + keepForMs }
    const declared = Object.keys(job.history).join(', ') || 'none'
    throw new RefreshError('defect', `expected history of a declared kind (${declared}), got ${row.kind}`)
  })
  await storeCall(ports.store.history.put(job.id, kept))
}

/** Whether the stored head stands for the new one too, and its pages have half of their life left. */
function isSameSet<V>(stored: SnapshotHead, head: Omit<SnapshotHead, 'pages'>, { job }: Work<V>): boolean {
  return (
    stored.etag === head.etag &&
    stored.renderVersion === head.renderVersion &&
    stored.dataSource === head.dataSource &&
    stored.pagesUntil - head.checkedAt > job.freshness.keepForMs
  )
}

function confirmHead<V>(
  stored: SnapshotHead,
  head: Omit<SnapshotHead, 'pages'>,
  { job, ports }: Work<V>,
): Promise<HeadResult> {
  const { checkedAt, freshUntil, staleUntil, expiresAt, fence, runId } = head
  const times = { checkedAt, freshUntil, staleUntil, expiresAt, confirmedAt: checkedAt }
  return ports.store.snapshots.confirm(job.id, { ...stored, ...times, fence, runId })
}
