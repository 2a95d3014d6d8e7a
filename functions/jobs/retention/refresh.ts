import { RefreshError } from '#shared/domain/errors.ts'
import { asJson } from '#shared/domain/json.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { type DailyCount, dailyCounts, datasetGrowth, type Growth, MAX_GROWTH } from './growth.ts'
import { type RetentionReport, retentionReport } from './report.ts'

const KEY = 'report'

interface Retention {
  readonly report: RetentionReport
  readonly growth: readonly Growth[]
  /** The counts of the last 22 days: the next runs compare theirs with them. */
  readonly counts: readonly DailyCount[]
}

export const refresh: Refresh<Retention> = {
  renderVersion: 1,

  // a run of the key has a lease of its own: it would clear the same histories beside a whole run
  plan: ({ key }) =>
    key === undefined ? [{ key: KEY, calls: [] }] : { nothingToDo: 'Old data are deleted as a whole' },

  parse: (_bodies, { retention, previous, now }) => {
    if (!retention) throw new RefreshError('defect', 'expected the result of the retention, got none')
    // only the job itself writes its memory
    const former = (previous?.memory ?? []) as unknown as readonly DailyCount[]
    const counts = dailyCounts(former, retention.datasets, now)
    const growth = datasetGrowth(counts, retention.datasets, now)
    return { report: retentionReport(retention, growth), growth, counts }
  },

  accept: () => ({ accepted: true }),

  item: ({ report, counts }, { now }) => ({
    data: asJson(report),
    asOf: now,
    degraded: !report.is_complete,
    memory: asJson(counts),
  }),

  totals: ({ report }) => report.deleted,

  breaches: ({ growth }) =>
    growth.map(({ dataset, share, before, entries, daysBefore }) => ({
      condition: 'dataset-growth',
      value: share,
      limit: MAX_GROWTH,
      message: `Retention: ${dataset} has ${entries} entries, ${Math.round(100 * share)} % more than the ${before} of ${daysBefore} days before`,
    })),

  summarizeRun: ({ durationMs, totals }) => {
    const total = Object.values(totals).reduce((sum, count) => sum + count, 0)
    return {
      message: `Old data cleanup completed: ${total} records deleted in ${(durationMs / 1_000).toFixed(2)}s. Details: ${JSON.stringify(totals)}`,
      logFields: { ...totals, total_deleted: total },
    }
  },
}
