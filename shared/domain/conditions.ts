/** Alarm conditions besides overdue data and consecutive failures: one metric series and one alarm each, over all jobs. */
export const CONDITIONS = [
  'missed-ticks',
  'abandoned-runs',
  'success-ratio',
  'retries',
  'slow-runs',
  'many-keys-failed',
  'freshness',
  'key-refused',
  'upstream-cooling',
] as const

/** Further conditions of jobs whose runs are tasks; without such a job they have no series. */
const TASK_CONDITIONS = ['failed-tasks', 'timed-out-tasks'] as const

export type Condition = (typeof CONDITIONS)[number] | (typeof TASK_CONDITIONS)[number]

/** The conditions that apply to these jobs. */
export function conditionsOf(
  jobs: readonly { readonly run: { readonly mode: 'plain' | 'task' } }[],
): readonly Condition[] {
  return jobs.some(({ run }) => run.mode === 'task') ? [...CONDITIONS, ...TASK_CONDITIONS] : CONDITIONS
}
