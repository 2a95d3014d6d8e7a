import { createServer as createTlsServer } from 'node:https'
import { describe, expect, test } from 'vitest'
import type { Upstream } from '#shared/declare/upstream.ts'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { selfSigned, trust } from '#test/support/http/certificates.ts'
import { countSockets, listen, listenHttp } from '#test/support/http/sockets.ts'
import { fixedResponse } from '#test/support/process/scripted-upstream.ts'
import { onTheWire } from './wire-world.ts'

const HOUR = 3_600_000

const good = fixedResponse(200, 'application/json', JSON.stringify(globalBody()))

describe('an upstream that redirects', () => {
  test.each([301, 302, 307, 308])('by %i to another host is not followed there (F17)', async (status) => {
    const visits: unknown[] = []
    const elsewhere = await listenHttp((request, response) => {
      visits.push(request.url)
      good(request, response)
    })
    const world = await onTheWire(globalMarketWorld())
    world.upstream.respondWith(fixedResponse(status, 'text/plain', '', { location: `${elsewhere}/global` }))

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'upstream-fault', attempts: 1 })
    expect(visits).toEqual([])
  })

  test('to a link-local address makes no socket towards it (F17)', async () => {
    const world = await onTheWire(globalMarketWorld())
    const location = 'http://169.254.169.254/latest/meta-data/'
    world.upstream.respondWith(fixedResponse(302, 'text/plain', '', { location }))
    const sockets = countSockets()

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'upstream-fault', attempts: 1 })
    expect(world.upstream.calls).toHaveLength(1)
    expect(sockets()).toBe(1)
  })

  test('by its own address to a link-local one is refused before a socket is made (F17)', async () => {
    const base = { baseUrls: [new URL('https://169.254.169.254/api')], trustedOrigins: [] }
    const world = await onTheWire(globalMarketWorld(), () => base)
    const sockets = countSockets()

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'refused', attempts: 1 })
    expect(sockets()).toBe(0)
  })

  test('by a name that means this machine is refused where it would connect (F46)', async () => {
    let connections = 0
    const server = createTlsServer()
    server.on('connection', () => {
      connections += 1
    })
    const { port } = new URL(await listen(server, 'https'))
    const base = { baseUrls: [new URL(`https://localhost:${port}`)], trustedOrigins: [] }
    const world = await onTheWire(globalMarketWorld(), () => base)

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'refused', attempts: 1 })
    expect(run.message).toContain('expected a public address')
    expect(connections).toBe(0)
  })
})

describe('an upstream that cannot be reached', () => {
  test('because its name has no address is tried again, at its next address (F21)', async () => {
    const nowhere = (origin: string) => ({ baseUrls: [new URL('https://nowhere.invalid'), new URL(origin)] })
    const world = await onTheWire(globalMarketWorld(), nowhere)
    world.upstream.respondWith(good)

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'succeeded', attempts: 2 })
    expect(world.upstream.calls).toHaveLength(1)
  })

  test('because its certificate has expired is called once, and never without a certificate (F21)', async () => {
    const now = Date.now()
    const valid = await overTls(new Date(now - HOUR), new Date(now + HOUR))
    const expired = await overTls(new Date(now - 2 * HOUR), new Date(now - HOUR))

    const accepted = await valid.world.tick(TICK)
    const run = await expired.world.tick(TICK)

    expect(accepted.status).toBe('succeeded')
    expect(run).toMatchObject({ status: 'failed', reason: 'certificate', attempts: 1 })
    expect(run.message).toContain('CERT_HAS_EXPIRED')
    expect(expired.requests()).toBe(0)
  })
})

/** An upstream behind a certificate of an authority that is trusted, with its number of requests. */
async function overTls(from: Date, until: Date) {
  const identity = selfSigned(from, until)
  trust(identity)
  let requests = 0
  const server = createTlsServer(identity, (request, response) => {
    requests += 1
    good(request, response)
  })
  const origin = await listen(server, 'https')
  const base: Partial<Upstream> = { baseUrls: [new URL(origin)], trustedOrigins: [origin] }
  return { world: await onTheWire(globalMarketWorld(), () => base), requests: () => requests }
}
