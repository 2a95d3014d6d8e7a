import { noCounts } from '#shared/domain/outcome.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import { isLive, isPollable } from '#shared/domain/records/run-record.ts'

/**
 * Cancels a task that has not begun to publish its result. What it has published of single items stays; whatever it
 * would still write is refused.
 *
 * @param by - who says so, for the record
 * @returns `ended` when it had ended before, or cannot be stopped any more
 */
export async function cancelTask(
  job: string,
  run: string,
  by: string,
  { store, clock }: { readonly store: Pick<Store, 'runs' | 'states'>; readonly clock: Clock },
): Promise<'cancelled' | 'ended' | 'unknown'> {
  const record = await store.runs.get(job, run)
  const now = clock.now()
  if (!record?.task || !isPollable(record, now)) return 'unknown'
  if (!isLive(record, now)) return 'ended'
  const cancelled = {
    status: 'failed',
    reason: 'cancelled',
    message: `cancelled by ${by}`,
    counts: noCounts,
  } as const
  const isOurs = await store.runs.close({ ...record, ...cancelled, endedAt: now }, { unlessFinishing: true })
  if (!isOurs) return 'ended'
  await store.states.release(job, { kind: 'job' }, record.owner, undefined)
  return 'cancelled'
}
