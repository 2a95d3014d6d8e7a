import type { Condition } from '#shared/domain/conditions.ts'

/** Where all of the system's metrics stand. */
export const METRIC_NAMESPACE = 'Freshet'

/** Series of each job: two, with the job as their dimension. */
export const JOB_METRIC = {
  overdueSeconds: 'OverdueSeconds',
  consecutiveFailures: 'ConsecutiveFailures',
} as const

/** Series over all jobs: how many of them are in a condition. */
export const CONDITION_METRIC: Readonly<Record<Condition, string>> = {
  'missed-ticks': 'JobsMissingTicks',
  'abandoned-runs': 'JobsAbandoningRuns',
  'success-ratio': 'JobsOfLowSuccess',
  retries: 'JobsRetryingOften',
  'slow-runs': 'JobsNearDeadline',
  'many-keys-failed': 'JobsLosingKeys',
  freshness: 'JobsOfLowFreshness',
  'key-refused': 'JobsRefused',
  'upstream-cooling': 'JobsBarred',
  'failed-tasks': 'JobsFailingTasks',
  'timed-out-tasks': 'JobsTimingOutTasks',
}

/**
 * Series of the read function: answers about datasets, those that were given from what was stored, and values that came
 * from memory because the table failed.
 */
export const READ_METRIC = { reads: 'Reads', hits: 'Hits', memoryFallbacks: 'MemoryFallback' } as const
