import type { RunRecord } from '#shared/domain/records/run-record.ts'

/** When the newest task of those that failed, and of those that timed out, has ended. Milliseconds since the epoch. */
export interface TaskFailures {
  readonly failedAt?: number
  readonly timedOutAt?: number
}

/** How tasks have ended badly. What was cancelled or left out has not failed. Pure. */
export function newestTaskFailures(runs: readonly RunRecord[]): TaskFailures {
  const failed = runs.filter(({ task, status }) => task !== undefined && status === 'failed')
  const failedAt = newestEnd(failed.filter(({ reason }) => reason !== 'timeout' && reason !== 'cancelled'))
  const timedOutAt = newestEnd(failed.filter(({ reason }) => reason === 'timeout'))
  return {
    ...(failedAt === undefined ? {} : { failedAt }),
    ...(timedOutAt === undefined ? {} : { timedOutAt }),
  }
}

function newestEnd(runs: readonly RunRecord[]): number | undefined {
  const ends = runs.flatMap(({ endedAt }) => endedAt ?? [])
  return ends.length === 0 ? undefined : Math.max(...ends)
}
