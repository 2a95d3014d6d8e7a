import { assertNever } from '#shared/domain/errors.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { isLeaseExpired, leaseExpiredMessage } from './run-view.ts'

type LogStatus = 'running' | 'success' | 'partial' | 'failed' | 'timed_out' | 'skipped'

/** A run in the documented shape of the job log. */
export function jobLogView(run: RunRecord, now: number) {
  const { counts, tick, endedAt, startedAt } = run
  return {
    run_id: run.id,
    job_name: run.job,
    scheduled_time: tick === undefined ? null : isoSeconds(tick),
    start_time: isoSeconds(startedAt),
    end_time: endedAt === undefined ? null : isoSeconds(endedAt),
    status: logStatus(run),
    error: isLeaseExpired(run, now) ? leaseExpiredMessage(run) : logError(run),
    metrics: {
      symbols_count: counts?.planned ?? 0,
      success_count: counts ? counts.published + counts.unchanged : 0,
      failed_count: counts?.failed ?? 0,
      skipped_count: counts?.superseded ?? 0,
    },
    duration: endedAt === undefined ? null : (endedAt - startedAt) / 1_000,
  }
}

function logStatus({ status, reason }: RunRecord): LogStatus {
  switch (status) {
    case 'running':
    case 'partial':
    case 'skipped':
      return status
    case 'succeeded':
    case 'unchanged':
      return 'success'
    case 'failed':
      return reason === 'timeout' ? 'timed_out' : 'failed'
    case 'abandoned':
    case 'missed':
      return 'failed'
    default:
      return assertNever(status)
  }
}

/** Why a run did not end well, in one line. */
function logError({ status, reason, message }: RunRecord): string | null {
  if (status === 'running' || status === 'succeeded' || status === 'unchanged') return null
  return [reason ?? status, message].filter((part) => part !== undefined).join(': ')
}
