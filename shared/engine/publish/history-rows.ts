import { RefreshError } from '#shared/domain/errors.ts'
import type { HistoryEntry } from '../model/refresh.ts'
import type { Work } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'

/**
 * Writes rows of history. It is called before the data that they belong to are published, so that no row is missing; a
 * repetition writes them under the same keys.
 *
 * @throws {RefreshError} `defect` for a kind that the job does not declare, `store` when the table fails
 */
export async function writeHistory<V>(
  entries: readonly HistoryEntry[],
  { job, ports }: Work<V>,
): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map((row) => {
    const keepForMs = job.history[row.kind]
    if (keepForMs !== undefined) return { ...row, expiresAt: row.at + keepForMs }
    const declared = Object.keys(job.history).join(', ') || 'none'
    throw new RefreshError('defect', `expected history of a declared kind (${declared}), got ${row.kind}`)
  })
  await storeCall(ports.store.history.put(job.id, rows))
}
