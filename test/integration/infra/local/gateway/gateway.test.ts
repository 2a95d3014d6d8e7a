import { createServer } from 'node:http'
import { connect } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { closeServer, listen } from '#infra/command/http-server.ts'
import { openGateway } from '#infra/local/gateway/gateway.ts'
import { tokenAuthorizer } from '#infra/local/gateway/operator-token.ts'
import { sendRequest } from '#test/support/http/exchange.ts'

type Gateway = Parameters<typeof openGateway>[0]

// biome-ignore lint/suspicious/noExplicitAny: events are looked into freely here
type Event = any

const TOKEN = 'T'.repeat(43)

const ROUTES: Gateway['routes'] = [
  { methods: ['GET', 'HEAD'], path: '/health', access: 'public', serves: 'health' },
  { methods: ['GET', 'HEAD'], path: '/api/v1/things/{thing}/parts', access: 'public', serves: 'dataset' },
  { methods: ['POST'], path: '/v1/jobs/{id}/runs', access: 'operator', serves: 'operation' },
  { methods: ['GET'], path: '/v1/live/api/v1/things/{thing}/parts', access: 'operator', serves: 'live' },
  { methods: ['GET'], path: '/v1/live/whole', access: 'public', serves: 'dataset' },
]

/** A gateway in front of a function that answers by a script; the events that it gets. */
async function open(
  respond: (event: Event) => unknown = () => ({ statusCode: 204 }),
  more: Partial<Gateway> = {},
) {
  const events: Event[] = []
  const invoked: string[] = []
  const denials: unknown[] = []
  const faults: unknown[] = []
  const gateway = await openGateway({
    port: 0,
    routes: ROUTES,
    invoke: async (functionName, event) => {
      events.push(event)
      invoked.push(functionName)
      return respond(event)
    },
    authorize: tokenAuthorizer(TOKEN),
    onAccessDenied: (refusal) => denials.push(refusal),
    onFault: (error) => faults.push(error),
    ...more,
  })
  let closing: Promise<void> | undefined
  const end = () => {
    closing ??= gateway.close()
    return closing
  }
  onTestFinished(end)
  return { url: gateway.url, events, invoked, denials, faults, close: end }
}

const json = (body: Buffer) => JSON.parse(body.toString())

test('a request becomes an event of payload format 2.0', async () => {
  const { url, events } = await open()

  await sendRequest(url, '/api/v1/things/a%20b/parts?x=1&y=%C3%A9&x=2', {
    headers: { host: 'api.test', 'X-Many': ['one', 'two'], Cookie: 'a=1; b=2', 'User-Agent': 'reader/1' },
  })

  expect(events).toHaveLength(1)
  expect(events[0]).toEqual({
    version: '2.0',
    routeKey: 'GET /api/v1/things/{thing}/parts',
    rawPath: '/api/v1/things/a b/parts',
    rawQueryString: 'x=1&y=%C3%A9&x=2',
    queryStringParameters: { x: '1,2', y: 'é' },
    pathParameters: { thing: 'a b' },
    cookies: ['a=1', 'b=2'],
    headers: { host: 'api.test', 'x-many': 'one,two', 'user-agent': 'reader/1', connection: 'close' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: 'api.test',
      domainPrefix: 'local',
      http: {
        method: 'GET',
        path: '/api/v1/things/a b/parts',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'reader/1',
      },
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
      routeKey: 'GET /api/v1/things/{thing}/parts',
      stage: '$default',
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.any(Number),
    },
    isBase64Encoded: false,
  })
})

test.each([
  ['/plain', '/plain', ''],
  ['/a%2Fb', '/a/b', ''],
  ['/%252e', '/%2e', ''],
  ['/cut%3Fhere?real=1', '/cut', 'real=1'],
  ['//double/../up', '//double/../up', ''],
  ['/what?a?b', '/what', 'a?b'],
  ['/__proto__', '/__proto__', ''],
])(
  'the path is decoded once and cut at a decoded question mark: %s',
  async (target, rawPath, rawQueryString) => {
    const { url, events } = await open()

    await sendRequest(url, target)

    expect(events[0]).toMatchObject({ rawPath, rawQueryString, routeKey: '$default' })
  },
)

test.each(['/%zz', '/%ff', '*'])('a target that cannot be decoded is refused: %s', async (target) => {
  const { url, events } = await open()

  const answer = await sendRequest(url, target, { method: 'OPTIONS' })

  expect([answer.status, json(answer.body)]).toEqual([400, { message: 'Bad Request' }])
  expect(events).toEqual([])
})

