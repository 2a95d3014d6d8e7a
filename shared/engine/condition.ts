/** What can be wrong with a job beside late data and failures in a row; each is one series and one alarm over all jobs. */
export const CONDITIONS = [
  'missed-ticks',
  'abandoned-runs',
  'success-ratio',
  'retries',
  'slow-runs',
  'freshness',
  'key-refused',
  'upstream-cooling',
] as const

export type Condition = (typeof CONDITIONS)[number]
