/** What can be wrong with a job beside late data and failures in a row; each is one series and one alarm over all jobs. */
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

/** What can be wrong besides with a job whose runs are tasks; none of it is counted where there is no such job. */
const TASK_CONDITIONS = ['failed-tasks', 'timed-out-tasks'] as const

export type Condition = (typeof CONDITIONS)[number] | (typeof TASK_CONDITIONS)[number]

/** The conditions that any of these jobs can be in. */
export function conditionsOf(
  jobs: readonly { readonly run: { readonly mode: 'plain' | 'task' } }[],
): readonly Condition[] {
  return jobs.some(({ run }) => run.mode === 'task') ? [...CONDITIONS, ...TASK_CONDITIONS] : CONDITIONS
}
