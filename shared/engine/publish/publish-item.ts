import type { Job } from '#shared/declare/job.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { freshness, freshnessTimes, isInvalidated, withJitter } from '#shared/domain/freshness.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import type { ItemBody } from '../model/refresh.ts'
import { missingConfirmedValue } from '../model/results.ts'
import type { KeyResult, LeasedRun, Work } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'
import { renderBody } from './render.ts'

/**
 * Publishes one item on the condition of the fence: a slower, older run never replaces newer data (I1, I4). The same
 * payload under the same render version is only confirmed; a value older than the stored one changes nothing.
 *
 * @param content - what the item was rendered from; absent for the absence of a key
 */
export async function publishItem<V>(
  item: Item,
  stored: Item | undefined,
  work: Work<V>,
  content?: ItemBody,
): Promise<KeyResult> {
  const { job, ports } = work
  const { store, clock } = ports
  const { key } = item
  // an input that is added later may be older than the others: only fetched values never go back
  const isDerived = job.upstream === undefined
  if (stored && item.asOf < stored.asOf && !isDerived) return ignoredResult(item, stored, job)
  const isSameValue =
    stored !== undefined && isConfirmation(item, stored, job) && freshness(stored, clock.now()) !== 'gone'
  const unchanged = isSameValue ? replacementOf(stored, item, content, job) : undefined
  if (isSameValue && !unchanged) {
    const confirmed = await storeCall(store.items.confirm(job.id, item))
    if (confirmed.written) return storedResult('unchanged', item, job)
    if (confirmed.stored && confirmed.stored.fence > item.fence)
      return conflictResult(item, confirmed.stored, job)
  }
  const options = { anyAsOf: isDerived }
  const put = await storeCall(store.items.put(job.id, unchanged ?? item, clock.now(), options))
  if (put.written) return storedResult(unchanged ? 'unchanged' : 'published', item, job)
  if (put.stored) return conflictResult(item, put.stored, job)
  if (put.isPurged) return purgedResult(key, work)
  const error = new RefreshError('store', 'the table refused a write, but the stored item cannot be read')
  return { key, status: 'failed', error }
}

/** Whether an item only confirms the stored one. Where freshness depends on it, a newer source time is published. */
function isConfirmation(item: Item, stored: Item, { freshness: { maxAsOfAgeMs } }: Job): boolean {
  return (
    (maxAsOfAgeMs === undefined || item.asOf === stored.asOf) &&
    stored.etag === item.etag &&
    stored.renderVersion === item.renderVersion &&
    stored.dataSource === item.dataSource
  )
}

/**
 * What replaces a stored item whose value is unchanged: it has another memory, or its data differ beyond their identity.
 * The times that the body shows stay, because the tag stays that readers compare; `runId` tells processes which have the
 * earlier body in memory that there is another. `undefined` when the stored item need only be confirmed.
 */
function replacementOf(stored: Item, item: Item, content: ItemBody | undefined, job: Job): Item | undefined {
  const { asOf, fetchedAt, runId, degraded } = stored
  const body = content?.identity === undefined ? stored.body : renderBody(content, { asOf, fetchedAt }, job)
  if (Buffer.compare(body, stored.body) !== 0) return { ...item, body, asOf, fetchedAt }
  return hasSameMemory(item, stored)
    ? undefined
    : { ...item, body: stored.body, asOf, fetchedAt, runId, degraded }
}

function hasSameMemory({ memory }: Item, stored: Item): boolean {
  if (memory === undefined || stored.memory === undefined) return memory === stored.memory
  return Buffer.compare(memory, stored.memory) === 0
}

/** The source confirmed the stored value: its times advance, the body stays. A value that is gone is not written again. */
export async function confirmItem<V>(
  stored: Item,
  answeredAt: number,
  state: LeasedRun,
  work: Work<V>,
): Promise<KeyResult> {
  const { job, ports } = work
  const checkedAt = Math.max(stored.checkedAt, Math.min(answeredAt, ports.clock.now()))
  const times = freshnessTimes(checkedAt, withJitter(job.freshness, ports.random), stored.asOf)
  const item = { ...stored, ...times, fence: state.fence, runId: state.record.id }
  const confirmed = await storeCall(ports.store.items.confirm(job.id, item))
  if (confirmed.written) return storedResult('unchanged', item, job)
  if (confirmed.stored) return conflictResult(item, confirmed.stored, job)
  return confirmed.isPurged
    ? purgedResult(item.key, work)
    : failedResult(item.key, missingConfirmedValue(), undefined, job)
}

/** Another run published first: under a higher fence it superseded this run, else with a newer `asOf`. */
function conflictResult(item: Item, stored: Item, job: Job): KeyResult {
  if (stored.fence > item.fence) return storedResult('superseded', stored, job)
  return item.asOf < stored.asOf ? ignoredResult(item, stored, job) : storedResult('unchanged', stored, job)
}

/** The fetched value is older than the stored one, which stays. */
function ignoredResult({ asOf: fetchedAsOf }: Item, stored: Item, job: Job): KeyResult {
  const result = storedResult('unchanged', stored, job)
  return { ...result, ignored: { storedAsOf: stored.asOf, fetchedAsOf } }
}

/** The result of a key that was purged after the run began: the run publishes nothing in its place. */
export function purgedResult<V>(key: string, { ports }: Work<V>): KeyResult {
  return { key, status: 'superseded', freshUntil: ports.clock.now() }
}

/** The result of a key that keeps its stored value, if it has one. */
export function failedResult(
  key: string,
  error: RefreshError,
  stored: Item | undefined,
  job: Job,
): KeyResult {
  const times = stored && !stored.isAbsent ? storedTimes(stored, job) : {}
  return { key, status: 'failed', error, ...times }
}

/** The result of a key, with the times of its stored value. */
export function storedResult(status: 'published' | 'unchanged' | 'superseded', item: Item, job: Job) {
  return { key: item.key, status, ...storedTimes(item, job) }
}

/**
 * The times of a stored value for the job's public state: one that is empty, and so is asked for again soon, does not make the
 * job overdue alone; nor does one whose source is late.
 */
function storedTimes(item: Item, { freshness: policy }: Job) {
  const { asOf, checkedAt, freshUntil, isAbsent, invalidatedAt = Number.POSITIVE_INFINITY } = item
  const checkedUntil = isAbsent ? freshUntil : Math.max(freshUntil, checkedAt + policy.freshForMs)
  const times = { freshUntil: isInvalidated(item) ? Math.min(checkedUntil, invalidatedAt) : checkedUntil }
  return policy.maxAsOfAgeMs === undefined || isAbsent ? times : { ...times, asOf }
}
