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
import { CONDITION_METRIC, READ_METRIC, UNDECODABLE_METRIC } from '#functions/runtime/metric-names.ts'
import { type Series, THROTTLED_METRIC, watchdogSeries } from '#infra/alarms/alarm-spec.ts'
import { jobAlarms, priorityAlarms } from '#infra/alarms/alarms.ts'
import type { Job } from '#shared/declare/job.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import { type MetricSources, metricOf } from './metrics.ts'
import { resourceName } from './names.ts'

export interface DashboardProps {
  readonly stage: string
  /** Jobs that are not off, each with its function. */
  readonly jobs: readonly {
    readonly job: Job
    readonly function: LambdaFunction
    /** Only of a job whose runs are tasks. */
    readonly stateMachine?: StateMachine | undefined
  }[]
  readonly sources: MetricSources
}

const PERIOD = Duration.minutes(5)

/** Columns of the 24 of a dashboard. */
const THIRD_WIDTH = 8
const HALF_WIDTH = 12

function graph(title: string, left: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, left: [...left], width: THIRD_WIDTH })
}

/** A graph with a line at the threshold of an alarm. */
function graphWithThreshold(title: string, metric: IMetric, threshold: number): GraphWidget {
  const leftAnnotations = [{ value: threshold, label: 'alarm' }]
  return new GraphWidget({ title, left: [metric], leftAnnotations, width: THIRD_WIDTH })
}

