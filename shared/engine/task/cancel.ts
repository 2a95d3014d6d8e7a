import { failedOutcome } from '#shared/domain/outcome.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import { isLive, isPollable } from '#shared/domain/records/run-record.ts'

/**
 * Cancels a task that has not begun to publish its result. Items that it has published stay; its later writes are
 * refused.
 *
 * @param by - who cancels it, for the record
 * @returns `ended` when it has ended or cannot be stopped any more
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
  const outcome = failedOutcome({ reason: 'cancelled', message: `cancelled by ${by}` })
  const isOurs = await store.runs.close({ ...record, ...outcome, endedAt: now }, { unlessFinishing: true })
  if (!isOurs) return 'ended'
  await store.states.release(job, { kind: 'job' }, record.owner, undefined)
  return 'cancelled'
}
