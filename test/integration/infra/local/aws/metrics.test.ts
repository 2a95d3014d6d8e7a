import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { metricLine } from '#functions/runtime/metric-line.ts'
import { METRIC_NAMESPACE } from '#functions/runtime/metric-names.ts'
import { accessKeyOf } from '#infra/local/aws/access-keys.ts'
import { openAwsEndpoint } from '#infra/local/aws/endpoint.ts'
import { LocalMetrics } from '#infra/local/aws/metrics.ts'
import { LocalRoles } from '#infra/local/aws/roles.ts'
import { cloudWatchMetrics } from '#shared/adapters/cloudwatch.ts'

const MINUTE = 60_000
const NOW = Date.UTC(2026, 10, 20, 15)
const HOUR = { from: NOW - 60 * MINUTE, to: NOW }

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyOf('operations'))
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
})

/** The metrics that the functions of a machine have written, read over its endpoint with a signed request. */
async function open({ stage = 'local', isAllowed = true } = {}) {
  const written = new LocalMetrics()
  const denials: string[] = []
  const permission = { actions: ['cloudwatch:GetMetricData'], target: { kind: 'metrics' } } as const
  const permissions = new Map([['operations', isAllowed ? [permission] : []]])
  const roles = new LocalRoles(permissions, { onDenied: (message) => denials.push(message) })
  const { url, close } = await openAwsEndpoint({
    onEvent: () => {},
    secrets: new Map(),
    metrics: written,
    roles,
  })
  onTestFinished(close)
  const options = { namespace: METRIC_NAMESPACE, dimensions: { service: stage }, timeoutMs: 5_000 }
  const metrics = cloudWatchMetrics(new DynamoDBClient({}), { ...options, endpoint: url })
  return { written, denials, metrics }
}

test('the counts that functions wrote in a range are summed by name', async () => {
  const { written, metrics } = await open()
  for (const [agoMinutes, reads, hits] of [
    [200, 1_000, 1_000],
    [59, 40, 30],
    [59, 2, 2],
    [1, 8, 8],
  ] as const)
    written.add(metricLine('local', NOW - agoMinutes * MINUTE, { Reads: reads, Hits: hits }))
  written.add('{"level":"INFO","message":"no metrics"}')
  written.add('no JSON, with "_aws" in it')

  expect(await metrics.sums(['Reads', 'Hits', 'Other'], HOUR)).toEqual({ Reads: 50, Hits: 40, Other: 0 })
})

test('the counts of another stage are not among them', async () => {
  const { written, metrics } = await open({ stage: 'prod' })
  written.add(metricLine('local', NOW - MINUTE, { Reads: 5 }))

  expect(await metrics.sums(['Reads'], HOUR)).toEqual({ Reads: 0 })
})

test('a function without the permission gets the error of AWS', async () => {
  const { metrics, denials } = await open({ isAllowed: false })

  await expect(metrics.sums(['Reads'], HOUR)).rejects.toThrow(
    /^CloudWatch: expected status 200, got 400: .*AccessDeniedException/,
  )
  expect(denials).toEqual([expect.stringContaining('does not allow cloudwatch:GetMetricData')])
})
