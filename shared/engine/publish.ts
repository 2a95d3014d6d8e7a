import { RefreshError } from '#shared/domain/errors.ts'
import { freshness, freshnessTimes } from '#shared/domain/freshness.ts'
import { excerpt } from '#shared/domain/redaction.ts'
import type { Item } from '#shared/ports/records/item.ts'
import type { KeyResult, LeasedRun, Work } from './context.ts'

/**
 * Publishes one item, conditional on the fence: a slower, older run never replaces newer data. The same payload under
 * the same rendering is only confirmed; a fetched value older than the stored one advances nothing.
 */
export async function publishItem<V>(
  item: Item,
  stored: Item | undefined,
  { job, ports }: Work<V>,
): Promise<KeyResult> {
  const { store, clock } = ports
  const { key } = item
  if (stored && item.asOf < stored.asOf) return { key, result: 'unchanged', freshUntil: stored.freshUntil }
  const same =
    stored !== undefined &&
    stored.etag === item.etag &&
    stored.renderVersion === item.renderVersion &&
    stored.dataSource === item.dataSource &&
    freshness(stored, clock.now()) !== 'gone'
  if (same) {
    const confirmed = await storeCall(store.items.confirm(job.id, item))
    if (confirmed.written) return { key, result: 'unchanged', freshUntil: item.freshUntil }
    if (confirmed.stored && confirmed.stored.fence > item.fence) return conflictResult(item, confirmed.stored)
  }
  const put = await storeCall(store.items.put(job.id, item, clock.now()))
  if (put.written) return { key, result: 'published', freshUntil: item.freshUntil }
  if (put.stored) return conflictResult(item, put.stored)
  const error = new RefreshError('store', 'the table refused a write, yet what it holds cannot be read')
  return { key, result: 'failed', error }
}

/** The source still has what is stored: its times advance, the body stays. */
export async function confirmItem<V>(stored: Item, state: LeasedRun, work: Work<V>): Promise<KeyResult> {
  const times = freshnessTimes(work.ports.clock.now(), work.job.freshness)
  return publishItem({ ...stored, ...times, fence: state.fence, runId: state.record.id }, stored, work)
}

/** Another run was faster: under a higher fence it superseded this one, else the source's time would go back. */
function conflictResult(item: Item, { fence, freshUntil }: Item): KeyResult {
  return { key: item.key, result: fence > item.fence ? 'superseded' : 'unchanged', freshUntil }
}

/** Nothing is stored that an answer "not changed" could be about: another run has removed or replaced it. */
export function missingConfirmedValue(): RefreshError {
  return new RefreshError('store', 'the value that the source confirmed is not stored any more')
}

/** Turns whatever the table throws into a `store` failure of the key. */
export async function storeCall<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof RefreshError) throw error
    const what = error instanceof Error ? `${error.name}: ${excerpt(error.message)}` : typeof error
    throw new RefreshError('store', `the table did not take it: ${what}`, { cause: error })
  }
}
