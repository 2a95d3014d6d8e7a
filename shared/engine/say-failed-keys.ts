import type { RefreshError } from '#shared/domain/errors.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { KeyResult, Work } from './context.ts'

/** More keys that fail for one reason are said in one line. */
const MAX_LINES = 10

/** Keys that such a line names. */
const MAX_KEYS_NAMED = 20

interface FailedKey {
  readonly key: string
  readonly error: RefreshError
}

/**
 * Warns of keys that failed, each with its reason, where keys are stored by themselves; many that failed for one reason
 * in one line. Where all failed alike, the line that ends the run has said so.
 */
export function logFailedKeys<V>(
  results: readonly KeyResult[],
  { id }: Pick<RunRecord, 'id'>,
  { job, ports }: Work<V>,
): void {
  if (job.stored !== 'items') return
  const failed = results.flatMap((one): FailedKey[] => (one.result === 'failed' ? [one] : []))
  const alike = Map.groupBy(failed, ({ error }) => error.reason)
  if (failed.length === results.length && alike.size === 1) return
  for (const [reason, keys] of alike) {
    const common = { job: job.id, run_id: id, reason }
    if (keys.length > MAX_LINES) {
      const named = keys.slice(0, MAX_KEYS_NAMED).map(({ key }) => key)
      const detail = keys[0]?.error.message ?? ''
      ports.log.warn(`${job.title}: ${keys.length} keys failed (${reason})`, {
        ...common,
        keys: named.join(' '),
        detail,
      })
      continue
    }
    for (const { key, error } of keys) {
      ports.log.warn(`${job.title}: ${key} failed (${reason})`, { ...common, key, detail: error.message })
    }
  }
}