/** A table from a query of Logs Insights. */
function queryTable(
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

/** What readers experience: availability, latency, hit ratio, and the age of each job's data. */
export function readersDashboard(scope: Construct, { stage, jobs, sources }: DashboardProps): Dashboard {
  const board = new Dashboard(scope, 'ReadersDashboard', { dashboardName: resourceName(`${stage}-readers`) })
  const metric = (series: Series, statistic: string) =>
    metricOf(series, sources, { statistic, period: PERIOD })
  const sum = (name: string) => metric(watchdogSeries(stage, name), 'Sum')
  const sumOfApi = { statistic: 'Sum', period: PERIOD }
  const latency: Series = { kind: 'api', metric: 'Latency' }
  const freshness = watchdogSeries(stage, CONDITION_METRIC.freshness)
  board.addWidgets(
    graph('Requests', [sources.api.metricCount(sumOfApi), sum(READ_METRIC.reads)]),
    graph('Hit ratio', [metric({ kind: 'hit-ratio', dimensions: { service: stage } }, 'Sum')]),
    graph('Latency', [metric(latency, 'p50'), metric(latency, 'p99')]),
    graph('Errors', [
      metric({ kind: 'api', metric: '5xx' }, 'Sum'),
      sources.api.metricClientError(sumOfApi),
      sum(THROTTLED_METRIC),
    ]),
    graph('Values from memory, because the table failed', [sum(READ_METRIC.memoryFallbacks)]),
    graph('Jobs fresh for less than promised', [metric(freshness, 'Maximum')]),
  )
  const overdue = jobs.flatMap(({ job }) =>
    jobAlarms(stage, job)
      .filter(({ kind }) => kind === 'overdue')
      .map(({ series, threshold }) =>
        graphWithThreshold(`${job.id}: overdue`, metric(series, 'Maximum'), threshold),
      ),
  )
  const overdueJobs = priorityAlarms(
    stage,
    jobs.map(({ job }) => job),
  ).filter(({ kind }) => kind === 'overdue')
  board.addWidgets(
    ...overdue,
    ...(overdueJobs.length === 0
      ? []
      : [
          graph(
            'Overdue jobs of lower priorities',
            overdueJobs.map(({ series }) => metric(series, 'Maximum')),
          ),
        ]),
  )
  return board
}

/** How the system works: conditions, runs, tasks if there are any, attempts per upstream, dead letters, watchdog. */
export function systemDashboard(scope: Construct, props: DashboardProps): Dashboard {
  const { stage, jobs } = props
  const board = new Dashboard(scope, 'SystemDashboard', { dashboardName: resourceName(`${stage}-system`) })
  board.addWidgets(...conditionWidgets(props))
  if (jobs.length === 0) return board
  board.addWidgets(...runWidgets(props))
  const tasks = taskWidgets(props)
  if (tasks.length > 0) board.addWidgets(...tasks)
  board.addWidgets(...outcomeTables(props))
  return board
}

function conditionWidgets({ stage, jobs, sources }: DashboardProps): GraphWidget[] {
  const metric = (series: Series, statistic: string) =>
    metricOf(series, sources, { statistic, period: PERIOD })
  const conditions = conditionsOf(jobs.map(({ job }) => job)).map((condition) =>
    metric(watchdogSeries(stage, CONDITION_METRIC[condition]), 'Maximum'),
  )
  const depth = 'ApproximateNumberOfMessagesVisible'
  const age = 'ApproximateAgeOfOldestMessage'
  return [
    graph('Jobs in a condition', conditions),
    graph('Dead letters', [
      metric({ kind: 'deliveries', metric: depth }, 'Maximum'),
      metric({ kind: 'failed-runs', metric: depth }, 'Maximum'),
    ]),
    graph('Dead letters: age of the oldest', [
      metric({ kind: 'deliveries', metric: age }, 'Maximum'),
      metric({ kind: 'failed-runs', metric: age }, 'Maximum'),
    ]),
    graph('Watchdog: errors', [metric({ kind: 'watchdog', metric: 'Errors' }, 'Sum')]),
    graph('Stored records that cannot be decoded', [
      metric(watchdogSeries(stage, UNDECODABLE_METRIC), 'Sum'),
    ]),
  ]
}

function runWidgets({ stage, jobs, sources }: DashboardProps): GraphWidget[] {
  const alarms = [
    ...jobs.flatMap(({ job }) => jobAlarms(stage, job)),
    ...priorityAlarms(
      stage,
      jobs.map(({ job }) => job),
    ),
  ]
  const failures = alarms
    .filter(({ kind }) => kind === 'failing')
    .map(({ series }) => metricOf(series, sources, { statistic: 'Maximum', period: PERIOD }))
  const durations = jobs.map(({ job, function: refresh }) =>
    refresh.metricDuration({ statistic: 'Maximum', period: PERIOD, label: job.id }),
  )
  const errors = jobs.map(({ job, function: refresh }) =>
    refresh.metricErrors({ period: PERIOD, label: job.id }),
  )
  return [
    graph('Failures in a row, failing jobs of lower priorities', failures),
    graph('Duration of invocations', durations),
    graph('Failed invocations', errors),
  ]
}

/** Empty without tasks. */
function taskWidgets({ jobs }: DashboardProps): GraphWidget[] {
  const tasks = jobs.flatMap(({ job, stateMachine }) =>
    stateMachine ? [{ label: job.id, stateMachine }] : [],
  )
  if (tasks.length === 0) return []
  const executions = (metric: 'Started' | 'Failed' | 'TimedOut') =>
    tasks.map(({ label, stateMachine }) =>
      stateMachine[`metric${metric}`]({ statistic: 'Sum', period: PERIOD, label }),
    )
  return [
    graph('Tasks: started', executions('Started')),
    graph('Tasks: failed', executions('Failed')),
    graph('Tasks: timed out in their state machine', executions('TimedOut')),
  ]
}

function outcomeTables({ jobs }: DashboardProps): LogQueryWidget[] {
  const functions = jobs.map(({ function: refresh }) => refresh)
  return [
    queryTable('Outcomes of runs', functions, [
      'filter ispresent(outcome)',
      'stats count(*) as runs, max(duration_ms) as longest_ms, latest(run_id) as last by job, outcome, reason',
      'sort runs desc',
    ]),
    queryTable('Upstreams', functions, [
      'filter ispresent(outcome)',
      'stats count(*) as runs, sum(attempts) as attempts, sum(retries) as retries, sum(slow_responses) as slow, max(upstream_weight) as weight by upstream, bin(1h)',
      'sort retries desc',
    ]),
  ]
}
