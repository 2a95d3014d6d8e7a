import { mapConcurrently } from '#shared/domain/concurrency.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HistoryClearance } from '#shared/domain/ports/history-store.ts'
import type { KeyStore } from '#shared/domain/ports/store.ts'
import type { DatasetRetention, RetainedDataset } from '#shared/domain/records/retention.ts'
import type { RetentionWork } from '../model/run-state.ts'

/** What retention uses of the table: never an item, a control or the record of a run. */
export interface RetentionStore {
  readonly history: HistoryClearance
  readonly keys: Pick<KeyStore, 'list'>
}

/** Concurrent entities, each with one call at a time. */
const LANES = 8

/** Rows between two checks of the time: ten pages. */
const ROWS_PER_CHECK = 250

/** The history of one entity, and the time before which its rows are old. */
interface Partition {
  readonly job: string
  readonly kind: string
  readonly entity: string
  readonly before: number
}

/** What happened to one partition. */
interface PartitionResult extends Partition {
  readonly deleted: number
  /** Whether no old row is left. */
  readonly isCleared: boolean
}

/** The same with the number of stored rows; `undefined` when there was no time to count them. */
type CountedPartition = PartitionResult & { readonly rows: number | undefined }

/**
 * Deletes the history rows that are older than the retention of their kind, also those of entities that no run writes any more,
 * then counts the others. The oldest rows of an entity go first, so that a run continues where an earlier one ended or was
 * killed.
 */
export function historyRetention(
  datasets: readonly RetainedDataset[],
  store: RetentionStore,
  clock: Pick<Clock, 'now'>,
): RetentionWork {
  return async (until) => {
    const isOver = () => clock.now() >= until
    const partitions = await partitionsOf(datasets, store, clock.now())
    const cleared = await forEachConcurrently(partitions, (partition) => clear(partition, store, isOver))
    const results = await forEachConcurrently(cleared, async (partition) => {
      const { job, kind, entity } = partition
      return { ...partition, rows: isOver() ? undefined : await store.history.count(job, kind, entity) }
    })
    const keyCounts = await countKeys(datasets, store)
    return {
      datasets: datasets.map((dataset) =>
        datasetRetention(dataset, keyCounts.get(dataset.job) ?? null, results),
      ),
      isComplete: results.every(({ isCleared, rows }) => isCleared && rows !== undefined),
    }
  }
}

async function partitionsOf(
  datasets: readonly RetainedDataset[],
  { history }: RetentionStore,
  now: number,
): Promise<readonly Partition[]> {
  const kinds = datasets.flatMap(({ job, history: kept }) =>
    Object.entries(kept).map(([kind, keepForMs]) => ({ job, kind, before: now - keepForMs })),
  )
  const partitions: Partition[] = []
  for (const kind of kinds)
    for (const entity of await history.entities(kind.job, kind.kind)) partitions.push({ ...kind, entity })
  return partitions
}

async function clear(
  partition: Partition,
  { history }: RetentionStore,
  isOver: () => boolean,
): Promise<PartitionResult> {
  const { job, kind, entity, before } = partition
  let deleted = 0
  while (!isOver()) {
    const count = await history.remove(job, kind, entity, { before, limit: ROWS_PER_CHECK })
    deleted += count
    if (count < ROWS_PER_CHECK) return { ...partition, deleted, isCleared: true }
  }
  return { ...partition, deleted, isCleared: false }
}

/** The number of published keys of each job that stores items. */
async function countKeys(
  datasets: readonly RetainedDataset[],
  { keys }: RetentionStore,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (const { job, hasItems } of datasets) if (hasItems) counts.set(job, (await keys.list(job)).length)
  return counts
}

function datasetRetention(
  { job, history }: RetainedDataset,
  items: number | null,
  results: readonly CountedPartition[],
): DatasetRetention {
  const own = results.filter((result) => result.job === job)
  const isCounted = own.every(({ rows }) => rows !== undefined)
  return {
    job,
    deleted: Object.keys(history).length === 0 ? null : own.reduce((sum, { deleted }) => sum + deleted, 0),
    items,
    historyRows: isCounted ? own.reduce((sum, { rows = 0 }) => sum + rows, 0) : null,
  }
}

/**
 * Calls `work` for each element, concurrently, until one call fails.
 *
 * @throws the first error, once all calls have ended
 */
async function forEachConcurrently<T, R>(
  elements: readonly T[],
  work: (element: T) => Promise<R>,
): Promise<readonly R[]> {
  const errors: unknown[] = []
  const results = await mapConcurrently(elements, LANES, async (element) => {
    if (errors.length > 0) return []
    try {
      return [await work(element)]
    } catch (error) {
      errors.push(error)
      return []
    }
  })
  if (errors.length > 0) throw errors[0]
  return results.flat(1) as R[]
}
