import { describe, expect, test } from 'vitest'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { fixedResponse } from '#test/support/process/scripted-upstream.ts'
import { onTheWire } from './wire-world.ts'

const MINUTE = 60_000
const HEADER = 'x-cg-demo-api-key'
const KEYED = { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/k' }

const good = JSON.stringify(globalBody())

/** A keyed job on the wire. */
function keyed(secret: string) {
  return onTheWire(globalMarketWorld(KEYED, { secrets: { '/k': secret } }))
}

/** Every way in which a program might write a secret down. */
function spellings(secret: string): string[] {
  const form = new URLSearchParams([['', secret]]).toString().slice(1)
  return [secret, encodeURIComponent(secret), form, JSON.stringify(secret).slice(1, -1)]
}

describe('a key that is not accepted', () => {
  test('is read again once, and the run succeeds with the new one (F20)', async () => {
    const world = await keyed('revoked')
    const { secrets: rotated } = (await keyed('rotated')).work.ports
    const { secrets } = world.work.ports
    const { get } = secrets
    const cacheBypasses: boolean[] = []
    secrets.get = (parameter, fresh = false) => {
      cacheBypasses.push(fresh)
      return fresh ? rotated.get(parameter) : get(parameter)
    }
    world.upstream.respondWith(({ headers }, response) =>
      response.writeHead(headers[HEADER] === 'rotated' ? 200 : 401).end(good),
    )

    const run = await world.tick(TICK)

    expect(run.status).toBe('succeeded')
    expect(cacheBypasses).toEqual([false, true])
    expect(world.upstream.calls.map((headers) => headers[HEADER])).toEqual(['revoked', 'rotated'])
  })

  test('ends the run in auth after two calls, with the reason (F20)', async () => {
    const world = await keyed('revoked')
    world.upstream.respondWith(fixedResponse(401, 'application/json', '{}'))

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'auth' })
    expect(world.upstream.calls).toHaveLength(2)
    expect(world.waits).toEqual([])
    expect(world.lines).toMatchObject([{ level: 'INFO' }, { level: 'ERROR', reason: 'auth' }])
    expect(world.events).toMatchObject([{ type: 'run.failed', detail: { reason: 'auth' } }])
  })
})

describe('a key with special characters', () => {
  test.each(['canary%2Fkey', 'canary+key=%', '100%canary"\\key'])(
    'is sent unchanged, and no spelling of it is logged or stored: %s (F41)',
    async (secret) => {
      const world = await keyed(secret)
      const echo = `<p>${spellings(secret).join('</p><p>')}</p>`
      for (const [tick, status] of [200, 400, 403].entries()) {
        world.upstream.respondWith(fixedResponse(status, 'text/html', echo))
        await world.tick(TICK + tick * 10 * MINUTE)
      }

      const output = world.output()

      expect(world.upstream.calls.map((headers) => headers[HEADER])).toEqual([secret, secret, secret])
      expect(output).toContain('[redacted]')
      for (const spelling of spellings(secret)) expect(output).not.toContain(spelling)
      expect(output).not.toContain('canary')
    },
  )

  test.each(['canary\nkey', 'canary-key\n', 'canary\r\nx-evil: 1', 'canary\u0000key', 'canary-clé-✓'])(
    'that a header cannot carry is refused before a call, with the header’s name: %j (F41)',
    async (secret) => {
      const world = await keyed(secret)
      world.upstream.respondWith(fixedResponse(200, 'application/json', good))

      const run = await world.tick(TICK)

      expect(run).toMatchObject({ status: 'failed', reason: 'refused', attempts: 1 })
      expect(run.message).toContain(HEADER)
      expect(world.upstream.calls).toEqual([])
      expect(world.output()).not.toContain('canary')
    },
  )
})

