import type { SharedCondition } from '#shared/domain/conditions.ts'

/** The CloudWatch namespace of all metrics. */
export const METRIC_NAMESPACE = 'Freshet'

/** Metrics of each job of P0, with the job as dimension. */
export const JOB_METRIC = {
  overdueSeconds: 'OverdueSeconds',
  consecutiveFailures: 'ConsecutiveFailures',
} as const

/** Metrics over all jobs of a lower priority: the number of jobs whose data are overdue, and whose runs fail in a row. */
export const PRIORITY_METRIC = {
  P1: { overdue: 'OverdueJobsP1', failing: 'FailingJobsP1' },
  P2: { overdue: 'OverdueJobsP2', failing: 'FailingJobsP2' },
} as const

/** Metrics over all jobs: the number of jobs in each condition. */
export const CONDITION_METRIC: Readonly<Record<SharedCondition, string>> = {
  'missed-ticks': 'JobsMissingTicks',
  'abandoned-runs': 'JobsAbandoningRuns',
  'success-ratio': 'JobsWithLowSuccess',
  retries: 'JobsRetryingOften',
  'slow-runs': 'JobsWithSlowRuns',
  'slow-upstream': 'JobsWithSlowUpstream',
  'many-keys-failed': 'JobsWithFailedKeys',
  freshness: 'JobsWithLowFreshness',
  'key-refused': 'JobsWithRefusedKey',
  'upstream-cooling': 'JobsInCoolDown',
  'failed-tasks': 'JobsFailingTasks',
  'timed-out-tasks': 'JobsTimingOutTasks',
  'dataset-growth': 'JobsWithDatasetGrowth',
}

/** Stored records, or parts of one, that could not be decoded or believed, over all functions. */
export const UNDECODABLE_METRIC = 'UndecodableRecords'

/**
 * Metrics of the reads function: responses of dataset routes, those served from stored data, and values served from memory
 * because the table failed.
 */
export const READ_METRIC = { reads: 'Reads', hits: 'Hits', memoryFallbacks: 'MemoryFallback' } as const
