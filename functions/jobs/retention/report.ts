import type { RetentionResult } from '#shared/domain/records/retention.ts'
import { datasetName } from './dataset-names.ts'
import type { Growth } from './growth.ts'

/** The figures of one dataset in the report. */
interface ReportedDataset {
  readonly dataset: string
  readonly job: string
  /** `null` where no history is kept. */
  readonly deleted: number | null
  /** Keys of its items; `null` where it is stored as one set. */
  readonly items: number | null
  /** `null` when they could not be counted in time. */
  readonly history_rows: number | null
}

/** The report of a run, as operators read it. */
export interface RetentionReport {
  readonly is_complete: boolean
  readonly total_deleted: number
  /** Deleted rows by the name of the dataset. */
  readonly deleted: Readonly<Record<string, number>>
  readonly datasets: readonly ReportedDataset[]
  readonly growth: readonly {
    readonly dataset: string
    readonly entries: number
    readonly entries_before: number
    readonly days_before: number
    readonly growth_percent: number
  }[]
}

/** The report of a retention run. */
export function retentionReport(
  { datasets, isComplete }: RetentionResult,
  growth: readonly Growth[],
): RetentionReport {
  const deletions = datasets.flatMap(({ job, deleted }) =>
    deleted === null ? [] : [[datasetName(job), deleted] as const],
  )
  return {
    is_complete: isComplete,
    total_deleted: deletions.reduce((sum, [, deleted]) => sum + deleted, 0),
    deleted: Object.fromEntries(deletions),
    datasets: datasets.map(({ job, deleted, items, historyRows }) => ({
      dataset: datasetName(job),
      job,
      deleted,
      items,
      history_rows: historyRows,
    })),
    growth: growth.map(({ dataset, entries, before, daysBefore, share }) => ({
      dataset,
      entries,
      entries_before: before,
      days_before: daysBefore,
      growth_percent: Math.round(100 * share),
    })),
  }
}