test.each([
  ['GET', '/health', 'GET /health'],
  ['HEAD', '/health', 'HEAD /health'],
  ['POST', '/health', '$default'],
  ['GET', '/health/', '$default'],
  ['GET', '/api/v1/things//parts', '$default'],
  ['GET', '/api/v1/things/a/b/parts', '$default'],
  ['OPTIONS', '/', '$default'],
  ['GET', '/v1/live/whole', 'GET /v1/live/whole'],
])('%s %s is routed as %s', async (method, target, routeKey) => {
  const { url, events } = await open()

  await sendRequest(url, target, { method })

  expect(events[0]).toMatchObject({ routeKey, requestContext: { routeKey, http: { method } } })
})

test.each([
  ['/v1/live/api/v1/things/a/parts', 'api/v1/things/a/parts'],
  ['/v1/live/api/v1/things/a%2Fb/parts', 'api/v1/things/a/b/parts'],
  ['/v1/live/../jobs', '../jobs'],
  ['/v1/live/%2e%2e/jobs', '../jobs'],
  ['/v1/l%69ve/other', 'other'],
])('an authorized request reaches everything below the live route: %s', async (target, proxy) => {
  const { url, events, invoked, denials } = await open()

  const stranger = await sendRequest(url, target)
  const operator = await sendRequest(url, target, { headers: { authorization: `Bearer ${TOKEN}` } })

  expect([stranger.status, operator.status]).toEqual([401, 204])
  expect(denials).toEqual([expect.objectContaining({ route: 'GET /v1/live/{proxy+}', status: 401 })])
  expect(invoked).toEqual(['operations'])
  expect(events).toMatchObject([{ routeKey: 'GET /v1/live/{proxy+}', pathParameters: { proxy } }])
})

test.each([
  ['GET', '/v1/live'],
  ['GET', '/v1/live/'],
  ['GET', '/v1%2Flive/api'],
  ['GET', '//v1/live/api'],
  ['GET', '/health/../v1/live/api'],
  ['HEAD', '/v1/live/api/v1/things/a/parts'],
])('%s %s is not for the live route, and carries no authorizer context', async (method, target) => {
  const { url, events, invoked } = await open()

  await sendRequest(url, target, { method, headers: { authorization: `Bearer ${TOKEN}` } })

  expect(invoked).toEqual(['reads'])
  expect(events).toMatchObject([{ routeKey: '$default' }])
  expect(events[0].requestContext).not.toHaveProperty('authorizer')
})

const RUNS = '/v1/jobs/global-market/runs'

test.each([
  ['no credential', undefined, 401, 'no Authorization header'],
  ['a wrong one', `Bearer ${'S'.repeat(43)}`, 401, 'another token'],
  ['one that is too short', `Bearer ${TOKEN.slice(1)}`, 401, 'another token'],
  ['one of another scheme', `Basic ${TOKEN}`, 401, 'expected Bearer and a token'],
  ['the token without a scheme', TOKEN, 401, 'expected Bearer and a token'],
  ['two tokens', `Bearer ${TOKEN} ${TOKEN}`, 401, 'expected Bearer and a token'],
  [
    'a token of another issuer',
    'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.',
    403,
    'expected the token of this machine, got a JWT',
  ],
])(
  'an operator’s route answers %s as an authorizer does, and logs it (F47)',
  async (_, credential, status, auth) => {
    const { url, events, denials } = await open()
    const headers = credential === undefined ? {} : { authorization: credential }

    const answer = await sendRequest(url, `${RUNS}?token=${TOKEN}`, { method: 'POST', body: '{}', headers })

    const message = status === 401 ? 'Unauthorized' : 'Forbidden'
    expect([answer.status, json(answer.body)]).toEqual([status, { message }])
    expect(events).toEqual([])
    expect(denials).toEqual([
      {
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        ip: '127.0.0.1',
        method: 'POST',
        path: RUNS,
        route: 'POST /v1/jobs/{id}/runs',
        status,
        auth,
      },
    ])
  },
)

test('with the token an operator’s route leads to the operations function, with the caller in the event', async () => {
  const { url, events, invoked, denials } = await open()

  const answer = await sendRequest(url, RUNS, {
    method: 'POST',
    headers: { authorization: `bearer ${TOKEN}` },
  })

  expect([answer.status, invoked, denials]).toEqual([204, ['operations'], []])
  expect(events[0].requestContext.authorizer).toEqual({
    jwt: { claims: { sub: 'operator' }, scopes: ['jobs:write'] },
  })
})

