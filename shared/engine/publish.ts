import type { Item, WriteResult } from '../ports/store.ts'
import type { KeyResult, Work } from './context.ts'
import { RefreshError } from './errors.ts'
import { freshness } from './freshness.ts'

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
    stored.render === item.render &&
    stored.dataSource === item.dataSource &&
    freshness(stored, clock.now()) !== 'gone'
  const write = same
    ? store.items.confirm(job.id, { ...item, fetchedAt: stored.fetchedAt, body: stored.body }, clock.now())
    : store.items.put(job.id, item, clock.now())
  const written = await inTable(write)
  if (written.written) return { key, result: same ? 'unchanged' : 'published', freshUntil: item.freshUntil }
  return refusedWrite(item, written, same)
}

function refusedWrite(
  item: Item,
  { stored }: WriteResult & { written: false },
  confirming: boolean,
): KeyResult {
  const { key } = item
  if (!stored) {
    const what = confirming ? 'the item to confirm is gone' : 'the write was refused, yet nothing is stored'
    return { key, result: 'failed', error: new RefreshError('store', what) }
  }
  const result = stored.fence > item.fence ? 'superseded' : 'unchanged'
  return { key, result, freshUntil: stored.freshUntil }
}

/** Turns whatever the table throws into a `store` failure of the key. */
export async function inTable<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof RefreshError) throw error
    const name = error instanceof Error ? error.name : typeof error
    throw new RefreshError('store', `the table did not answer: ${name}`, { cause: error })
  }
}
