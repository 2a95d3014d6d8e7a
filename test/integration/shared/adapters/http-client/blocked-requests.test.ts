import { createServer as createTlsServer } from 'node:https'
import { describe, expect, it } from 'vitest'
import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { untrustedCertificate } from '#test/support/http/certificates.ts'
import { errorOf } from '#test/support/http/client.ts'
import { listen, listenHttp, listenRaw } from '#test/support/http/sockets.ts'

describe('what is refused before a byte is sent', () => {
  it.each([
    'https://127.0.0.1',
    'https://localhost',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://0x7f.1',
  ])('refuses %s, which is this machine (F46)', async (host) => {
    let connections = 0
    const server = createTlsServer(untrustedCertificate())
    server.on('connection', () => connections++)
    const { port } = new URL(await listen(server, 'https'))

    const fault = await errorOf(`${host}:${port}`, { trustedOrigins: [] })

    expect(fault).toMatchObject({ reason: 'refused', retryable: false })
    expect(connections).toBe(0)
  })

  it('refuses plain http, even where another port of the host is trusted', async () => {
    const origin = await listenHttp((_, response) => response.end('open'))

    const fault = await errorOf(origin, { trustedOrigins: ['http://127.0.0.1:1'] })

    expect(fault).toMatchObject({ reason: 'refused', message: expect.stringContaining('https:') })
  })

  it('refuses credentials in the URL', async () => {
    expect(await errorOf('https://user:pass@example.com')).toMatchObject({ reason: 'refused' })
  })

  it('refuses a header value that would break the request, without repeating it (F41)', async () => {
    const origin = await listenHttp((_, response) => response.end())

    const fault = await errorOf(origin, { headers: { 'x-api-key': 'canary\r\nx-evil: 1' } })

    expect(fault.reason).toBe('refused')
    expect(`${fault.message} ${fault.cause}`).not.toContain('canary')
  })

  it.each(['127.0.0.1:4711', 'http://127.0.0.1:4711/', 'http://127.0.0.1:4711/path', 'ftp://127.0.0.1', ''])(
    'does not take %j for an origin',
    (origin) => {
      expect(() => httpClient({ trustedOrigins: [origin] })).toThrow(RangeError)
    },
  )
})

it('never has URL, query or header values in an error (F48)', async () => {
  const origins = [
    await listenRaw(() => {}),
    await listenRaw((socket) => socket.resetAndDestroy()),
    await listenRaw((socket) => socket.end('canary\r\n')),
    await listenHttp((_, response) => response.end('canary'.repeat(1_000))),
    await listen(createTlsServer(untrustedCertificate()), 'https'),
    'http://canary.invalid',
  ]

  const faults = await Promise.all(
    origins.map((origin) =>
      errorOf(origin, {
        path: '/canary?key=canary',
        headers: { 'x-api-key': 'canary' },
        timeoutMs: 400,
        maxBytes: 10,
      }),
    ),
  )

  for (const fault of faults) expect(fault.message).not.toMatch(/canary|127\.0\.0\.1|:\/\//)
  for (const { cause } of faults) expect(JSON.stringify(cause) ?? '').not.toMatch(/\/canary|key=/)
})
