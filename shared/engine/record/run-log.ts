import { defined } from '#shared/domain/defined.ts'
import { assertNever, type RefreshError } from '#shared/domain/errors.ts'
import type { Outcome } from '#shared/domain/outcome.ts'
import type { LogFields } from '#shared/domain/ports/log.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { isoText } from '#shared/domain/time.ts'
import type { KeyResult, RunState, Work } from '../model/run-state.ts'

/** A run with its outcome. */
export type FinishedState = RunState & { readonly outcome: Outcome }

/** Writes the log line of a run, with every figure as a field, and lines for keys that failed by themselves and for conditions. */
export function logOutcome<V>(state: FinishedState, ended: RunRecord, work: Work<V>): void {
  const { job, ports } = work
  const { outcome, attempts } = state
  const durationMs = (ended.endedAt ?? ended.startedAt) - ended.startedAt
  const summary = runSummary(state, durationMs, work)
  const fields = { ...logFields(state, ended, durationMs, work), ...summary?.logFields }
  switch (outcome.status) {
    case 'succeeded':
      ports.log.info(summary?.message ?? state.logMessage ?? `${job.title}: succeeded`, fields)
      break
    case 'unchanged':
      ports.log.info(summary?.message ?? `${job.title}: unchanged`, fields)
      break
    case 'partial': {
      const { failed, planned } = outcome.counts
      const message = failed === 0 ? `partial (${outcome.reason})` : `${failed} of ${planned} failed`
      if (summary) ports.log.info(summary.message, fields)
      else ports.log.warn(`${job.title}: ${message}`, fields)
      break
    }
    case 'skipped':
      ports.log.info(state.logMessage ?? `${job.title}: skipped (${outcome.reason})`, fields)
      break
    case 'failed': {
      const { reason } = outcome
      const count = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
      const documented = work.refresh.logMessages?.failure?.({ attempts, reason })
      ports.log.error(documented ?? `${job.title}: failed after ${count} (${reason})`, fields)
      break
    }
    case 'abandoned':
    case 'missed':
      ports.log.warn(`${job.title}: ${outcome.status}`, fields)
      break
    default:
      assertNever(outcome)
  }
  logFailedKeys(state.results ?? [], ended, work)
  for (const { message, ...breach } of state.breaches ?? [])
    ports.log.warn(message, { job: job.id, run_id: ended.id, ...breach })
}

function logFields<V>(
  state: FinishedState,
  { id, cause, tick, key, input, status, reason, message, counts, lost }: RunRecord,
  durationMs: number,
  { job, upstream }: Work<V>,
): LogFields {
  const { attempts, retries, slow, usedWeight, fence, setLogFields, totals } = state
  return {
    job: job.id,
    run_id: id,
    cause,
    ...defined({ tick: tick === undefined ? undefined : isoText(tick), key, input }),
    outcome: status,
    ...defined({ reason, detail: message }),
    ...defined({ upstream: upstream?.name }),
    duration_ms: durationMs,
    attempts,
    retries,
    slow_responses: slow,
    ...defined({ upstream_weight: usedWeight }),
    ...totals,
    ...counts,
    ...defined({ lost: lost?.count, lost_names: lost?.names.join(' '), fence }),
    ...setLogFields,
  }
}

/** The job's log line of a run of its whole plan. */
function runSummary<V>(
  { request, outcome, totals = {}, setLogFields }: FinishedState,
  durationMs: number,
  { refresh }: Work<V>,
) {
  if (request.key !== undefined || !('counts' in outcome) || outcome.counts.planned === 0) return undefined
  const { counts, status } = outcome
  return refresh.summarizeRun?.({ counts, durationMs, totals, status, setLogFields })
}

/** When more keys fail for one reason, they share one line. */
const MAX_LINES = 10

/** Maximum number of keys in such a line. */
const MAX_KEYS_NAMED = 20

interface FailedKey {
  readonly key: string
  readonly error: RefreshError
}

/**
 * Logs a warning for each failed key of a job that stores items; many keys that failed for one reason share one line.
 * When all keys failed for one reason, the line of the run is enough.
 */
function logFailedKeys<V>(
  results: readonly KeyResult[],
  { id }: Pick<RunRecord, 'id'>,
  { job, ports }: Work<V>,
): void {
  if (job.stored !== 'items') return
  const failed = results.flatMap((result): FailedKey[] => (result.status === 'failed' ? [result] : []))
  const groups = Map.groupBy(failed, ({ error }) => error.reason)
  if (failed.length === results.length && groups.size === 1) return
  for (const [reason, keys] of groups) {
    const common = { job: job.id, run_id: id, reason }
    if (keys.length > MAX_LINES) {
      const names = keys.slice(0, MAX_KEYS_NAMED).map(({ key }) => key)
      const fields = { ...common, keys: names.join(' '), detail: keys[0]?.error.message ?? '' }
      ports.log.warn(`${job.title}: ${keys.length} keys failed (${reason})`, fields)
      continue
    }
    for (const { key, error } of keys) {
      ports.log.warn(`${job.title}: ${key} failed (${reason})`, { ...common, key, detail: error.message })
    }
  }
}