test.each([
  ['GET', '/health'],
  ['GET', RUNS],
  ['OPTIONS', RUNS],
  ['POST', '/v1/jobs/global-market/runs/'],
  ['POST', '/v1%2Fjobs/global-market/runs'],
])(
  '%s %s leads to reads, with whatever credential, and carries no authorizer context',
  async (method, target) => {
    const { url, events, invoked } = await open()

    await sendRequest(url, target, { method, headers: { authorization: `Bearer ${TOKEN}` } })

    expect(invoked).toEqual(['reads'])
    expect(events[0].requestContext).not.toHaveProperty('authorizer')
  },
)

test.each([
  ['application/json', Buffer.from('{"a":"é"}'), { body: '{"a":"é"}', isBase64Encoded: false }],
  ['text/csv; charset=utf-8', Buffer.from('a,b'), { body: 'a,b', isBase64Encoded: false }],
  ['application/octet-stream', Buffer.from([0, 255]), { body: 'AP8=', isBase64Encoded: true }],
  ['application/json', Buffer.from([0xff, 0xfe]), { body: '//4=', isBase64Encoded: true }],
])('a request body of %s is handed over', async (type, body, expected) => {
  const { url, events } = await open()

  await sendRequest(url, '/anything', { method: 'POST', headers: { 'content-type': type }, body })

  expect(events[0]).toMatchObject(expected)
})

test('status, headers, cookies and a base64 body come back as bytes', async () => {
  const bytes = Buffer.from([0x0b, 0x00, 0xff, 0x80])
  const { url } = await open(() => ({
    statusCode: 203,
    headers: { 'Content-Encoding': 'br', 'content-type': 'application/json', Age: 12 },
    cookies: ['a=1', 'b=2'],
    body: bytes.toString('base64'),
    isBase64Encoded: true,
  }))

  const answer = await sendRequest(url, '/health')

  expect(answer.status).toBe(203)
  expect(answer.body).toEqual(bytes)
  expect(answer.headers).toMatchObject({
    'content-encoding': 'br',
    'content-type': 'application/json',
    'content-length': '4',
    age: '12',
    'set-cookie': ['a=1', 'b=2'],
  })
})

test('HEAD gives the headers of its answer and no body', async () => {
  const { url } = await open(() => ({ statusCode: 200, headers: { etag: 'W/"x"' }, body: 'twelve bytes' }))

  const answer = await sendRequest(url, '/health', { method: 'HEAD' })

  expect(answer.status).toBe(200)
  expect(answer.headers).toMatchObject({ etag: 'W/"x"', 'content-length': '12' })
  expect(answer.body).toHaveLength(0)
})

test('304 has neither body nor length', async () => {
  const { url } = await open(() => ({ statusCode: 304, headers: { etag: 'W/"x"' } }))

  const answer = await sendRequest(url, '/health')

  expect(answer.status).toBe(304)
  expect(answer.headers['content-length']).toBeUndefined()
  expect(answer.headers['transfer-encoding']).toBeUndefined()
})

test.each([
  [{ hello: 'world' }, '{"hello":"world"}'],
  ['text', 'text'],
  [null, 'null'],
])('a result without a status is the body of a 200: %j', async (result, body) => {
  const { url } = await open(() => result)

  const answer = await sendRequest(url, '/health')

  expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
    200,
    'application/json',
    body,
  ])
})

test.each([
  [{ statusCode: 'no' }, 'expected a status from 200 to 599, got "no"'],
  [{ statusCode: 99 }, 'expected a status from 200 to 599, got 99'],
  [{ statusCode: 200, body: 5 }, 'expected a body as text, got number'],
  [{ statusCode: 200, headers: 1 }, 'expected headers as an object, got 1'],
  [{ statusCode: 200, cookies: 'a' }, 'expected cookies as a list, got "a"'],
  [{ statusCode: 200, headers: { 'x-bad': 'a\r\nb' } }, 'Invalid character in header content ["x-bad"]'],
  [{ statusCode: 200, headers: { 'a b': 'c' } }, 'Header name must be a valid HTTP token ["a b"]'],
])('a malformed result is the gateway’s 500, and is logged: %j', async (result, message) => {
  const { url, faults } = await open(() => result)

  const answer = await sendRequest(url, '/health')

  expect([answer.status, json(answer.body)]).toEqual([500, { message: 'Internal Server Error' }])
  expect(faults).toMatchObject([{ name: 'TypeError', message }])
})

