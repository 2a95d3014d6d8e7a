import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CliError } from '#infra/cli/cli-error.ts'
import { proxiedSystem } from '#test/support/http/proxied-system.ts'
import { rawRequest } from '#test/support/http/raw-request.ts'
import { POLICY } from '#test/support/http/signed-system.ts'

const detailOf = (text: string) => JSON.parse(text).detail

describe('a one-time address', () => {
  it('opens the page with a session, once, and no cache keeps the document', async () => {
    const { open, sessions, system } = await proxiedSystem(onTestFinished)

    const { status, headers, text } = await open(sessions.issueToken())

    expect(status).toBe(200)
    expect(text).toMatch(/<html data-signed="true" data-session="[\w-]{43}" lang="en">/)
    expect(text).not.toContain('preload')
    expect(headers).toMatchObject({ 'content-security-policy': POLICY, 'cache-control': 'no-store' })
    expect([headers['etag'], headers['set-cookie']]).toEqual([undefined, undefined])
    expect(system.requests.map(({ target, signature }) => [target, signature])).toEqual([['/', 'none']])
  })

  it('that is used a second time ends the session of its first use', async () => {
    const { open, sessions, origin, notices } = await proxiedSystem(onTestFinished)
    const token = sessions.issueToken()
    const [, secret] = /data-session="([\w-]+)"/.exec((await open(token)).text) ?? []
    const headers = { authorization: `Bearer ${secret}` }
    const before = await rawRequest(origin, '/v1/jobs', { headers })

    const second = await open(token)
    const after = await rawRequest(origin, '/v1/jobs', { headers })

    expect([before.status, second.status, after.status]).toEqual([200, 403, 401])
    expect(detailOf(second.text)).toContain('has been used before')
    expect(second.text).not.toContain('data-session')
    expect(notices).toEqual(['repeated'])
  })

  it('is refused after 60 seconds, and so is one of another proxy', async () => {
    const { open, sessions, clock, system } = await proxiedSystem(onTestFinished)
    const token = sessions.issueToken()
    clock.now += 60_000

    const late = await open(token)
    const unknown = await open('x'.repeat(43))
    const longer = await open(`${sessions.issueToken()}x&y=1`)

    expect([late.status, unknown.status, longer.status]).toEqual([403, 403, 403])
    expect(system.requests.map(({ target }) => target)).toEqual(['/', '/', '/'])
    expect(detailOf(late.text)).toContain('60 seconds')
    expect(detailOf(unknown.text)).toContain('Press Enter in the terminal')
  })

  it('is not used up while the system does not answer', async () => {
    const { open, sessions, system } = await proxiedSystem(onTestFinished)
    const token = sessions.issueToken()
    system.answers.next = () => ({ status: 503, body: '{"message":"Service Unavailable"}' })

    const unavailable = await open(token)
    system.answers.next = () => ({ status: 200, body: '<html lang="en">' })

    expect(unavailable.status).toBe(503)
    expect((await open(token)).text).toMatch(/data-session="/)
  })
})

describe('a page without a session', () => {
  it('gets the document without a secret, files and public reads, none of them signed', async () => {
    const { origin, system } = await proxiedSystem(onTestFinished)

    const page = await rawRequest(origin, '/')
    const statuses = []
    for (const target of ['/ui/main.ABCD2345.js', '/api/v1/x'])
      statuses.push((await rawRequest(origin, target, { headers: { authorization: 'Bearer old' } })).status)

    expect(page.text).toContain('<html data-signed="true" lang="en">')
    expect(statuses).toEqual([200, 200])
    expect(system.requests.map(({ signature }) => signature)).toEqual(['none', 'none', 'none'])
  })

  it('reads nothing that needs a signature, and changes nothing: no such request is sent', async () => {
    const { origin, system } = await proxiedSystem(onTestFinished)

    const read = await rawRequest(origin, '/v1/jobs', {
      headers: { authorization: `Bearer ${'x'.repeat(43)}` },
    })
    const sent = system.requests.length
    const change = await rawRequest(origin, '/v1/jobs/hama/pause', { method: 'POST', body: '{}' })

    expect([read.status, change.status]).toEqual([401, 401])
    expect(detailOf(read.text)).toContain('Press Enter in the terminal of freshet ui')
    expect(system.requests).toHaveLength(sent)
    expect(system.requests.filter(({ signature }) => signature !== 'none')).toEqual([])
  })
})

describe('a request of another page', () => {
  it.each([
    ['a name that leads to this machine (DNS rebinding)', { host: 'attacker.example' }, 403],
    ['that name with the port', { host: 'attacker.example:80' }, 403],
    ['the address without its port', { host: '127.0.0.1' }, 403],
    ['a page of another origin', { origin: 'https://attacker.example' }, 403],
    ['a page in a sandbox', { origin: 'null' }, 403],
    ['a page of another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['a link or image of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of the same site', { 'sec-fetch-site': 'same-site' }, 403],
    ['a client that wants another protocol', { connection: 'Upgrade', upgrade: 'websocket' }, 400],
  ])('is refused, with a session too: %s', async (_title, headers, status) => {
    const { origin, system, newTab } = await proxiedSystem(onTestFinished)
    const tab = await newTab()
    system.requests.length = 0

    const response = await rawRequest(origin, '/v1/jobs', { headers: { ...tab, ...headers } })

    expect([response.status, response.headers['content-type']]).toEqual([status, 'application/problem+json'])
    expect(detailOf(response.text)).toContain('expected')
    expect(system.requests).toEqual([])
  })

  it('gets no answer to a preflight, so that it cannot send the secret of a session', async () => {
    const { origin } = await proxiedSystem(onTestFinished)
    const preflight = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    }

    const own = await rawRequest(origin, '/v1/jobs', { method: 'OPTIONS', headers: preflight })
    const foreign = await rawRequest(origin, '/v1/jobs', {
      method: 'OPTIONS',
      headers: { ...preflight, origin: 'https://attacker.example' },
    })

    expect([own.status, foreign.status]).toEqual([405, 403])
    expect(own.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('cannot come from another machine: only the loopback address listens', async () => {
    const { origin } = await proxiedSystem(onTestFinished)
    // another address of this machine, which a server of all interfaces has too
    const socket = connect({ host: '127.0.0.2', port: Number(new URL(origin).port), timeout: 1_000 })
    onTestFinished(() => void socket.destroy())

    const event = await Promise.race([
      once(socket, 'connect').then(() => 'connected'),
      once(socket, 'timeout').then(() => 'refused'),
    ]).catch(() => 'refused')

    expect(event).toBe('refused')
  })

  it('cannot use up a one-time address', async () => {
    const { origin, sessions, open } = await proxiedSystem(onTestFinished)
    const token = sessions.issueToken()

    await rawRequest(origin, `/?token=${token}`, { headers: { 'sec-fetch-site': 'cross-site' } })

    expect((await open(token)).status).toBe(200)
  })
})

describe('a signed request', () => {
  it('has the method, body and headers of the page, and nothing that the browser adds', async () => {
    const { origin, system, newTab } = await proxiedSystem(onTestFinished)
    const headers = {
      ...(await newTab()),
      origin,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      'idempotency-key': 'k',
      'accept-encoding': 'br',
      cookie: 'a=b',
      'x-forwarded-for': '1.2.3.4',
    }

    await rawRequest(origin, '/v1/jobs/hama/pause', { method: 'POST', headers, body: '{"reason":"ä"}' })

    const { method, target, headers: sent, body, signature } = system.requests.at(-1) ?? {}
    expect([method, target, body?.toString(), signature]).toEqual([
      'POST',
      '/v1/jobs/hama/pause',
      '{"reason":"ä"}',
      'valid',
    ])
    expect(sent).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'k',
      'accept-encoding': 'br',
    })
    expect([sent?.['cookie'], sent?.['origin'], sent?.['x-forwarded-for']]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(sent?.['authorization']).toMatch(/^AWS4-HMAC-SHA256 /)
  })

  it('is answered with the status, headers and errors of the API, without those of one connection', async () => {
    const { origin, system, newTab } = await proxiedSystem(onTestFinished)
    const headers = { ...(await newTab()), 'if-none-match': 'W/"1"' }
    const responses = [
      { status: 304, headers: { etag: 'W/"1"', 'x-cache': 'HIT', connection: 'close, x-hop', 'x-hop': '1' } },
      { status: 409, headers: { 'content-type': 'application/problem+json' }, body: '{"detail":"paused"}' },
      {
        status: 403,
        headers: { 'access-control-allow-origin': '*', 'set-cookie': 'a=b' },
        body: '{"message":"Forbidden"}',
      },
    ]
    const statuses = responses.map(({ status }) => status)
    system.answers.next = () => responses.shift() ?? { status: 500 }

    const [unchanged, conflict, forbidden] = [
      await rawRequest(origin, '/v1/jobs', { headers }),
      await rawRequest(origin, '/v1/jobs', { headers }),
      await rawRequest(origin, '/v1/jobs', { headers }),
    ]

    expect([unchanged.status, conflict.status, forbidden.status]).toEqual(statuses)
    expect(unchanged.headers).toMatchObject({ etag: 'W/"1"', 'x-cache': 'HIT' })
    expect(unchanged.headers['x-hop']).toBeUndefined()
    expect([conflict.text, forbidden.text]).toEqual(['{"detail":"paused"}', '{"message":"Forbidden"}'])
    expect(Object.keys(forbidden.headers)).not.toContain('access-control-allow-origin')
    expect(Object.keys(forbidden.headers)).not.toContain('set-cookie')
    expect(system.requests.at(-1)?.headers['if-none-match']).toBe('W/"1"')
  })

  it('stays below the path of the system', async () => {
    const { origin, system, newTab } = await proxiedSystem(onTestFinished, { path: '/prod/' })
    system.answers.next = () => ({ status: 200, body: '<html lang="en">' })
    const headers = await newTab()

    const inside = await rawRequest(origin, '/v1/jobs?limit=1', { headers })
    const outside = await rawRequest(origin, '/../admin', { headers })

    expect([inside.status, outside.status]).toEqual([200, 400])
    expect(system.requests.map(({ target }) => target)).toEqual(['/prod/', '/prod/v1/jobs?limit=1'])
  })

  it.each([
    ['another server (absolute form)', 'http://attacker.example/v1/jobs'],
    ['this proxy in absolute form', 'http://127.0.0.1/v1/jobs'],
    ['the whole server (asterisk form)', '*'],
    ['a parent folder', '/v1/../admin'],
    ['a parent folder that is encoded', '/v1/%2e%2e/admin'],
    ['a folder with a backslash', '/v1\\jobs'],
    ['a fragment', '/v1/jobs#x'],
    ['a query that is no text', '/v1/jobs?a=%ff'],
    ['a percent sign alone', '/v1/jobs?a=%'],
  ])('has a path and a query: %s is refused', async (_title, target) => {
    const { origin, system, newTab } = await proxiedSystem(onTestFinished)
    const headers = await newTab()
    system.requests.length = 0

    const { status, text } = await rawRequest(origin, target, { headers })

    expect([status, system.requests]).toEqual([400, []])
    expect(detailOf(text)).toContain('expected a path and a query')
  })

  it('has at most a megabyte', async () => {
    const { origin, system, newTab } = await proxiedSystem(onTestFinished)
    const headers = await newTab()
    const post = (bytes: number) =>
      rawRequest(origin, '/v1/x', { method: 'POST', headers, body: Buffer.alloc(bytes) })

    const largest = await post(1_000_000)
    const larger = await post(1_000_001)

    expect([largest.status, larger.status]).toEqual([200, 413])
    expect(detailOf(larger.text)).toBe('expected a body of at most 1000000 bytes, got more')
    expect(system.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('opens no tunnel', async () => {
    const { origin, system } = await proxiedSystem(onTestFinished)
    const socket = connect(Number(new URL(origin).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const received: Buffer[] = []
    socket.on('data', (chunk: Buffer) => received.push(chunk))

    socket.write(`CONNECT ${system.url.host} HTTP/1.1\r\nHost: ${new URL(origin).host}\r\n\r\n`)
    await once(socket, 'close')

    expect(Buffer.concat(received).toString()).not.toMatch(/^HTTP\/1.1 2/)
  })
})

describe('an error of the proxy says what to do', () => {
  it('when the system does not answer', async () => {
    const { origin, system, newTab } = await proxiedSystem(onTestFinished)
    const headers = await newTab()
    await system.close()

    const { status, headers: received, text } = await rawRequest(origin, '/v1/jobs', { headers })

    expect([status, received['content-type']]).toEqual([502, 'application/problem+json'])
    expect(JSON.parse(text)).toMatchObject({
      title: 'Bad Gateway',
      detail: expect.stringMatching(/does not answer: .*ECONNREFUSED.*\. Start it with npm start/),
    })
  })

  it('when there are no credentials, and works again once there are', async () => {
    let isSignedIn = true
    const sign = async () => {
      if (isSignedIn) return { authorization: 'Bearer t' }
      throw new CliError('no AWS credentials', { hint: 'Set AWS_PROFILE' })
    }
    const { origin, system, newTab } = await proxiedSystem(onTestFinished, { sign })
    system.answers.next = () => ({ status: 200, body: '<html lang="en">' })
    const headers = await newTab()
    isSignedIn = false

    const missing = await rawRequest(origin, '/v1/jobs', { headers })
    isSignedIn = true
    const renewed = await rawRequest(origin, '/v1/jobs', { headers })

    expect([missing.status, renewed.status]).toEqual([502, 200])
    expect(detailOf(missing.text)).toBe('no AWS credentials. Set AWS_PROFILE')
  })

  it('when the credentials have expired', async () => {
    const { origin, system, newTab } = await proxiedSystem(onTestFinished)
    const headers = await newTab()
    const message = 'The security token included in the request is expired'
    system.answers.next = () => ({ status: 403, body: JSON.stringify({ message }) })

    const { status, text } = await rawRequest(origin, '/v1/jobs', { headers })

    expect(status).toBe(502)
    expect(detailOf(text)).toMatch(/is expired\. .*sign in again/)
  })

  it('when the system has no page', async () => {
    const { open, sessions, system } = await proxiedSystem(onTestFinished)
    system.answers.next = () => ({ status: 200, body: '<h1>Another server</h1>' })

    const { status, text } = await open(sessions.issueToken())

    expect(status).toBe(502)
    expect(detailOf(text)).toContain('--url or --stage')
  })

  it('and a defect is reported in the terminal too', async () => {
    const defect = new TypeError('x is not a function')
    const { origin, notices, system, newTab } = await proxiedSystem(onTestFinished, {
      sign: async () => {
        throw defect
      },
    })
    system.answers.next = () => ({ status: 200, body: '<html lang="en">' })
    const headers = await newTab()

    const { status } = await rawRequest(origin, '/v1/jobs', { headers })

    expect([status, notices]).toEqual([500, [defect]])
  })
})