describe('a key in the query', () => {
  const NAME = 'apikey'

  /** The keyed job on the wire, with a provider that accepts its key in the query only; the URLs of its calls. */
  async function keyedByQuery(secret: string) {
    const world = globalMarketWorld(KEYED, { secrets: { '/k': secret } })
    const wire = await onTheWire(world, () => ({ secret: { parameter: '/k', query: NAME } }))
    const urls: string[] = []
    const respondWith = (status: number, type: string, body: string) =>
      wire.upstream.respondWith((request, response) => {
        urls.push(request.url ?? '')
        fixedResponse(status, type, body)(request, response)
      })
    return { ...wire, urls, respondWith }
  }

  test.each(['canary%2Fkey', 'canary+key=%&a=1#x', '100%canary"\\key', 'canary-clé-✓', ' canary key '])(
    'is sent once in the URL and in no header, and no spelling of it is logged or stored: %s (F41)',
    async (secret) => {
      const world = await keyedByQuery(secret)
      const echo = `<p>${spellings(secret).join('</p><p>')}</p>`
      for (const [tick, status] of [200, 400, 403].entries()) {
        world.respondWith(status, 'text/html', echo)
        await world.tick(TICK + tick * 10 * MINUTE)
      }

      const output = world.output()

      const sent = world.urls.map((url) => new URL(url, 'http://provider.test').searchParams.getAll(NAME))
      expect(sent).toEqual([[secret], [secret], [secret]])
      expect(JSON.stringify(world.upstream.calls)).not.toContain('canary')
      expect(output).toContain('[redacted]')
      for (const spelling of spellings(secret)) expect(output).not.toContain(spelling)
      expect(output).not.toContain('canary')
    },
  )

  test('leaves the URL of the request and its hash without the key, so that a new key is no new question', async () => {
    const world = globalMarketWorld(KEYED, { secrets: { '/k': 'canary-key' } })
    Object.assign(world.work, {
      upstream: { ...world.work.upstream, secret: { parameter: '/k', query: NAME } },
    })
    world.script(() => ({ status: 200, body: globalBody(), headers: { etag: '"1"' } }))

    await world.tick(TICK)

    const [call] = world.calls
    expect(call?.url.href).not.toContain('canary')
    expect(call?.headers).toEqual({ accept: 'application/json' })
    expect(call?.secretQuery).toEqual({ name: NAME, value: 'canary-key' })
  })

  test('that an answer repeats is not in the rejected body', async () => {
    const world = await keyedByQuery('canary-key%1')
    world.respondWith(
      200,
      'application/json',
      '{"Information":"We have detected your API key as canary-key%1"}',
    )

    await world.tick(TICK)

    const rejected = await world.store.rejected.get('global-market', 'global')
    expect(rejected?.body).toContain('your API key as [redacted]')
  })

  test.each(['', 'canary\nkey', 'canary-key\n', 'canary\u0000key'])(
    'that is empty or has control characters is refused before a call, with the parameter’s name: %j (F41)',
    async (secret) => {
      const world = await keyedByQuery(secret)
      world.respondWith(200, 'application/json', good)

      const run = await world.tick(TICK)

      expect(run).toMatchObject({ status: 'failed', reason: 'refused', attempts: 1 })
      expect(run.message).toContain(NAME)
      expect(world.urls).toEqual([])
      expect(world.output()).not.toContain('canary')
    },
  )

  test('is not in the error of a broken connection (F48)', async () => {
    const world = await keyedByQuery('canary-key')
    world.upstream.respondWith(({ socket }) => socket.resetAndDestroy())

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'network' })
    expect(world.output()).not.toContain('canary')
  })
})

describe('an error of an upstream', () => {
  test('that quotes a URL with a key is logged without the key, ours or another one (F48)', async () => {
    const world = await keyed('canary-key-1')
    const address = `https://api.example/v3/global?x_cg_demo_api_key=canary-key-1&a=1&token=canary-key-2`
    world.upstream.respondWith(
      fixedResponse(400, 'text/plain', `GET ${address} failed\nauthorization: Bearer canary-key-3`),
    )

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'bad-request' })
    expect(run.message).toContain('x_cg_demo_api_key=[redacted]&a=1&token=[redacted]')
    expect(world.output()).not.toContain('canary')
  })

  test('below HTTP is logged without URL and header (F48)', async () => {
    const world = await keyed('canary-key-1')
    world.upstream.respondWith(({ socket }) => socket.resetAndDestroy())

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'network' })
    expect(run.message).toMatch(/^expected a response, got a failed connection \([A-Z]+\)$/)
    expect(world.output()).not.toMatch(/canary|127\.0\.0\.1|:\/\//)
  })
})
