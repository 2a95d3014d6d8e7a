import { hashOf } from '../ports/codec.ts'
import type { DataSource, Entry, Head } from '../ports/records.ts'
import type { HeadResult } from '../ports/store.ts'
import type { Judgement } from './ask.ts'
import type { Fenced, KeyResult, Work } from './context.ts'
import { RefreshError } from './errors.ts'
import { freshnessTimes } from './freshness.ts'
import { inTable, nothingToConfirm } from './publish.ts'
import { renderEntry } from './render.ts'
import { isServable, SNAPSHOT_KEY, timedEntries } from './snapshot-view.ts'

/** So often another head may stand there than the one that the new set was made from. */
const MOST_FLIPS = 3

/** The stored set as a new one is made from it; without entries when its pages cannot be read. */
interface StoredSet {
  readonly head: Head
  readonly entries: readonly Entry[]
}

/**
 * Publishes a whole set: new entries, and for each failed key the entry stored before, untouched, with its own times.
 * Readers see the old set or the new one. With nothing new at all the old set stays as it is. When an older run
 * flipped the head in between, the set is made anew from what that run published: no entry goes back.
 *
 * @param seen - the set that was stored when the run began to ask
 * @throws {RefreshError} `store` when the head cannot be flipped
 */
export async function publishSnapshot<V>(
  judged: readonly Judgement[],
  seen: StoredSet | undefined,
  state: Fenced,
  work: Work<V>,
): Promise<KeyResult[]> {
  const { job, ports } = work
  let stored = seen
  let unreadable: number | undefined
  for (let flips = 0; flips < MOST_FLIPS; flips += 1) {
    const now = ports.clock.now()
    const servable = stored?.entries.filter((entry) => isServable(entry, job.freshness, now))
    const before = new Map(servable?.map((entry) => [entry.key, entry]))
    const members = judged.map((one) => member(one, before.get(one.key), now, job.freshness.freshForMs))
    const results = members.map(({ result }) => result)
    if (!members.some(({ entry }) => entry?.checkedAt === now)) return results

    const entries = members
      .map(({ entry }) => entry)
      .filter((entry) => entry !== undefined)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
    const head = headOf(entries, judged, stored?.head, now, state, work)
    const isConfirmed = members.every(
      ({ entry, result }) => entry?.checkedAt === now && result.result === 'unchanged',
    )
    const flipped = await inTable(
      isConfirmed && stored && isSame(stored.head, head, work)
        ? confirm(stored.head, head, work)
        : ports.store.snapshots.publish(job.id, head, entries, stored?.head.fence ?? unreadable, now),
    )
    if (flipped.written) return results
    if (flipped.fence !== undefined && flipped.fence > state.fence) return results.map(superseded)
    unreadable = flipped.fence
    stored = await inTable(storedSet(work))
  }
  throw new RefreshError(
    'store',
    `expected to flip the head, got another one in its place ${MOST_FLIPS} times`,
  )
}

function superseded(result: KeyResult): KeyResult {
  return result.result === 'failed' ? result : { ...result, result: 'superseded' }
}

function headOf<V>(
  entries: readonly Entry[],
  judged: readonly Judgement[],
  before: Head | undefined,
  now: number,
  state: Fenced,
  { job, refresh, upstream }: Work<V>,
): Omit<Head, 'pages'> {
  return {
    key: SNAPSHOT_KEY,
    ...freshnessTimes(now, job.freshness),
    fence: state.fence,
    runId: state.record.id,
    etag: hashOf(entries.map((entry) => `${entry.key}\n${entry.etag}`).join('\n')),
    render: refresh.renderVersion,
    asOf: Math.min(...entries.map((entry) => entry.asOf)),
    fetchedAt: now,
    degraded: entries.some((entry) => entry.degraded) || judged.some(({ answer }) => answer === 'failure'),
    source: upstream.name,
    dataSource: sourceOf(judged, before),
    count: entries.length,
    version: String(state.fence).padStart(12, '0'),
    pagesUntil: now + 2 * job.freshness.keepForMs,
  }
}

/** Where the values of a set come from; one in which all is confirmed stays what it was. */
function sourceOf(judged: readonly Judgement[], before: Head | undefined): DataSource {
  const sources = judged.flatMap((one) => (one.answer === 'value' ? [one.dataSource] : []))
  if (sources.length === 0 && before) return before.dataSource
  return sources.includes('recorded') ? 'recorded' : 'live'
}

/** What stands in the new set for one key, and what the run says of it. */
function member(
  one: Judgement,
  before: Entry | undefined,
  now: number,
  freshForMs: number,
): { readonly entry: Entry | undefined; readonly result: KeyResult } {
  const { key } = one
  const freshBefore = before && before.checkedAt + freshForMs
  const since = freshBefore === undefined ? {} : { freshUntil: freshBefore }
  if (one.answer === 'failure')
    return { entry: before, result: { key, result: 'failed', error: one.error, ...since } }
  if (one.answer === 'unchanged') {
    if (before) {
      const entry = { ...before, checkedAt: now }
      return { entry, result: { key, result: 'unchanged', freshUntil: now + freshForMs } }
    }
    return { entry: undefined, result: { key, result: 'failed', error: nothingToConfirm() } }
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

/** The set that is stored now, entries with the times that hold for them. */
export async function storedSet<V>({ job, ports }: Work<V>): Promise<StoredSet | undefined> {
  const { snapshots } = ports.store
  const head = await snapshots.head(job.id, SNAPSHOT_KEY, { consistent: true })
  return head && { head, entries: timedEntries(head, (await snapshots.entries(job.id, head)) ?? []) }
}

/** Whether the stored head stands for the new one too, and its pages have half of their life left. */
function isSame<V>(stored: Head, head: Omit<Head, 'pages'>, { job }: Work<V>): boolean {
  return (
    stored.etag === head.etag &&
    stored.render === head.render &&
    stored.dataSource === head.dataSource &&
    stored.pagesUntil - head.checkedAt > job.freshness.keepForMs
  )
}

function confirm<V>(stored: Head, head: Omit<Head, 'pages'>, { job, ports }: Work<V>): Promise<HeadResult> {
  const { checkedAt, freshUntil, staleUntil, expiresAt, fence, runId } = head
  const times = { checkedAt, freshUntil, staleUntil, expiresAt, confirmedAt: checkedAt }
  return ports.store.snapshots.confirm(job.id, { ...stored, ...times, fence, runId })
}
