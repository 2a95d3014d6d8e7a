import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

/** A table that accepts connections and never responds. */
const server = createServer(() => {})

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
beforeEach(() => {
  const { port } = server.address() as AddressInfo
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`)
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT')
  for (const name of ['TABLE', 'BUS', 'STAGE', 'VERSION', 'UNDELIVERED_QUEUE', 'FAILED_RUNS_QUEUE'])
    vi.stubEnv(`FRESHET_${name}`, 'any')
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function requestOf(method: string, rawPath: string, body?: unknown, headers = {}) {
  return {
    rawPath,
    rawQueryString: '',
    headers,
    requestContext: {
      http: { method },
      requestId: 'request-1',
      authorizer: { jwt: { claims: { sub: 'operator' }, scopes: null } },
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2
}

const PURGE = { all: true, confirm: 'hama' }

type OperationRow = readonly [method: string, path: string, body?: unknown]

const OPERATIONS: readonly OperationRow[] = [
  ['GET', '/v1/jobs'],
  ['GET', '/v1/jobs/hama'],
  ['GET', '/v1/jobs/hama/runs'],
  ['POST', '/v1/jobs/hama/runs', {}],
  ['POST', '/v1/jobs/hama/pause', { until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'x' }],
  ['POST', '/v1/jobs/hama/resume'],
  ['POST', '/v1/jobs/hama/invalidate', { all: true }],
  ['POST', '/v1/jobs/hama/purge', PURGE],
  ['GET', '/v1/jobs/hama/rejected'],
  ['GET', '/v1/runs/hama-01JD8Y6W3V9S2K4N7Q0R5T1XZA'],
  ['POST', '/v1/runs/hama-01JD8Y6W3V9S2K4N7Q0R5T1XZA/cancel'],
  ['GET', '/v1/upstreams'],
  ['GET', '/v1/audit'],
  ['POST', '/admin/jobs/trigger/hama'],
  ['GET', '/admin/jobs/metrics'],
  ['GET', '/api/v1/admin/scheduler/jobs'],
  ['GET', '/v1/live/api/v1/currencies/global-market-stats'],
  ['DELETE', '/api/gainer-analysis/cache'],
  ['POST', '/api/gainer-analysis/scheduler/stop'],
  ['PUT', '/api/gainer-analysis/symbols', {}],
]

/** The time that an invocation has: less than a request that tries a table three times would take. */
const context = { getRemainingTimeInMillis: () => 29_000 } as Context

test('100 concurrent requests to a table that does not respond are answered 503 with Retry-After, each in its envelope (F58)', async () => {
  const { handler } = await import('#functions/operations/handler.ts')
  const requests = Array.from({ length: 100 / OPERATIONS.length }, () => OPERATIONS).flat()

  const answers = await Promise.all(
    requests.map(async ([method, path, body]) => {
      const { statusCode, headers, body: text } = await handler(requestOf(method, path, body), context)
      return {
        path,
        statusCode,
        type: headers['content-type'],
        retryAfter: headers['retry-after'],
        body: JSON.parse(text),
      }
    }),
  )

  for (const { path, statusCode, retryAfter, type, body } of answers) {
    expect({ path, statusCode, retryAfter }).toEqual({
      path,
      statusCode: 503,
      retryAfter: expect.stringMatching(/^\d+$/),
    })
    const hasEnvelope = path.startsWith('/api/gainer-analysis') || path.includes('global-market-stats')
    expect(type).toBe(hasEnvelope ? 'application/json' : 'application/problem+json')
    if (path.startsWith('/api/gainer-analysis')) expect(body).toMatchObject({ code: 0, data: null })
  }
}, 60_000)

test('100 concurrent submissions to a table that does not respond are answered 503 with Retry-After (F58)', async () => {
  const { handler } = await import('#functions/submit/handler.ts')
  const symbols = ['BTCUSDT']

  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const isPreload = index % 2 === 0
      const event = isPreload
        ? requestOf('POST', '/api/gainer-analysis/preload', { symbols }, { 'idempotency-key': `k${index}` })
        : requestOf('GET', '/funding_monitor/latest-rates-async')
      return (await handler(event, context)) as { statusCode: number; headers: Record<string, string> }
    }),
  )

  for (const { statusCode, headers } of answers)
    expect([statusCode, headers['retry-after']]).toEqual([503, '5'])
}, 60_000)
