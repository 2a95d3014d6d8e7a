import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { isoOrNull } from './instant.ts'

/** A run as operators see it. One that says `running` past its lease has lost whoever worked on it. */
export function runView(run: RunRecord, now: number) {
  return {
    run_id: run.id,
    job: run.job,
    cause: run.cause,
    tick: isoOrNull(run.tick),
    key: run.key ?? null,
    input: run.input ?? null,
    outcome: run.status,
    is_lapsed: isLeaseExpired(run, now),
    reason: run.reason ?? null,
    message: isLeaseExpired(run, now) ? leaseExpiredMessage(run) : (run.message ?? null),
    started_at: isoOrNull(run.startedAt),
    ended_at: isoOrNull(run.endedAt),
    duration_seconds: run.endedAt === undefined ? null : (run.endedAt - run.startedAt) / 1_000,
    counts: run.counts ?? null,
    attempts: run.attempts ?? null,
    duplicates: run.duplicates,
  }
}

/** Whether a run that says `running` is not any more. */
export function isLeaseExpired({ status, leaseUntil }: RunRecord, now: number): boolean {
  return status === 'running' && leaseUntil <= now
}

/** Why such a run has not ended. */
export function leaseExpiredMessage({ leaseUntil }: RunRecord): string {
  return `its lease lapsed at ${isoOrNull(leaseUntil)} without an outcome; another delivery takes it over, or it is given up`
}
