import { createServer } from 'node:http'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test } from 'vitest'
import { closeServer, listen, readBody } from '#infra/command/http-server.ts'
import { cloudWatchMetrics } from '#shared/adapters/cloudwatch.ts'

const RANGE = { from: Date.UTC(2026, 10, 20, 14), to: Date.UTC(2026, 10, 20, 15) }
const COMPLETE = { Id: 'm0', StatusCode: 'Complete', Timestamps: [1, 2], Values: [3, 4.5] }

/** A client of a server that answers everything with a status and a body. */
async function open(status: number, body: string, timeoutMs = 5_000) {
  const requests: { headers: Record<string, unknown>; body: string }[] = []
  const server = createServer(async (request, response) => {
    const bytes = await readBody(request, 65_536)
    requests.push({ headers: request.headers, body: bytes?.toString('utf8') ?? '' })
    if (status === 0) return
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(body)
  })
  const endpoint = await listen(server)
  onTestFinished(() => closeServer(server))
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' }
  const client = new DynamoDBClient({ region: 'eu-central-1', credentials })
  const options = { namespace: 'Freshet', dimensions: { service: 'prod' }, timeoutMs, endpoint }
  return { metrics: cloudWatchMetrics(client, options), requests }
}

test('metrics are requested in one signed request, as sums a minute', async () => {
  const { metrics, requests } = await open(200, JSON.stringify({ MetricDataResults: [COMPLETE] }))

  expect(await metrics.sums(['Reads'], RANGE)).toEqual({ Reads: 7.5 })
  expect(requests).toHaveLength(1)
  expect(requests[0]?.headers).toMatchObject({
    'x-amz-target': 'GraniteServiceVersion20100801.GetMetricData',
    'x-amz-security-token': 'session',
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-central-1\/monitoring\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
    ),
  })
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
    StartTime: RANGE.from / 1_000,
    EndTime: RANGE.to / 1_000,
    MetricDataQueries: [
      {
        Id: 'm0',
        MetricStat: {
          Metric: {
            Namespace: 'Freshet',
            MetricName: 'Reads',
            Dimensions: [{ Name: 'service', Value: 'prod' }],
          },
          Period: 60,
          Stat: 'Sum',
        },
      },
    ],
  })
})

test.each([
  ['another status', 500, '{"message":"no"}', /expected status 200, got 500: \{"message":"no"\}/],
  ['no results', 200, '{}', /expected MetricDataResults, got none/],
  ['no result of a metric', 200, '{"MetricDataResults":[]}', /expected a complete result .*got undefined/],
  [
    'a part of a result',
    200,
    JSON.stringify({ MetricDataResults: [{ ...COMPLETE, StatusCode: 'PartialData' }] }),
    /expected a complete result .*got PartialData/,
  ],
  [
    'text in place of numbers',
    200,
    JSON.stringify({ MetricDataResults: [{ ...COMPLETE, Values: ['3'] }] }),
    /expected a complete result/,
  ],
  ['no JSON', 200, '<html>', /JSON/],
])('a response with %s is an error, not a figure', async (_, status, body, message) => {
  const { metrics } = await open(status, body)

  await expect(metrics.sums(['Reads'], RANGE)).rejects.toThrow(message)
})

test('a response that does not come in time is an error', async () => {
  const { metrics } = await open(0, '', 50)

  await expect(metrics.sums(['Reads'], RANGE)).rejects.toThrow(/timeout/i)
})
