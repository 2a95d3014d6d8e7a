import type { Job } from '#shared/declare/job.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import type { OperationPorts } from '../http/operation.ts'
import { HttpError } from '../http/response.ts'
import { forEachKey } from './keys.ts'

/** The rest of the time of a request is for what else is purged. */
const HISTORY_MS = 15 * SECOND_MS

/** Rows between two checks of the time. */
const ROWS_A_CHECK = 250

/**
 * Removes the history rows of a job: of the entity that has the name of the key, or of all entities.
 *
 * @param purged - the counts of what is removed already, for the response when not all rows can be removed
 * @returns the number of removed rows
 * @throws {HttpError} 503 with the counts when rows are left after 15 s; the request can be repeated
 */
export async function removeHistory(
  job: Job,
  key: string | undefined,
  purged: Readonly<Record<string, number>>,
  { store, clock }: OperationPorts,
): Promise<number> {
  const endsAt = clock.now() + HISTORY_MS
  let removed = 0
  let isComplete = true
  for (const kind of Object.keys(job.history)) {
    const entities = key === undefined ? await store.history.entities(job.id, kind) : [key]
    await forEachKey(entities, 'entities', async (entity) => {
      let count = ROWS_A_CHECK
      while (count === ROWS_A_CHECK && clock.now() < endsAt) {
        count = await store.history.remove(job.id, kind, entity, { limit: ROWS_A_CHECK })
        removed += count
      }
      if (count === ROWS_A_CHECK) isComplete = false
      return true
    })
  }
  if (isComplete) return removed
  throw new HttpError({
    status: 503,
    message: `${removed} rows of history were deleted and others are left; the request may be repeated`,
    headers: { 'retry-after': '5' },
    members: { ...purged, history: removed },
  })
}
