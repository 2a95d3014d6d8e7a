import { hashOf } from '../ports/codec.ts'
import type { Entry, Head } from '../ports/store.ts'
import type { Judgement } from './ask.ts'
import type { KeyResult, RunState, Work } from './context.ts'
import { RefreshError } from './errors.ts'
import { freshness, freshnessTimes } from './freshness.ts'
import { inTable } from './publish.ts'
import { renderEntry } from './render.ts'
import { isServable, SNAPSHOT_KEY, timedEntries } from './snapshot-view.ts'

/**
 * Publishes a whole set: new entries, and for each failed key the entry stored before, untouched, with its own times.
 * Readers see the old set or the new one. With nothing new at all the old set stays as it is.
 */
export async function publishSnapshot<V>(
  passed: readonly Judgement[],
  state: RunState & { readonly fence: number },
  work: Work<V>,
): Promise<KeyResult[]> {
  const { job, ports } = work
  const now = ports.clock.now()
  const stored = await inTable(storedSet(now, work))
  const servable = stored?.entries.filter((entry) => isServable(entry, job.freshness, now))
  const before = new Map(servable?.map((entry) => [entry.key, entry]))
  const members = passed.map((one) => member(one, before.get(one.key), now, job.freshness.freshForMs))
  const results = members.map(({ result }) => result)
  if (!passed.some((one) => one.ok)) return results

  const entries = members
    .map(({ entry }) => entry)
    .filter((entry) => entry !== undefined)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const whole = members.every(({ entry }) => entry?.checkedAt === now)
  const head: Omit<Head, 'pages'> = {
    key: SNAPSHOT_KEY,
    ...freshnessTimes(now, job.freshness),
    fence: state.fence,
    runId: state.record.id,
    etag: hashOf(entries.map((entry) => `${entry.key}\n${entry.etag}`).join('\n')),
    render: work.refresh.renderVersion,
    asOf: Math.min(...entries.map((entry) => entry.asOf)),
    fetchedAt: now,
    degraded: entries.some((entry) => entry.degraded) || !passed.every((one) => one.ok),
    source: work.upstream.name,
    dataSource: passed.some((one) => one.ok && one.dataSource === 'recorded') ? 'recorded' : 'live',
    count: entries.length,
    version: String(state.fence).padStart(12, '0'),
    pagesUntil: now + 2 * job.freshness.keepForMs,
  }
  if (await inTable(flip(head, entries, whole ? stored?.head : undefined, now, work))) return results
  return results.map((one) => (one.result === 'failed' ? one : { ...one, result: 'superseded' as const }))
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
  if (!one.ok) {
    const since = freshBefore === undefined ? {} : { freshUntil: freshBefore }
    return { entry: before, result: { key, result: 'failed', error: one.error, ...since } }
  }
  if (before && freshBefore !== undefined && one.body.asOf < before.asOf) {
    return { entry: before, result: { key, result: 'unchanged', freshUntil: freshBefore } }
  }
  const entry = renderEntry(key, one.body, now)
  const same = before?.etag === entry.etag
  return {
    entry: same ? { ...entry, fetchedAt: before.fetchedAt } : entry,
    result: { key, result: same ? 'unchanged' : 'published', freshUntil: now + freshForMs },
  }
}

async function storedSet<V>(
  now: number,
  { job, ports }: Work<V>,
): Promise<{ head: Head; entries: readonly Entry[] } | undefined> {
  const head = await ports.store.snapshots.head(job.id, SNAPSHOT_KEY, { consistent: true })
  if (!head || freshness(head, now) === 'gone') return undefined
  const entries = await ports.store.snapshots.entries(job.id, head)
  return entries && { head, entries: timedEntries(head, entries) }
}

/** Confirms a set that is the same in every entry, while its pages still have half of their life; else flips. */
async function flip<V>(
  head: Omit<Head, 'pages'>,
  entries: readonly Entry[],
  confirmable: Head | undefined,
  now: number,
  { job, ports }: Work<V>,
): Promise<boolean> {
  if (entries.length === 0) throw new RefreshError('rejected', 'expected entries for the set, got none')
  const { snapshots } = ports.store
  const same =
    confirmable !== undefined &&
    confirmable.etag === head.etag &&
    confirmable.render === head.render &&
    confirmable.dataSource === head.dataSource &&
    confirmable.pagesUntil - now > job.freshness.keepForMs
  if (!same) return (await snapshots.publish(job.id, head, entries, now)).written
  const { checkedAt, freshUntil, staleUntil, expiresAt, fence, runId } = head
  const times = { checkedAt, freshUntil, staleUntil, expiresAt, confirmedAt: now }
  return (await snapshots.confirm(job.id, { ...confirmable, ...times, fence, runId }, now)).written
}
