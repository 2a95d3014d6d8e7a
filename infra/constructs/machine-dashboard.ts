import { Dashboard } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { CONDITION_METRIC, JOB_METRIC } from '#functions/metric-names.ts'
import { CONDITIONS } from '#shared/engine/condition.ts'
import { type Series, watched } from '../alarm-spec.ts'
import { metricOf } from './metric.ts'
import { type DashboardProps, graph, PERIOD, queryTable } from './widgets.ts'

/** What the machine does: conditions, runs, failures, durations, attempts by upstream, dead letters, the watchdog. */
export function machineDashboard(scope: Construct, { stage, jobs, measured }: DashboardProps): Dashboard {
  const board = new Dashboard(scope, 'MachineDashboard', { dashboardName: `Freshet-${stage}-machine` })
  const of = (series: Series, statistic: string) => metricOf(series, measured, { statistic, period: PERIOD })
  const ours = (metric: string, job?: string) => of(watched(stage, metric, job), 'Maximum')
  const functions = jobs.map(({ function: refresh }) => refresh)
  const depth = 'ApproximateNumberOfMessagesVisible'
  board.addWidgets(
    graph(
      'Jobs in a condition',
      CONDITIONS.map((condition) => ours(CONDITION_METRIC[condition])),
    ),
    graph('Dead letters', [
      of({ of: 'deliveries', metric: depth }, 'Maximum'),
      of({ of: 'failed-runs', metric: depth }, 'Maximum'),
    ]),
    graph('Watchdog: errors', [of({ of: 'watchdog', metric: 'Errors' }, 'Sum')]),
  )
  if (jobs.length === 0) return board
  board.addWidgets(
    graph(
      'Failures in a row',
      jobs.map(({ job }) => ours(JOB_METRIC.consecutiveFailures, job.id)),
    ),
    graph(
      'Duration of invocations',
      jobs.map(({ job, function: refresh }) =>
        refresh.metricDuration({ statistic: 'Maximum', period: PERIOD, label: job.id }),
      ),
    ),
    graph(
      'Failed invocations',
      jobs.map(({ job, function: refresh }) => refresh.metricErrors({ period: PERIOD, label: job.id })),
    ),
  )
  board.addWidgets(
    queryTable('How runs ended', functions, [
      'filter ispresent(outcome)',
      'stats count(*) as runs, max(duration_ms) as longest_ms, latest(run_id) as last by job, outcome, reason',
      'sort runs desc',
    ]),
    queryTable('Upstreams', functions, [
      'filter ispresent(outcome)',
      'stats count(*) as runs, sum(attempts) as attempts, sum(retries) as retries by upstream, bin(1h)',
      'sort retries desc',
    ]),
  )
  return board
}
