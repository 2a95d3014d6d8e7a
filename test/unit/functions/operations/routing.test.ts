import { describe, expect, it, test } from 'vitest'
import { Operations } from '#functions/operations/operations.ts'
import { actorOf } from '#shared/read/request.ts'
import { globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { noMetrics, operator } from '#test/fakes/world/clients.ts'
import { memoryQueues } from '#test/fakes/world/failure-queues.ts'

describe('the operators’ API', () => {
  it.each([
    ['GET', '/v1/jobs', undefined],
    ['POST', '/v1/jobs/global-market/pause', '{"until":"2025-10-12T00:00:00Z","reason":"x"}'],
    ['POST', '/v1/jobs/global-market/runs', undefined],
  ])('answers 401 without an operator, and changes nothing: %s %s (F47)', async (method, path, body) => {
    const world = globalMarketWorld()

    const answer = await operator(world).ask(method, path, { actor: undefined, body })

    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(world.events).toEqual([])
    expect(world.store.memory.audits).toEqual([])
    expect(world.store.memory.controls.size).toBe(0)
  })

  it('answers 404 for an unknown path, and 405 with the allowed methods', async () => {
    const { ask } = operator(globalMarketWorld())

    const nowhere = await ask('GET', '/v1/jobs/global-market/weather')
    const wrong = await ask('DELETE', '/v1/jobs/global-market/runs')
    const changing = await ask('GET', '/v1/jobs/global-market/pause')

    expect(nowhere).toMatchObject({ status: 404, body: { title: 'Not Found' } })
    expect(wrong).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, POST' } })
    expect(changing).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  })

  it('distinguishes a live twin from longer paths and from other methods', async () => {
    const { ask } = operator(globalMarketWorld())
    const path = '/v1/live/api/v1/currencies/global-market-stats'

    const nowhere = await ask('GET', `${path}/more`)
    const wrong = await ask('POST', path)

    expect(nowhere).toMatchObject({ status: 404, body: { title: 'Not Found' } })
    expect(wrong).toMatchObject({ status: 405, headers: { allow: 'GET' } })
  })

  it('answers HEAD as GET without a body', async () => {
    const { ask, get } = operator(globalMarketWorld())

    const head = await ask('HEAD', '/v1/jobs/global-market')

    const { status, headers } = await get('/v1/jobs/global-market')
    expect(head).toEqual({ status, headers, text: '', body: undefined })
  })

  it.each([
    [
      'more than 64 KB',
      `{"reason":"${'x'.repeat(70_000)}"}`,
      413,
      /^expected a body of at most 65536 bytes$/,
    ],
    ['no JSON', '{"until":', 400, /^expected a body in JSON$/],
    ['a list', '[]', 400, /^expected a JSON object as the body, got a list$/],
    ['null', 'null', 400, /^expected a JSON object as the body, got null$/],
    ['nothing', '', 400, /^reason: expected a reason of 1 to 200 characters, got nothing/],
    [
      'a member too many',
      '{"until":"2025-10-12T00:00:00Z","reason":"x","why":1}',
      400,
      /^expected no member "why"$/,
    ],
    ['a prototype', '{"until":"2025-10-12T00:00:00Z","reason":"x","__proto__":{}}', 400, /"__proto__"/],
    [
      'no day',
      '{"until":"2026-02-30T00:00:00Z","reason":"x"}',
      400,
      /^until: expected an ISO time in UTC, got "2026-02-30/,
    ],
    [
      'a blank reason',
      '{"until":"2025-10-12T00:00:00Z","reason":" "}',
      400,
      /^reason: expected a reason of 1 to 200 char/,
    ],
  ])('rejects %s as a body, with a reason', async (_what, body, status, detail) => {
    const world = globalMarketWorld()

    const answer = await operator(world).ask('POST', '/v1/jobs/global-market/pause', { body })

    expect(answer.status).toBe(status)
    expect(answer.body.detail).toMatch(detail)
    expect(world.store.memory.audits).toEqual([])
  })

  it('rejects unknown query parameters', async () => {
    const { get } = operator(globalMarketWorld())

    const answer = await get('/v1/jobs?state=fresh')

    expect(answer).toMatchObject({
      status: 400,
      body: { detail: 'expected no query parameter, got "state"' },
    })
  })

  it('identifies the operator by the gateway’s authorizer', () => {
    const arn = 'arn:aws:iam::123456789012:user/ops'

    expect(actorOf({ iam: { userArn: arn, callerId: 'AIDA' } })).toBe(arn)
    expect(actorOf({ iam: { callerId: 'AIDA' } })).toBe('AIDA')
    expect(actorOf({ jwt: { claims: { sub: 'operator' }, scopes: [] } })).toBe('operator')
    expect([undefined, null, {}, { jwt: {} }, { iam: { userArn: '' } }, 'operator'].map(actorOf)).toEqual(
      Array(6).fill(undefined),
    )
  })
})

test.each([
  [
    'GET',
    '/v1/jobs/prices-items/runs',
    'a timeout',
    Object.assign(new Error('late'), { name: 'TimeoutError' }),
  ],
  [
    'GET',
    '/v1/jobs/prices-items/runs',
    'throttling',
    Object.assign(new Error('slow down'), { name: 'ThrottlingException', $fault: 'client' }),
  ],
])(
  '%s %s is answered 503 with Retry-After after %s of the table, with one log line (F58)',
  async (method, path, _what, failure) => {
    const world = pricesWorld('items', symbolNames(1), Date.UTC(2026, 10, 20, 12))
    const runs = { ...world.store.runs, list: () => Promise.reject(failure) }

    const answer = await operator(world, { store: { ...world.store, runs } }).ask(method, path)

    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { title: 'Service Unavailable' },
    })
    expect(world.lines.filter(({ level }) => level === 'ERROR')).toMatchObject([{ path, error: failure }])
  },
)

test.each([
  ['a defect', new TypeError('undefined is not a function')],
  [
    'a request that AWS refuses',
    Object.assign(new Error('no'), { name: 'AccessDeniedException', $fault: 'client' }),
  ],
])('%s is not answered as a failure that a repetition would mend', async (_what, failure) => {
  const world = pricesWorld('items', symbolNames(1), Date.UTC(2026, 10, 20, 12))
  const runs = { ...world.store.runs, list: () => Promise.reject(failure) }

  const answer = operator(world, { store: { ...world.store, runs } }).get('/v1/jobs/prices-items/runs')

  await expect(answer).rejects.toBe(failure)
})

test('a request whose work outlasts the time of its function is answered 503 before that time is over', async () => {
  const world = pricesWorld('items', symbolNames(1), Date.UTC(2026, 10, 20, 12))
  const runs = { ...world.store.runs, list: () => new Promise<never>(() => {}) }
  const { job, upstream, ports } = world.work
  const system = { jobs: [job], upstreams: new Map([[upstream.name, upstream]]), changed: new Map() }
  const operations = new Operations(system, '0.0.0', {
    ...ports,
    store: { ...world.store, runs },
    metrics: noMetrics,
    queues: memoryQueues(ports.clock),
  })
  const at = ports.clock.now()
  const request = {
    method: 'GET',
    path: '/v1/jobs/prices-items/runs',
    query: {},
    headers: {},
    body: undefined,
    actor: 'x',
    at,
  }

  const answer = await operations.handle(request, at + 27_000)

  expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } })
  expect(ports.clock.now() - at).toBe(27_000)
})
