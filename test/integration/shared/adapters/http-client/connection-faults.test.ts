import type { ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { MAX_ERROR_BYTES } from '#shared/domain/ports/http.ts'
import { untrustedCertificate } from '#test/support/http/certificates.ts'
import { errorOf, get } from '#test/support/http/client.ts'
import { listen, listenHttp, listenRaw } from '#test/support/http/sockets.ts'

describe('faults of the connection', () => {
  it('times out on an upstream that never answers (F2)', async () => {
    const origin = await listenRaw(() => {})

    expect(await errorOf(origin, { timeoutMs: 60 })).toMatchObject({ reason: 'timeout', retryable: true })
  })

  it.each(['identity', 'gzip'])(
    'times out on a %s body that drips, and closes its connection (F8)',
    async (coding) => {
      const closed = Promise.withResolvers<void>()
      const body = coding === 'gzip' ? gzipSync('x'.repeat(1_000)) : Buffer.alloc(1_000, 'x')
      const origin = await listenHttp((_, response) => {
        response.writeHead(200, { 'content-encoding': coding })
        let sent = 0
        const drip = setInterval(() => response.write(body.subarray(sent, ++sent)), 10)
        response.on('close', () => {
          clearInterval(drip)
          closed.resolve()
        })
      })

      expect(await errorOf(origin, { timeoutMs: 100 })).toMatchObject({ reason: 'timeout', retryable: true })
      await closed.promise
    },
  )

  it.each<[string, string, 'end' | 'resetAndDestroy']>([
    ['a reset before the headers', '', 'resetAndDestroy'],
    ['a close before the headers', '', 'end'],
    ['a reset in mid-body (F6)', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc', 'resetAndDestroy'],
    [
      'a body shorter than its content-length (F6)',
      'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc',
      'end',
    ],
    [
      'a chunked body without its last chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      'end',
    ],
    [
      'a compressed body that is cut',
      'HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Encoding: gzip\r\n\r\n\x1f',
      'end',
    ],
    [
      'an upgrade without a request for one',
      'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      'end',
    ],
  ])('may retry after %s', async (_, response, then) => {
    const origin = await listenRaw((socket) => {
      socket.write(response, 'latin1')
      setTimeout(() => socket[then](), 20)
    })

    expect(await errorOf(origin)).toMatchObject({ reason: 'network', retryable: true })
  })

  it('may retry after a refused connection', async () => {
    const origin = 'http://127.0.0.1:1'

    expect(await errorOf(origin)).toMatchObject({ reason: 'network', retryable: true })
  })

  it('may retry after a name that does not resolve (F21)', async () => {
    const fault = await errorOf('https://nowhere.invalid', { trustedOrigins: [] })

    expect(fault).toMatchObject({ reason: 'network', retryable: true })
  })

  it('takes what is not HTTP as malformed', async () => {
    const origin = await listenRaw((socket) => socket.end('220 mail ready\r\n'))

    expect(await errorOf(origin)).toMatchObject({ reason: 'malformed', retryable: false })
  })

  it('never retries a certificate it cannot trust (F21)', async () => {
    const origin = await listen(
      createTlsServer(untrustedCertificate(), (_, response) => response.end('secret')),
      'https',
    )

    expect(await errorOf(origin)).toMatchObject({
      reason: 'certificate',
      retryable: false,
      scope: 'provider',
    })
  })
})

describe('size of the body', () => {
  it.each(['identity', 'gzip', 'br'])(
    'accepts a %s body of exactly the cap and no byte more',
    async (coding) => {
      const compress =
        { identity: Buffer.from, gzip: gzipSync, br: brotliCompressSync }[coding] ?? Buffer.from
      const body = compress('x'.repeat(1_000))
      const origin = await listenHttp((_, response) => {
        response.writeHead(200, { 'content-encoding': coding })
        response.write(body)
        response.end()
      })

      expect((await get(origin, { maxBytes: 1_000 })).body).toHaveLength(1_000)
      expect(await errorOf(origin, { maxBytes: 999 })).toMatchObject({
        reason: 'malformed',
        retryable: false,
        message: expect.stringContaining('999 bytes'),
      })
    },
  )

  it('refuses an announced size over the cap before any of the body arrives', async () => {
    const origin = await listenHttp((_, response) => {
      response.writeHead(200, { 'content-length': '1001' }).flushHeaders()
    })

    expect(await errorOf(origin, { maxBytes: 1_000 })).toMatchObject({ reason: 'malformed' })
  })

  it('stops an endless gzip bomb at the cap without holding it', async () => {
    const zeros = Buffer.alloc(1 << 20)
    const closed = Promise.withResolvers<void>()
    const origin = await listenHttp((_, response) => {
      const bomb = createGzip()
      bomb.on('drain', () => bomb.write(zeros))
      response.writeHead(200, { 'content-encoding': 'gzip' }).on('close', () => {
        bomb.removeAllListeners('drain')
        closed.resolve()
      })
      bomb.pipe(response)
      bomb.write(zeros)
    })

    expect(await errorOf(origin, { maxBytes: 100_000 })).toMatchObject({ reason: 'malformed' })
    await closed.promise
  })

  it.each([
    ['gzip that is none', 'gzip', Buffer.from('plain text')],
    ['gzip that ends early', 'gzip', gzipSync('x'.repeat(1_000)).subarray(0, 20)],
    ['brotli that is none', 'br', Buffer.from('plain text')],
    ['a coding it does not know', 'zstd', Buffer.from('plain text')],
    ['the name of a property of every object', 'constructor', Buffer.from('plain text')],
    ['two codings at once', 'gzip, br', brotliCompressSync(gzipSync('x'))],
  ])('takes %s as malformed', async (_, coding, body) => {
    const origin = await listenHttp((_, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(body)
    })

    expect(await errorOf(origin)).toMatchObject({ reason: 'malformed', retryable: false })
  })
})

describe('what status and headers say holds whatever the body is (F80)', () => {
  const BROKEN: [string, (response: ServerResponse) => void][] = [
    ['gzip that is none', (response) => response.setHeader('content-encoding', 'gzip').end('plain text')],
    ['a coding it does not know', (response) => response.setHeader('content-encoding', 'zstd').end('plain')],
    ['a body that is cut', (response) => cutAfter(response, 'start')],
    ['a body that never ends', (response) => response.write('start')],
  ]

  it.each(BROKEN)('of a 429 with %s', async (_, respond) => {
    const origin = await listenHttp((_request, response) => {
      response.statusCode = 429
      response.setHeader('retry-after', '120')
      respond(response)
    })

    const answer = await get(origin, { timeoutMs: 300 })

    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '120' } })
    expect(answer.bodyFailure).toBeDefined()
  })

  it('and the start of the body of an error is returned', async () => {
    const origin = await listenHttp((_request, response) => {
      response.statusCode = 403
      cutAfter(response, 'access too frequent')
    })

    expect(await get(origin)).toMatchObject({
      body: 'access too frequent',
      bodyFailure: { reason: 'network' },
    })
  })

  it('and nothing of the body of a success that is cut', async () => {
    const origin = await listenHttp((_request, response) => cutAfter(response, '[1]'))

    expect(await get(origin)).toMatchObject({ status: 200, body: '', bodyFailure: { reason: 'network' } })
  })

  it.each(['identity', 'gzip'])('and a large %s body of an error is cut at 64 KiB', async (coding) => {
    const body = Buffer.alloc(4_000_000, 'x')
    const origin = await listenHttp((_request, response) => {
      response.writeHead(429, { 'content-encoding': coding }).end(coding === 'gzip' ? gzipSync(body) : body)
    })

    const answer = await get(origin, { maxBytes: 10 })

    expect(answer.body).toHaveLength(MAX_ERROR_BYTES)
    expect(answer.bodyFailure).toBeUndefined()
  })
})

function cutAfter(response: ServerResponse, start: string): void {
  response.setHeader('content-length', 999)
  response.write(start)
  setTimeout(() => response.socket?.resetAndDestroy(), 20)
}
