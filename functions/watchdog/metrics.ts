import { Metrics } from '@aws-lambda-powertools/metrics'
import {
  CONDITION_METRIC,
  JOB_METRIC,
  METRIC_NAMESPACE,
  PRIORITY_METRIC,
} from '#functions/runtime/metric-names.ts'
import { CONDITIONS, type Condition, type SharedCondition } from '#shared/domain/conditions.ts'
import type { WatchResult } from './watch.ts'

/** One value of one series. */
export interface MetricValue {
  readonly metric: string
  readonly unit: 'Seconds' | 'Count'
  readonly value: number
}

/** The values of one set of dimensions: a job's, or those over all jobs. */
export interface MetricGroup {
  readonly job?: string
  readonly points: readonly MetricValue[]
}

/**
 * The results of a pass as metric values: two for each job of P0, two for each lower priority that has jobs, one for each
 * condition over all jobs. Their number does not grow with the data.
 */
export function metricGroups(
  all: readonly WatchResult[],
  conditions: readonly SharedCondition[] = CONDITIONS,
): readonly MetricGroup[] {
  const inCondition = (results: readonly WatchResult[], condition: Condition) =>
    results.filter((result) => result.conditions.includes(condition)).length
  const important = all.filter(({ priority }) => priority === 'P0')
  const perJob = important.map(({ job, overdueSeconds, consecutiveFailures }) => ({
    job,
    points: [
      ...(overdueSeconds === undefined
        ? []
        : [{ metric: JOB_METRIC.overdueSeconds, unit: 'Seconds' as const, value: overdueSeconds }]),
      count(JOB_METRIC.consecutiveFailures, consecutiveFailures),
    ],
  }))
  const overAll = conditions.map((condition) =>
    count(CONDITION_METRIC[condition], inCondition(all, condition)),
  )
  const perPriority = (['P1', 'P2'] as const).flatMap((priority) => {
    const results = all.filter((result) => result.priority === priority)
    const scheduled = results.filter(({ overdueSeconds }) => overdueSeconds !== undefined)
    const { overdue, failing } = PRIORITY_METRIC[priority]
    return [
      ...(scheduled.length === 0 ? [] : [count(overdue, inCondition(scheduled, 'overdue'))]),
      ...(results.length === 0 ? [] : [count(failing, inCondition(results, 'failing'))]),
    ]
  })
  return [...perJob, { points: [...perPriority, ...overAll] }]
}

function count(metric: string, value: number): MetricValue {
  return { metric, unit: 'Count', value }
}

/**
 * Writes the results of a pass as metrics of a stage, in embedded metric format. Dimensions: the job, or none.
 *
 * @param conditions - each is one series; the conditions of all jobs by default
 */
export function emitMetrics(
  stage: string,
  all: readonly WatchResult[],
  conditions?: readonly SharedCondition[],
): void {
  for (const { job, points } of metricGroups(all, conditions)) {
    const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: stage, singleMetric: false })
    if (job !== undefined) metrics.addDimension('job', job)
    for (const { metric, unit, value } of points) metrics.addMetric(metric, unit, value)
    metrics.publishStoredMetrics()
  }
}
