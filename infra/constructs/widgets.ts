import { Duration } from 'aws-cdk-lib'
import {
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import type { Job } from '#shared/declare/job.ts'
import type { MetricSources } from './metric.ts'

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