test('a function cannot steer the connection', async () => {
  const { url } = await open(() => ({
    statusCode: 200,
    headers: { 'Transfer-Encoding': 'chunked', 'Content-Length': '99', Connection: 'upgrade' },
    body: 'four',
  }))

  const answer = await sendRequest(url, '/health')

  expect(answer.body.toString()).toBe('four')
  expect(answer.headers).toMatchObject({ 'content-length': '4', connection: 'close' })
})

test('a failed invocation is the gateway’s 500, and is logged', async () => {
  const failure = new Error('no outcome')
  const { url, faults } = await open(() => {
    throw failure
  })

  const answer = await sendRequest(url, '/health')

  expect([answer.status, json(answer.body)]).toEqual([500, { message: 'Internal Server Error' }])
  expect(faults).toEqual([failure])
})

test('an integration that takes too long is the gateway’s 503', async () => {
  const { url } = await open(() => new Promise(() => {}), { integrationTimeoutMs: 50 })

  const answer = await sendRequest(url, '/health')

  expect([answer.status, json(answer.body)]).toEqual([503, { message: 'Service Unavailable' }])
})

test('a body of 10 MB passes, one byte more does not', async () => {
  const { url, events } = await open()
  const most = Buffer.alloc(10_000_000, 'x')

  const passed = await sendRequest(url, '/health', { method: 'POST', body: most })
  const refused = await sendRequest(url, '/health', {
    method: 'POST',
    body: Buffer.concat([most, Buffer.from('x')]),
  })

  expect(passed.status).toBe(204)
  expect([refused.status, json(refused.body)]).toEqual([413, { message: 'Request Entity Too Large' }])
  expect(events).toHaveLength(1)
})

test('request line and header values of 10,240 bytes pass, one byte more does not', async () => {
  const { url, events } = await open()
  const { host } = new URL(url)
  const rest = `GET /health HTTP/1.1${host}close`.length

  const passed = await sendRequest(url, '/health', { headers: { 'x-pad': 'x'.repeat(10_240 - rest) } })
  const refused = await sendRequest(url, '/health', { headers: { 'x-pad': 'x'.repeat(10_241 - rest) } })
  const far = await sendRequest(url, '/health', { headers: { 'x-pad': 'x'.repeat(100_000) } })

  expect(passed.status).toBe(204)
  expect([refused.status, json(refused.body)]).toEqual([431, { message: 'Request Header Fields Too Large' }])
  expect(far.status).toBe(431)
  expect(events).toHaveLength(1)
})

test('a port in use is one line with what to do', async () => {
  const other = createServer()
  const port = Number(new URL(await listen(other)).port)
  onTestFinished(() => closeServer(other))

  const opened = open(undefined, { port })

  await expect(opened).rejects.toMatchObject({
    name: 'StartError',
    lines: [`port ${port} is in use; set PORT to another one, or to 0 for any`],
  })
})

test('closing lets an answer under way end, then takes no more', async () => {
  const { promise: received, resolve: ask } = Promise.withResolvers<void>()
  const { promise: answered, resolve: answerNow } = Promise.withResolvers<void>()
  const { url, close: end } = await open(async () => {
    ask()
    await answered
    return { statusCode: 200, body: 'in time' }
  })
  const underWay = sendRequest(url, '/health')
  await received

  const closing = end()
  answerNow()

  expect((await underWay).body.toString()).toBe('in time')
  await closing
  await expect(sendRequest(url, '/health')).rejects.toThrow('ECONNREFUSED')
})

test('closing does not wait for ever for a client that sends nothing', async () => {
  const { url, close: end } = await open()
  const silent = connect(Number(new URL(url).port), '127.0.0.1')
  silent.on('error', () => {})
  onTestFinished(() => void silent.destroy())
  await new Promise((resolve) => silent.once('connect', resolve))
  silent.write('GET /health HTTP/1.1\r\n')

  const started = performance.now()
  await end()

  expect(performance.now() - started).toBeLessThan(1_500)
})

test('a client that goes away in the middle of its body is no fault', async () => {
  const { url, faults, events } = await open()
  const dying = connect(Number(new URL(url).port), '127.0.0.1')
  dying.on('error', () => {})
  await new Promise((resolve) => dying.once('connect', resolve))
  dying.write('POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf')
  await vi.waitFor(() => expect(dying.bytesWritten).toBeGreaterThan(50))

  dying.destroy()
  const after = await sendRequest(url, '/health')

  expect(after.status).toBe(204)
  expect(events).toHaveLength(1)
  expect(faults).toEqual([])
})
