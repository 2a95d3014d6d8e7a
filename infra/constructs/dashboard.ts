import { Duration } from 'aws-cdk-lib'
import { Dashboard, GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { METRIC } from '#functions/watchdog/metrics.ts'
import type { Job } from '#shared/declare/job.ts'
import { type Series, watched } from '../alarms.ts'
import { type Measured, metricOf } from './alarms.ts'

/** Of the 24 columns. */
const THIRD = 8
const PERIOD = Duration.minutes(5)

interface DashboardProps {
  readonly stage: string
  /** Jobs that run, each with its function. */
  readonly jobs: readonly { readonly job: Job; readonly function: LambdaFunction }[]
  readonly measured: Measured
}

/** One row for each job that runs; one for the API; one for what went wrong on the way. */
export function dashboard(scope: Construct, { stage, jobs, measured }: DashboardProps): Dashboard {
  const board = new Dashboard(scope, 'Dashboard', { dashboardName: `Freshet-${stage}` })
  const ours = (metric: string, job?: string) => of(watched(stage, metric, job), 'Maximum')
  const of = (series: Series, statistic: string) => metricOf(series, measured, { statistic, period: PERIOD })
  for (const { job, function: refresh } of jobs) {
    board.addWidgets(
      graph(`${job.id}: overdue`, [ours(METRIC.overdueSeconds, job.id)]),
      graph(`${job.id}: failures in a row`, [ours(METRIC.consecutiveFailures, job.id)]),
      graph(
        `${job.id}: duration and errors`,
        [refresh.metricDuration({ statistic: 'Maximum', period: PERIOD })],
        [refresh.metricErrors({ period: PERIOD })],
      ),
    )
  }
  board.addWidgets(
    graph('API: requests', [measured.api.metricCount({ statistic: 'Sum', period: PERIOD })]),
    graph('API: errors', [
      measured.api.metricClientError({ statistic: 'Sum', period: PERIOD }),
      of({ of: 'api', metric: '5xx' }, 'Sum'),
    ]),
    graph('API: latency', [
      of({ of: 'api', metric: 'Latency' }, 'p50'),
      of({ of: 'api', metric: 'Latency' }, 'p99'),
    ]),
  )
  const depth = 'ApproximateNumberOfMessagesVisible'
  board.addWidgets(
    graph('Dead letters', [
      of({ of: 'deliveries', metric: depth }, 'Maximum'),
      of({ of: 'failed-runs', metric: depth }, 'Maximum'),
    ]),
    graph('Ticks and runs that ended badly', [ours(METRIC.missedTicks), ours(METRIC.abandonedRuns)]),
    graph('Watchdog: errors', [of({ of: 'watchdog', metric: 'Errors' }, 'Sum')]),
  )
  return board
}

function graph(title: string, left: IMetric[], right: IMetric[] = []): GraphWidget {
  return new GraphWidget({ title, left, right, width: THIRD })
}
