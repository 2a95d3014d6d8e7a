import { assertNever, type RefreshError } from '#shared/domain/errors.ts'
import type { Outcome } from '#shared/domain/outcome.ts'
import type { LogFields } from '#shared/domain/ports/log.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { KeyResult, RunState, Work } from '../model/run-state.ts'

/** A run whose outcome is known. */
export type FinishedState = RunState & { readonly outcome: Outcome }

/** Says how a run ended: one line, with every figure as a field of it, and lines for keys that failed by themselves. */
export function logOutcome<V>(state: FinishedState, ended: RunRecord, work: Work<V>): void {
  const { job, upstream, ports } = work
  const { outcome } = state
  const durationMs = (ended.endedAt ?? ended.startedAt) - ended.startedAt
  const whole = runSummary(state, durationMs, work)
  const fields: LogFields = {
    job: job.id,
    run_id: ended.id,
    cause: ended.cause,
    ...(ended.tick === undefined ? {} : { tick: new Date(ended.tick).toISOString() }),
    ...(ended.key === undefined ? {} : { key: ended.key }),
    ...(ended.input === undefined ? {} : { input: ended.input }),
    outcome: outcome.status,
    ...('reason' in outcome ? { reason: outcome.reason } : {}),
    ...('message' in outcome ? { detail: outcome.message } : {}),
    upstream: upstream.name,
    duration_ms: durationMs,
    attempts: state.attempts,
    retries: state.retries,
    ...(state.usedWeight === undefined ? {} : { upstream_weight: state.usedWeight }),
    ...('counts' in outcome ? outcome.counts : {}),
    ...(state.fence === undefined ? {} : { fence: state.fence }),
    ...state.setLogFields,
    ...whole?.logFields,
  }
  switch (outcome.status) {
    case 'succeeded':
    case 'unchanged':
      ports.log.info(whole?.message ?? state.logMessage ?? `${job.title}: ${outcome.status}`, fields)
      break
    case 'partial':
      if (whole) ports.log.info(whole.message, fields)
      else
        ports.log.warn(`${job.title}: ${outcome.counts.failed} of ${outcome.counts.planned} failed`, fields)
      break
    case 'skipped':
      ports.log.info(`${job.title}: skipped (${outcome.reason})`, fields)
      break
    case 'failed':
      ports.log.error(
        `${job.title}: failed after ${state.attempts} ${state.attempts === 1 ? 'attempt' : 'attempts'} (${outcome.reason})`,
        fields,
      )
      break
    case 'abandoned':
    case 'missed':
      ports.log.warn(`${job.title}: ${outcome.status}`, fields)
      break
    default:
      assertNever(outcome)
  }
  logFailedKeys(state.results ?? [], ended, work)
}

/** What the job says of a run of its whole plan; nothing of a run of one key, or of one without counts. */
function runSummary<V>(
  { request, outcome, totals = {} }: FinishedState,
  durationMs: number,
  { refresh }: Work<V>,
) {
  if (request.key !== undefined || !('counts' in outcome) || outcome.counts.planned === 0) return undefined
  return refresh.summarizeRun?.({ counts: outcome.counts, durationMs, totals })
}

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
