import type { AcceptContext } from '#shared/engine/model/refresh.ts'
import { listFault } from '#shared/upstreams/lists.ts'

/** A list may lose this share of its rows from one check to the next. */
const MAX_SHRINK = 0.5

/** The sizes of a list in an answer and in the table; `storedRows` is `undefined` where none is stored. */
interface ListSizes {
  readonly rows: number
  readonly storedRows: number | undefined
}

/**
 * The total of a run that counts the rows of stored lists which the new ones do not have: they have ended or are older than
 * the others, or the provider has lost them.
 *
 * @param stored - the ids of the stored rows
 * @param rows - those of the new ones
 */
export function droppedRows(stored: readonly (number | string)[], rows: readonly (number | string)[]) {
  const ids = new Set(rows)
  return { dropped_count: stored.filter((id) => !ids.has(id)).length }
}

/**
 * Why a list is not believed that is much shorter than the stored one; `undefined` for any other. One that lost more than
 * half of its rows is believed once the stored one is no longer fresh, so that a shortage has to last.
 *
 * @param name - what the rows are, a plural
 */
export function shortList(
  name: string,
  { rows, storedRows }: ListSizes,
  { now, job, previous }: Pick<AcceptContext<unknown>, 'now' | 'job' | 'previous'>,
): string | undefined {
  const isFresh = previous !== undefined && now < previous.checkedAt + job.freshness.freshForMs
  if (!isFresh) return undefined
  const fault = listFault(
    { name, mayBeEmpty: true, maxShrink: MAX_SHRINK, minCoverage: 0 },
    { rows, storedRows },
  )
  return fault && `${fault}; it is believed once the stored list is no longer fresh`
}
