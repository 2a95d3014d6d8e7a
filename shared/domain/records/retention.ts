/** What a job stores, as far as retention reads and deletes it. */
export interface RetainedDataset {
  readonly job: string
  /** Whether it stores items, whose keys are listed. */
  readonly hasItems: boolean
  /** How long the history rows of each kind are kept, in milliseconds. */
  readonly history: Readonly<Record<string, number>>
}

/** What retention did with the data of one job, and what is stored after it. */
export interface DatasetRetention {
  readonly job: string
  /** History rows that this run deleted; `null` for a job that keeps none. */
  readonly deleted: number | null
  /** Keys under which items are stored; `null` for a job that stores a snapshot. */
  readonly items: number | null
  /** Stored history rows; `null` when there was no time to count them. */
  readonly historyRows: number | null
}

/** The result of one pass of retention over all datasets. */
export interface RetentionResult {
  readonly datasets: readonly DatasetRetention[]
  /** Whether all old rows are deleted and the others counted; otherwise the next run continues. */
  readonly isComplete: boolean
}
