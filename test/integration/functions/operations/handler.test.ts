import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openAwsEndpoint, type PutEvent } from '#infra/local/aws/endpoint.ts'
import { dynaliteTable } from '#test/fakes/table/dynalite-table.ts'

const CONTEXT = { getRemainingTimeInMillis: () => 29_000 } as Context
const events: PutEvent[] = []
const closers: (() => Promise<void>)[] = []
let urls = {}
let handler: typeof import('#functions/operations/handler.ts').handler

beforeAll(async () => {
  const table = await dynaliteTable()
  const endpoint = await openAwsEndpoint({ onEvent: (event) => events.push(event), secrets: new Map() })
  closers.push(table.close, endpoint.close)
  urls = { DYNAMODB: table.endpoint, EVENTBRIDGE: endpoint.url }
  vi.stubEnv('FRESHET_TABLE', await table.create())
  for (const name of ['BUS', 'STAGE', 'VERSION', 'UNDELIVERED_QUEUE', 'FAILED_RUNS_QUEUE'])
    vi.stubEnv(`FRESHET_${name}`, 'any')
  handler = (await import('#functions/operations/handler.ts')).handler
})
// the SDK asks for its endpoints at the first call
beforeEach(() => {
  for (const [name, url] of Object.entries<string>(urls)) vi.stubEnv(`AWS_ENDPOINT_URL_${name}`, url)
})
afterAll(() => Promise.all(closers.map((close) => close())))

async function ask(
  method: string,
  target: string,
  body?: unknown,
  more: Partial<APIGatewayProxyEventV2> = {},
) {
  const [rawPath = '', rawQueryString = ''] = target.split('?')
  const event = {
    rawPath,
    rawQueryString,
    headers: {},
    requestContext: {
      http: { method },
      requestId: 'request-1',
      authorizer: { jwt: { claims: { sub: 'operator' }, scopes: null } },
    },
    body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)).toString('base64'),
    isBase64Encoded: body !== undefined,
    ...more,
  } as unknown as APIGatewayProxyEventV2
  const { statusCode, body: text } = await handler(event, CONTEXT)
  return { status: statusCode, body: JSON.parse(text) }
}

/** One job of a list. */
function named(listed: Awaited<ReturnType<typeof ask>>, id: string) {
  return listed.body.jobs.find((job: { id: string }) => job.id === id)
}

test('pause, resume, skip and trigger on the real table and bus, with the audit', async () => {
  const until = new Date(Date.now() + 3_600_000).toISOString()

  const listed = await ask('GET', '/v1/jobs')
  const paused = await ask('POST', '/v1/jobs/global-market/pause', { until, reason: 'ü' })
  const resumed = await ask('POST', '/v1/jobs/global_market/resume')
  const tick = named(listed, 'global-market').next_runs[1].tick
  const skipped = await ask('POST', '/v1/jobs/global-market/skip', { tick, reason: 'x' })
  const headers = { 'idempotency-key': 'k' }
  const triggered = await ask('POST', '/admin/jobs/trigger/global_market', undefined, { headers })
  const again = await ask('POST', '/admin/jobs/trigger/global_market', undefined, { headers })
  const runs = await ask('GET', '/v1/jobs/global-market/runs?outcome=failed')
  const audit = await ask('GET', '/v1/audit')

  expect(named(listed, 'global-market')).toMatchObject({ id: 'global-market', state: 'pending' })
  expect(paused.body.control.pause).toEqual({ until, reason: 'ü', by: 'operator' })
  expect(resumed.body.control.pause).toBeNull()
  expect(skipped.body.control.skip.tick).toBe(tick)
  expect([triggered.status, again.status]).toEqual([202, 202])
  expect(again.body.run_id).toBe(triggered.body.run_id)
  expect(events.map(({ detailType, detail }) => ({ detailType, detail }))).toEqual([
    {
      detailType: 'refresh.requested',
      detail: { job: 'global-market', cause: 'operator', runId: triggered.body.run_id },
    },
  ])
  expect(runs.body).toEqual({ job: 'global-market', runs: [] })
  expect(audit.body.entries.map(({ action }: { action: string }) => action)).toEqual([
    'trigger',
    'skip',
    'resume',
    'pause',
  ])
})

test('data are invalidated and purged, an upstream is read and reset', async () => {
  const invalidated = await ask('POST', '/v1/jobs/global-market/invalidate', { all: true })
  const purged = await ask('POST', '/v1/jobs/global-market/purge', { all: true, confirm: 'global-market' })
  const rejected = await ask('GET', '/v1/jobs/global-market/rejected')
  const upstreams = await ask('GET', '/v1/upstreams')
  const reset = await ask('POST', '/v1/upstreams/coingecko/reset')

  expect(invalidated.body.invalidated).toBe(0)
  expect(purged.body.purged).toEqual({ items: 0, rejected: 0, history: 0 })
  expect(rejected.body.rejected).toEqual([])
  expect(upstreams.body.upstreams).toContainEqual(
    expect.objectContaining({ name: 'coingecko', breaker: expect.objectContaining({ state: 'closed' }) }),
  )
  expect(reset.status).toBe(200)
})

test('without an authorizer the function itself answers 401; an unexpected error is 500 with its id', async () => {
  const requestContext = { http: { method: 'GET' }, requestId: 'request-1' }
  const anonymous = await ask('GET', '/v1/jobs', undefined, { requestContext } as never)
  const broken = await ask('GET', '/v1/jobs', undefined, {
    requestContext: { requestId: 'request-1' },
  } as never)

  expect(anonymous).toMatchObject({ status: 401, body: { title: 'Unauthorized' } })
  expect(broken).toMatchObject({ status: 500, body: { detail: 'The request failed, number request-1' } })
})
