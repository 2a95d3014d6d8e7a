import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { get, requestTo } from '#test/support/http/client.ts'
import { listenHttp, listenRaw } from '#test/support/http/sockets.ts'

describe('answers', () => {
  it('sends path, query and headers and returns status, headers and text', async () => {
    const origin = await listenHttp((request, response) => {
      response.writeHead(200, {
        'X-Request': `${request.method} ${request.url} ${request.headers['x-api-key']}`,
      })
      response.end('{"price":"1"}')
    })

    const answer = await get(origin, { path: '/q?a=1%202&b=%26', headers: { 'X-Api-Key': 'k' } })

    expect(answer).toMatchObject({
      status: 200,
      body: '{"price":"1"}',
      headers: { 'x-request': 'GET /q?a=1%202&b=%26 k' },
    })
  })

  it.each([
    ['/q?a=1', '/q?a=1&apikey=%25%2B+%26%3F%23%C3%BC'],
    ['/q', '/q?apikey=%25%2B+%26%3F%23%C3%BC'],
  ])(
    'sends the key of a query behind the query of %s, encoded once, and leaves the URL as it is',
    async (path, sent) => {
      const origin = await listenHttp((request, response) => response.end(request.url))
      const request = requestTo(origin, { path, secretQuery: { name: 'apikey', value: '%+ &?#ü' } })

      const { body } = await httpClient({ trustedOrigins: [origin] })(request)

      expect(body).toBe(sent)
      expect(request.url.href).toBe(`${origin}${path}`)
    },
  )

  it('sends a body as JSON in a POST, with its length in bytes, and none in a GET', async () => {
    const received: object[] = []
    const origin = await listenHttp((request, response) => {
      const { method, headers } = request
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const [type, length] = [headers['content-type'], headers['content-length']]
        received.push({ method, type, length, body: Buffer.concat(chunks).toString() })
        response.end('{}')
      })
    })

    await get(origin, { body: '{"name":"ä"}' })
    await get(origin)

    expect(received).toEqual([
      { method: 'POST', type: 'application/json', length: '13', body: '{"name":"ä"}' },
      { method: 'GET', type: undefined, length: undefined, body: '' },
    ])
  })

  it('names nothing of a body that it sent when the connection fails (I10)', async () => {
    const origin = await listenRaw((socket) => socket.resetAndDestroy())

    const error = await get(origin, { body: '{"name":"private"}' }).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ reason: 'network' })
    expect(String(error)).not.toContain('private')
  })

  it('joins a repeated header, whichever it is, by a comma', async () => {
    const origin = await listenRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nAge: 1\r\nAge: 2\r\n\r\n'),
    )

    const { headers } = await get(origin)

    expect(headers).toMatchObject({ 'set-cookie': 'a=1, b=2', age: '1, 2' })
  })

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['GZIP', gzipSync],
  ])('decompresses %s', async (coding, compress) => {
    const text = 'äöü '.repeat(50_000)
    const origin = await listenHttp((_, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(compress(text))
    })

    const answer = await get(origin)

    expect(answer.body).toBe(text)
  })

  it('accepts gzip and br, whatever the caller sends', async () => {
    const origin = await listenHttp((request, response) =>
      response.end(String(request.headers['accept-encoding'])),
    )

    const { body } = await get(origin, { headers: { 'Accept-Encoding': 'zstd' } })

    expect(body).toBe('gzip, br')
  })

  it('drops the byte order mark, keeps characters split between packets and replaces invalid bytes', async () => {
    const origin = await listenHttp((_, response) => {
      response.write(Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0xe2]))
      setTimeout(() => response.end(Buffer.from([0x82, 0xac, 0xff, 0x7d])), 20)
    })

    const { body } = await get(origin)

    expect(body).toBe('{€\uFFFD}')
  })

  it.each([204, 304, 500, 503])(
    'treats status %i without a body as an answer, though it claims gzip',
    async (status) => {
      const origin = await listenHttp((_, response) => {
        response.writeHead(status, { 'content-encoding': 'gzip' }).end()
      })

      expect(await get(origin)).toMatchObject({ status, body: '' })
    },
  )

  it('returns a redirect instead of following it (F17)', async () => {
    const hosts: (string | undefined)[] = []
    const origin = await listenHttp((request, response) => {
      hosts.push(request.url)
      response.writeHead(302, { location: '/elsewhere' }).end('moved')
    })

    const answer = await get(origin, { path: '/first' })

    expect(answer).toMatchObject({ status: 302, body: 'moved', headers: { location: '/elsewhere' } })
    expect(hosts).toEqual(['/first'])
  })
})

describe('connections', () => {
  it('serves two requests in a row over one connection', async () => {
    const ports = new Set<number | undefined>()
    const origin = await listenHttp((request, response) => {
      ports.add(request.socket.remotePort)
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'))
    })
    const http = httpClient({ trustedOrigins: [origin] })

    await http(requestTo(origin))
    await http(requestTo(origin))

    expect(ports.size).toBe(1)
  })

  it('never uses a connection again whose answer was not read to its end', async () => {
    const ports: (number | undefined)[] = []
    const origin = await listenHttp((request, response) => {
      ports.push(request.socket.remotePort)
      response.end('x'.repeat(100_000))
    })
    const http = httpClient({ trustedOrigins: [origin] })

    const { bodyFailure } = await http(requestTo(origin, { maxBytes: 10 }))
    expect(bodyFailure?.reason).toBe('malformed')
    await http(requestTo(origin))

    expect(new Set(ports).size).toBe(2)
  })

  it('answers when a compressed body is over, though more bytes follow, and drops that connection', async () => {
    const closed = Promise.withResolvers<void>()
    const origin = await listenHttp((_, response) => {
      response.writeHead(200, { 'content-encoding': 'br' }).on('close', closed.resolve)
      response.write(Buffer.concat([brotliCompressSync('x'), Buffer.from('more')]))
    })

    expect((await get(origin)).body).toBe('x')
    await closed.promise
  })

  it('lets the process end while the upstream keeps the connection open', async () => {
    const origin = await listenHttp((_, response) => response.end('done'))
    const script = `
      import { httpClient } from './shared/adapters/http-client/http-client.ts'
      const http = httpClient({ trustedOrigins: ['${origin}'] })
      const { body } = await http({ url: new URL('${origin}'), headers: {}, timeoutMs: 60_000, maxBytes: 10 })
      process.stdout.write(body)`
    const started = performance.now()

    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'pipe' })
    const output = child.stdout.toArray()
    const [code] = await once(child, 'exit')

    expect(Buffer.concat(await output).toString()).toBe('done')
    expect(code).toBe(0)
    expect(performance.now() - started).toBeLessThan(4_000) // idle connections are closed after 5 s
  })
})
