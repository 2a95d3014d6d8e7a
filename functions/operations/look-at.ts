import type { Job } from '#shared/declare/job.ts'
import { datasets, type ReadStore } from '#shared/read/datasets.ts'
import type { Representation } from '#shared/read/representation.ts'
import type { OperationPorts } from './operation.ts'

/** What the table holds of one key right now, if it can be served. @throws what the table throws */
export type ReadValue = () => Promise<Representation | undefined>

/** A look that is consistent, and that no copy in memory stands before. */
export function consistentReader(
  job: Job,
  key: string,
  { store, clock }: Pick<OperationPorts, 'store' | 'clock'>,
): ReadValue {
  const found = datasets(consistentStore(store), clock)
  return async () => {
    const { value, failure } = await found.read(job, key, true)
    if (failure !== undefined) throw failure
    return value
  }
}

/** The data of a store, looked at so that whatever was written before is seen. */
export function consistentStore({
  items,
  snapshots,
}: Pick<OperationPorts['store'], 'items' | 'snapshots'>): ReadStore {
  return {
    items: {
      get: (job, key) => items.get(job, key, { consistent: true }),
      getMany: (job, keys) => items.getMany(job, keys, { consistent: true }),
    },
    snapshots: {
      head: (job, key) => snapshots.head(job, key, { consistent: true }),
      entries: snapshots.entries,
    },
  }
}
