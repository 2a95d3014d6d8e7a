/** Late data and consecutive failures. A P0 job has an alarm of its own for each; the jobs of another priority share one. */
type PriorityCondition = 'overdue' | 'failing'

/** The other conditions: one metric series and one alarm each, over all jobs. */
export const CONDITIONS = [
  'missed-ticks',
  'abandoned-runs',
  'success-ratio',
  'retries',
  'slow-runs',
  'slow-upstream',
  'many-keys-failed',
  'freshness',
  'key-refused',
  'upstream-cooling',
] as const

/** Further conditions of jobs whose runs are tasks; without such a job they have no series. */
const TASK_CONDITIONS = ['failed-tasks', 'timed-out-tasks'] as const

/** Conditions that runs report themselves, of jobs that keep the data of all jobs to their retention. */
const RETENTION_CONDITIONS = ['dataset-growth'] as const

export type SharedCondition =
  | (typeof CONDITIONS)[number]
  | (typeof TASK_CONDITIONS)[number]
  | (typeof RETENTION_CONDITIONS)[number]

/** A condition that a run has found in its data, until a later run succeeds without it. */
export interface ReportedBreach {
  readonly condition: (typeof RETENTION_CONDITIONS)[number]
  readonly value: number
  readonly limit: number
}

/** A condition that a job can be in. */
export type Condition = PriorityCondition | SharedCondition

/** The conditions with one alarm over all jobs that apply to these jobs. */
export function conditionsOf(
  jobs: readonly { readonly run: { readonly mode: 'plain' | 'task' }; readonly retains?: 'history' }[],
): readonly SharedCondition[] {
  return [
    ...CONDITIONS,
    ...(jobs.some(({ run }) => run.mode === 'task') ? TASK_CONDITIONS : []),
    ...(jobs.some(({ retains }) => retains !== undefined) ? RETENTION_CONDITIONS : []),
  ]
}
