import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Metrics } from '#shared/domain/ports/metrics.ts'
import { awsJson } from './aws-json.ts'

/** Which metrics are read, and how long a request may take. */
interface CloudWatchOptions {
  readonly namespace: string
  /** Dimensions of every metric, by name. */
  readonly dimensions: Readonly<Record<string, string>>
  /** Milliseconds. */
  readonly timeoutMs: number
  /** URL of the service in place of that of the region. */
  readonly endpoint?: string | undefined
}

const PERIOD_S = 60

/**
 * The metrics in CloudWatch.
 *
 * @param client - any client of the SDK, for region and credentials
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function cloudWatchMetrics(
  client: Pick<DynamoDBClient, 'config'>,
  { namespace, dimensions, timeoutMs, endpoint }: CloudWatchOptions,
): Metrics {
  const send = awsJson(client, {
    title: 'CloudWatch',
    service: 'monitoring',
    target: 'GraniteServiceVersion20100801',
    endpoint,
    timeoutMs,
  })
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  return {
    async sums(names, { from, to }) {
      const queries = names.map((MetricName, index) => ({
        Id: `m${index}`,
        MetricStat: {
          Metric: { Namespace: namespace, MetricName, Dimensions },
          Period: PERIOD_S,
          Stat: 'Sum',
        },
      }))
      const input = {
        StartTime: Math.floor(from / 1_000),
        EndTime: Math.ceil(to / 1_000),
        MetricDataQueries: queries,
      }
      const results = resultsOf(await send('GetMetricData', input))
      const sums = names.map((name, index) => [name, sumOf(results, `m${index}`)] as const)
      return Object.fromEntries(sums) as Record<(typeof names)[number], number>
    },
  }
}

interface MetricResult {
  readonly Id?: unknown
  readonly StatusCode?: unknown
  readonly Values?: unknown
}

function resultsOf(response: unknown): readonly MetricResult[] {
  const { MetricDataResults: results } = (response ?? {}) as { readonly MetricDataResults?: unknown }
  if (Array.isArray(results)) return results
  throw new Error('CloudWatch: expected MetricDataResults, got none')
}

/** @throws for a result that is missing or not complete: a part of a sum would be another figure */
function sumOf(results: readonly MetricResult[], id: string): number {
  const { StatusCode: status, Values: values = [] } = results.find(({ Id }) => Id === id) ?? {}
  if (status !== 'Complete' || !Array.isArray(values) || !values.every(Number.isFinite))
    throw new Error(`CloudWatch: expected a complete result with numbers, got ${String(status)}`)
  return values.reduce((sum: number, value: number) => sum + value, 0)
}
