import { Duration } from 'aws-cdk-lib'
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import type { Construct } from 'constructs'
import { CONDITION_METRIC, JOB_METRIC, READ_METRIC } from '#functions/runtime/metric-names.ts'
import { type Series, watchdogSeries } from '#infra/alarms/alarm-spec.ts'
import { jobAlarms } from '#infra/alarms/alarms.ts'
import type { Job } from '#shared/declare/job.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import { type MetricSources, metricOf } from './metrics.ts'

/** What both dashboards are made from. */
export interface DashboardProps {
  readonly stage: string
  /** Jobs that run, each with its function. */
  readonly jobs: readonly {
    readonly job: Job
    readonly function: LambdaFunction
    /** Of a job whose runs are tasks. */
    readonly stateMachine?: StateMachine | undefined
  }[]
  readonly sources: MetricSources
}

/** The distance between two points. */
export const PERIOD = Duration.minutes(5)

/** Of the 24 columns. */
const THIRD_WIDTH = 8
const HALF_WIDTH = 12

/** A graph, three in a row. */
export function graph(title: string, left: readonly IMetric[], right: readonly IMetric[] = []): GraphWidget {
  return new GraphWidget({ title, left: [...left], right: [...right], width: THIRD_WIDTH })
}

/** A graph with a line where an alarm fires. */
export function graphWithLimit(title: string, metric: IMetric, limit: number): GraphWidget {
  const leftAnnotations = [{ value: limit, label: 'alarm' }]
  return new GraphWidget({ title, left: [metric], leftAnnotations, width: THIRD_WIDTH })
}

/** A table out of log lines, two in a row. */
export function queryTable(
  title: string,
  functions: readonly LambdaFunction[],
  queryLines: readonly string[],
): LogQueryWidget {
  return new LogQueryWidget({
    title,
    logGroupNames: functions.map(({ logGroup }) => logGroup.logGroupName),
    queryLines: [...queryLines],
    view: LogQueryVisualizationType.TABLE,
    width: HALF_WIDTH,
  })
}

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
