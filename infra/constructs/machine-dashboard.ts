import { Dashboard } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { CONDITION_METRIC, JOB_METRIC } from '#functions/runtime/metric-names.ts'
import { type Series, watchdogSeries } from '#infra/alarm-spec.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import { metricOf } from './metric.ts'
import { type DashboardProps, graph, PERIOD, queryTable } from './widgets.ts'

/**
 * What the machine does: conditions, runs, failures, durations, tasks where there are any, attempts by upstream, dead
 * letters, the watchdog.
 */
export function systemDashboard(scope: Construct, { stage, jobs, sources }: DashboardProps): Dashboard {
  const board = new Dashboard(scope, 'MachineDashboard', { dashboardName: `Freshet-${stage}-machine` })
  const of = (series: Series, statistic: string) => metricOf(series, sources, { statistic, period: PERIOD })
  const ours = (metric: string, job?: string) => of(watchdogSeries(stage, metric, job), 'Maximum')
  const functions = jobs.map(({ function: refresh }) => refresh)
  const depth = 'ApproximateNumberOfMessagesVisible'
  board.addWidgets(
    graph(
      'Jobs in a condition',
      conditionsOf(jobs.map(({ job }) => job)).map((condition) => ours(CONDITION_METRIC[condition])),
    ),
    graph('Dead letters', [
      of({ kind: 'deliveries', metric: depth }, 'Maximum'),
      of({ kind: 'failed-runs', metric: depth }, 'Maximum'),
    ]),
    graph('Watchdog: errors', [of({ kind: 'watchdog', metric: 'Errors' }, 'Sum')]),
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
  const tasks = jobs.flatMap(({ job, stateMachine }) =>
    stateMachine ? [{ label: job.id, stateMachine }] : [],
  )
  const executions = (metric: 'Started' | 'Failed' | 'TimedOut') =>
    tasks.map(({ label, stateMachine }) =>
      stateMachine[`metric${metric}`]({ statistic: 'Sum', period: PERIOD, label }),
    )
  if (tasks.length > 0) {
    board.addWidgets(
      graph('Tasks: started', executions('Started')),
      graph('Tasks: failed', executions('Failed')),
      graph('Tasks: cut off by their machine', executions('TimedOut')),
    )
  }
  board.addWidgets(
    queryTable('How runs ended', functions, [
      'filter ispresent(outcome)',
      'stats count(*) as runs, max(duration_ms) as longest_ms, latest(run_id) as last by job, outcome, reason',
      'sort runs desc',
    ]),
    queryTable('Upstreams', functions, [
      'filter ispresent(outcome)',
      'stats count(*) as runs, sum(attempts) as attempts, sum(retries) as retries, max(upstream_weight) as weight by upstream, bin(1h)',
      'sort retries desc',
    ]),
  )
  return board
}
