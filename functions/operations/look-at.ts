import type { Job } from '#shared/declare/job.ts'
import { datasets } from '../serving/dataset.ts'
import type { Representation } from '../serving/representation.ts'
import type { OperationPorts } from './operation.ts'

/** What the table holds of one key right now, if it can be served. @throws what the table throws */
export type Look = () => Promise<Representation | undefined>

/** A look that is consistent, and that no copy in memory stands before. */
export function lookAt(
  job: Job,
  key: string,
  { store, clock }: Pick<OperationPorts, 'store' | 'clock'>,
): Look {
  const { items, snapshots } = store
  const consistent = {
    items: { ...items, get: (id: string, one: string) => items.get(id, one, { consistent: true }) },
    snapshots: {
      head: (id: string, one: string) => snapshots.head(id, one, { consistent: true }),
      entries: snapshots.entries,
    },
  }
  const found = datasets(consistent, clock)
  return async () => {
    const { value, failure } = await found.read(job, key, true)
    if (failure !== undefined) throw failure
    return value
  }
}
