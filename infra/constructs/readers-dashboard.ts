import { Dashboard } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { CONDITION_METRIC, READ_METRIC } from '#functions/runtime/metric-names.ts'
import { type Series, watchdogSeries } from '#infra/alarm-spec.ts'
import { jobAlarms } from '#infra/job-alarms.ts'
import { metricOf } from './metric.ts'
import { type DashboardProps, graph, graphWithLimit, PERIOD } from './widgets.ts'

/** What a reader feels: whether an answer comes, how fast, from where, and how old the data of each job are. */
export function readersDashboard(scope: Construct, { stage, jobs, sources }: DashboardProps): Dashboard {
  const board = new Dashboard(scope, 'ReadersDashboard', { dashboardName: `Freshet-${stage}-readers` })
  const of = (series: Series, statistic: string) => metricOf(series, sources, { statistic, period: PERIOD })
  const ours = (metric: string) => of(watchdogSeries(stage, metric), 'Sum')
  board.addWidgets(
    graph('Requests', [
      sources.api.metricCount({ statistic: 'Sum', period: PERIOD }),
      ours(READ_METRIC.reads),
    ]),
    graph('Hit ratio', [of({ kind: 'hit-ratio', dimensions: { service: stage } }, 'Sum')]),
    graph('Latency', [
      of({ kind: 'api', metric: 'Latency' }, 'p50'),
      of({ kind: 'api', metric: 'Latency' }, 'p99'),
    ]),
    graph('Errors', [
      of({ kind: 'api', metric: '5xx' }, 'Sum'),
      sources.api.metricClientError({ statistic: 'Sum', period: PERIOD }),
    ]),
    graph('Values from memory, because the table failed', [ours(READ_METRIC.memoryFallbacks)]),
    graph('Jobs fresh for less than promised', [
      of(watchdogSeries(stage, CONDITION_METRIC.freshness), 'Maximum'),
    ]),
  )
  board.addWidgets(
    ...jobs.flatMap(({ job }) =>
      jobAlarms(stage, job)
        .filter(({ kind }) => kind === 'overdue')
        .map(({ series, threshold }) =>
          graphWithLimit(`${job.id}: overdue`, of(series, 'Maximum'), threshold),
        ),
    ),
  )
  return board
}
