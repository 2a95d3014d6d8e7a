import { describe, expect, it } from 'vitest'
import type { Item } from '#shared/domain/records/publication.ts'
import { callUrl } from '#shared/engine/fetch/attempt.ts'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)

describe('a call’s address', () => {
  it.each([
    ['https://a.example', '/global', 'https://a.example/global'],
    ['https://a.example/api/v3', '/global', 'https://a.example/api/v3/global'],
    ['https://a.example/api/v3/', '/global', 'https://a.example/api/v3/global'],
  ])('is the path below the base %s', (base, path, href) => {
    expect(callUrl(new URL(base), { path }).href).toBe(href)
  })

  it('has every query value encoded exactly once, and cannot leave its host', () => {
    const query = { q: 'a b&c=%41+é', date: '2025-01-01T00:00:00.000+0800' }

    const url = callUrl(new URL('https://a.example/v1'), { path: '//evil.example/../x?y#z', query })

    expect(url.host).toBe('a.example')
    expect(url.searchParams.get('q')).toBe(query.q)
    expect(url.search).toContain('date=2025-01-01T00%3A00%3A00.000%2B0800')
    expect(url.hash).toBe('')
  })
})

describe('a fetch', () => {
  const key = { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/k' }

  it('reads the secret again after a 401, and succeeds with the rotated one (F20)', async () => {
    const world = globalMarketWorld(key, { secrets: { '/k': 'unused' } })
    const freshFlags: boolean[] = []
    world.work.ports.secrets.get = async (_parameter, fresh = false) => {
      freshFlags.push(fresh)
      return fresh ? { value: 'new-key', version: '2' } : { value: 'old-key', version: '1' }
    }
    world.script(({ headers }) =>
      headers['x-cg-demo-api-key'] === 'new-key'
        ? { status: 200, body: globalBody() }
        : { status: 401, body: 'no' },
    )

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'succeeded', attempts: 2 })
    expect(freshFlags).toEqual([false, true])
  })

  it('fails with auth after two calls when the fresh secret is refused too (F20)', async () => {
    const world = globalMarketWorld(key, { secrets: { '/k': 'revoked' } })
    world.script(() => ({ status: 401, body: 'no' }))

    expect(await world.tick(TICK)).toMatchObject({ status: 'failed', reason: 'auth', attempts: 2 })
    expect(world.calls).toHaveLength(2)
  })

  it('reads the secret again only once, however many attempts get a 401 (I11)', async () => {
    const world = globalMarketWorld(key, { secrets: { '/k': 'unused' } })
    const freshFlags: boolean[] = []
    world.work.ports.secrets.get = async (_parameter, fresh = false) => {
      freshFlags.push(fresh)
      return { value: 'some-key', version: '1' }
    }
    world.script((_request, call) => ({ status: call % 2 === 1 ? 401 : 503, body: 'no' }))

    await world.tick(TICK)

    expect(freshFlags).toEqual([false, true, false])
    expect(world.calls).toHaveLength(3)
  })

  it('quotes no part of a secret, wherever the excerpt ends (I10)', async () => {
    const secret = '0123456789abcdefghijklmnopqrstuvwxyzABCD'
    const world = globalMarketWorld(key, { secrets: { '/k': secret } })
    world.script(() => ({ status: 200, body: `${' '.repeat(8_192 - 30)}${secret}` }))

    const run = await world.tick(TICK)

    expect(run.message).not.toContain(secret.slice(0, 10))
    const rejected = await world.store.rejected.get('global-market', 'global')
    expect(rejected?.body).not.toContain(secret.slice(0, 10))
  })

  it('uses the next base URL for each retry', async () => {
    const world = globalMarketWorld({
      FRESHET_UPSTREAM_COINGECKO_URL: 'https://one.example,https://two.example/v3',
    })
    world.script(() => 'reset')

    await world.tick(TICK)

    expect(world.calls.map(({ url }) => url.href)).toEqual([
      'https://one.example/global',
      'https://two.example/v3/global',
      'https://one.example/global',
    ])
  })

  it('labels an answer of a simulated provider as simulated, and the next real one as live', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    const headers = { 'x-data-source': 'simulated' }
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0), headers }))
    await world.tick(T0)
    const first = await world.store.items.get('prices-items', 'AAA')
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))

    const run = await world.tick(T0 + 300_000)

    expect(first?.dataSource).toBe('simulated')
    expect(run.status).toBe('succeeded')
    expect((await world.store.items.get('prices-items', 'AAA'))?.dataSource).toBe('live')
  })

  it('quotes the start of a bad body in its record, on one line', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(() => ({ status: 200, body: `<html>\n\u001b[31m${'x'.repeat(500)}` }))

    const run = await world.tick(T0)

    expect(run.message).toMatch(
      /^expected JSON, got something else \(status 200\); the body begins: <html>\\n\\u001b\[31mx+$/,
    )
    expect(run.message?.length).toBeLessThan(300)
  })

  it.each([
    ['after much white space', 'CG-can', ' '.repeat(8_186)],
    ['after a long header that is hidden', 'CG-can', `"x-api-key":"${'x'.repeat(8_171)}"`],
    ['after one so long that what is kept shrinks', 'CG-can', `"x-api-key":"${'x'.repeat(16_363)}"`],
  ])('logs and stores no part of a secret %s', async (_title, part, before) => {
    const world = globalMarketWorld(key, { secrets: { '/k': 'CG-canary-4711' } })
    world.script(() => ({ status: 200, body: `${before}CG-canary-4711 and more` }))

    const run = await world.tick(TICK)

    const rejected = await world.store.rejected.get('global-market', 'global')
    expect(run.message).toContain('[redacted] and more')
    expect(run.message).not.toContain(part)
    expect(rejected?.body).not.toContain(part)
  })

  it('reveals no secret that a rejected value contains (F48)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    const secret = 'canary-key-123'
    Object.assign(world.work, {
      upstream: { ...world.work.upstream, secret: { parameter: '/k', header: 'x-key' } },
    })
    world.work.ports.secrets.get = async () => ({ value: secret, version: '1' })
    world.script(() => ({ status: 200, body: { symbol: secret, price: 1, at: T0 } }))

    const run = await world.tick(T0)

    expect(run).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(run.message).toContain('got that of [redacted]')
    expect(
      JSON.stringify([...world.store.memory.rejected, ...world.store.memory.runs, world.lines]),
    ).not.toContain(secret)
  })

  it('refuses a body that would not fit the table, with its size (F56)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    const noise = Array.from({ length: 40_000 }, (_, index) => Math.sin(index).toString(36)).join('')
    world.work.refresh.item = (value) => ({ data: { ...value, noise }, asOf: value.at, degraded: false })
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))

    const run = await world.tick(T0)

    expect(run).toMatchObject({ status: 'failed', reason: 'too-large' })
    expect(run.message).toMatch(/expected at most 307200 compressed bytes, got \d{6}/)
    expect(await world.store.items.get('prices-items', 'AAA')).toBeUndefined()
  })

  it('records a defect of a job as such', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.work.refresh.item = (): never => {
      throw new TypeError('undefined is not a function')
    }
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))

    const run = await world.tick(T0)

    expect(run).toMatchObject({
      status: 'failed',
      reason: 'defect',
      message: 'TypeError: undefined is not a function',
    })
  })

  it('re-renders the same payload when the rendering has a new version', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))
    await world.tick(T0)
    Object.assign(world.work.refresh, { renderVersion: 2 })

    const run = await world.tick(T0 + 300_000)

    const item = (await world.store.items.get('prices-items', 'AAA')) as Item
    expect(run.status).toBe('succeeded')
    expect(item).toMatchObject({ renderVersion: 2, fetchedAt: T0 + 300_000 })
  })
})
