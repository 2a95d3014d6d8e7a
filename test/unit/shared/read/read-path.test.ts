import { describe, expect, it } from 'vitest'
import type { HttpResult } from '#shared/http/problem.ts'
import type { ReadPorts } from '#shared/read/read-path.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import {
  globalBody,
  globalData,
  globalMarketWorld,
  TICK,
  UPDATED_AT,
} from '#test/fakes/jobs/global-market.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { jsonOf as json, reader as readerOf } from '#test/fakes/world/clients.ts'
import type { World } from '#test/fakes/world/world.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const PATH = '/api/v1/currencies/global-market-stats'

/** The reads over a world, by default of the documented path. */
function reader<V>(world: World<V>, change: Partial<ReadPorts> = {}) {
  const { get, deliver } = readerOf(world, change)
  return { get: (path = PATH, ...more: [ReadRequest['headers']?, string?]) => get(path, ...more), deliver }
}

async function published() {
  const world = globalMarketWorld()
  world.script(() => ({ status: 200, body: globalBody() }))
  await world.tick(TICK)
  world.events.length = 0
  return world
}

describe('a read of stored data', () => {
  it('has every documented header', async () => {
    const { get } = reader(await published())

    const { statusCode, headers } = await get(PATH, { 'accept-encoding': 'gzip, br' })

    expect(statusCode).toBe(200)
    expect(headers).toEqual({
      age: '0',
      'cache-control': 'public, max-age=60, stale-while-revalidate=600, stale-if-error=86340',
      'content-encoding': 'br',
      'content-type': 'application/json',
      etag: expect.stringMatching(/^W\/"[\w-]{22}"$/),
      'last-modified': 'Sat, 11 Oct 2025 07:40:48 GMT',
      vary: 'Accept-Encoding',
      'x-cache': 'HIT',
      'x-content-type-options': 'nosniff',
      'x-data-source': 'live',
    })
  })

  it('gives the same body to clients with and without br', async () => {
    const { get } = reader(await published())

    const plain = await get()
    const brotli = await get(PATH, { 'accept-encoding': 'br' })
    const refused = await get(PATH, { 'accept-encoding': 'gzip, br;q=0' })

    expect(json(plain).data).toEqual(globalData)
    expect(json(brotli)).toEqual(json(plain))
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(brotli.isBase64Encoded).toBe(true)
    expect(refused).toEqual(plain)
    expect(brotli.headers['etag']).toBe(plain.headers['etag'])
  })

  it.each([
    [0, 'HIT', 60],
    [30, 'HIT', 90],
    [870, 'HIT', 900],
    [899, 'HIT', 900],
    [900, 'STALE', 900],
    [901, 'STALE', 901],
    [86_399, 'STALE', 86_399],
  ])('at an age of %i s is labelled %s, max-age=%i', async (age, label, maxAge) => {
    const world = await published()
    world.clock.advance(age * SECOND)

    const { statusCode, headers } = await reader(world).get()

    expect(statusCode).toBe(200)
    expect(headers).toMatchObject({ age: String(age), 'x-cache': label })
    expect(headers['cache-control']).toMatch(new RegExp(`^public, max-age=${maxAge},`))
  })

  it('gives 304 without body for the current entity tag, weak or listed or *', async () => {
    const { get } = reader(await published())
    const full = await get()
    const etag = full.headers['etag'] ?? ''

    const hits = await Promise.all(
      [etag, etag.slice(2), `"x", ${etag}`, '*'].map((tag) => get(PATH, { 'if-none-match': tag })),
    )
    const miss = await get(PATH, { 'if-none-match': 'W/"other"' })

    const { 'content-type': _type, ...kept } = full.headers
    for (const hit of hits)
      expect(hit).toEqual({ statusCode: 304, headers: kept, body: '', isBase64Encoded: false })
    expect(miss.statusCode).toBe(200)
  })

  it('answers HEAD like GET, without a body', async () => {
    const { get } = reader(await published())

    const head = await get(PATH, { 'accept-encoding': 'br' }, 'HEAD')

    expect(head).toEqual({
      ...(await get(PATH, { 'accept-encoding': 'br' })),
      body: '',
      isBase64Encoded: false,
    })
  })

  it('reads the table once in five seconds, however many readers there are (F52)', async () => {
    const world = await published()
    let tableReads = 0
    const { get } = reader(world, {
      store: {
        ...world.store,
        items: {
          ...world.store.items,
          get: (...parameters) => {
            tableReads += 1
            return world.store.items.get(...parameters)
          },
        },
      },
    })

    await Promise.all(Array.from({ length: 10_000 }, () => get()))
    const burst = tableReads
    world.clock.advance(5 * SECOND)
    await get()

    expect([burst, tableReads]).toEqual([1, 2])
  })

  it('serves the copy, marked, when the table is down; after its time is up, 503 (F54, F58)', async () => {
    const world = await published()
    let down = false
    const { get } = reader(world, {
      store: {
        ...world.store,
        items: {
          ...world.store.items,
          get: (...all) => (down ? Promise.reject(new Error('down')) : world.store.items.get(...all)),
        },
      },
    })
    await get()
    down = true
    world.clock.advance(20 * MINUTE)

    const copy = await get()
    world.clock.advance(24 * HOUR)
    const gone = await get()

    expect(copy.headers).toMatchObject({
      'x-cache': 'STALE',
      age: '1200',
      'cache-status': 'freshet; hit; detail=table-unavailable',
    })
    expect(gone.statusCode).toBe(503)
    expect(json(gone).error.code).toBe('INTERNAL_ERROR')
    expect(world.events).toEqual([])
  })
})

describe('a read of one process', () => {
  it('never goes back to an older value, whatever replica answers (I1)', async () => {
    const world = await published()
    const older = await world.store.items.get('global-market', 'global')
    world.script(() => ({ status: 200, body: globalBody({ cap: 4e12, updatedAt: UPDATED_AT + 100 }) }))
    await world.tick(TICK + 10 * MINUTE)
    let isBehind = false
    const { get } = reader(world, {
      store: {
        ...world.store,
        items: {
          ...world.store.items,
          get: (...all) => (isBehind ? Promise.resolve(older) : world.store.items.get(...all)),
        },
      },
    })

    const newer = await get()
    isBehind = true
    world.clock.advance(6 * SECOND)
    const later = await get()

    expect(later.headers).toMatchObject({ etag: newer.headers['etag'], age: '6', 'x-cache': 'HIT' })
    expect(later.body).toBe(newer.body)
  })
})

describe('a stale read', () => {
  it('requests one refresh a minute and process, and none while a run is under way', async () => {
    const world = await published()
    const { get } = reader(world)
    world.clock.advance(16 * MINUTE)

    await Promise.all([get(), get(), get()])
    const eventsBefore = world.events.length
    world.clock.advance(59 * SECOND)
    await get()
    const tooSoon = world.events.length
    world.clock.advance(SECOND)
    await world.store.states.acquire(
      'global-market',
      { kind: 'job' },
      { owner: 'x', until: world.clock.now() + MINUTE },
      world.clock.now(),
    )
    await get()
    const busy = world.events.length
    world.clock.advance(2 * MINUTE)
    await get()

    expect([eventsBefore, tooSoon, busy, world.events.length]).toEqual([1, 1, 1, 2])
    expect(world.events[0]).toEqual({
      type: 'refresh.requested',
      detail: { job: 'global-market', cause: 'stale-read' },
    })
  })

  it('is served all the same when the bus is down', async () => {
    const world = await published()
    const { get } = reader(world, { bus: { publish: () => Promise.reject(new Error('bus down')) } })
    world.clock.advance(16 * MINUTE)

    expect((await get()).statusCode).toBe(200)
    expect(world.lines.filter(({ level }) => level === 'WARN')).toHaveLength(1)
  })

  it('is followed by a fresh one once the refresh has run', async () => {
    const world = await published()
    const { get, deliver } = reader(world)
    world.clock.advance(16 * MINUTE)
    world.script(() => ({ status: 200, body: globalBody({ updatedAt: UPDATED_AT + 900 }) }))
    await get()
    await deliver()
    world.clock.advance(5 * SECOND)

    expect((await get()).headers).toMatchObject({ 'x-cache': 'HIT', age: '5' })
  })
})

describe('a cold read', () => {
  it('of twenty readers at once makes one upstream call and twenty answers', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    const { get, deliver } = reader(world)

    const waiting = Array.from({ length: 20 }, () => get())
    await new Promise(setImmediate)
    await deliver()
    const answers = await Promise.all(waiting)

    expect(world.calls).toHaveLength(1)
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200))
    expect(answers[0]?.headers['x-cache']).toBe('MISS')
    expect(json(answers[19] as HttpResult).data).toEqual(globalData)
  })

  it('ends with 503 after eight seconds when nothing comes', async () => {
    const world = globalMarketWorld()
    const start = world.clock.now()

    const result = await reader(world).get()

    expect(world.clock.now() - start).toBe(8_000)
    expect(result).toMatchObject({
      statusCode: 503,
      headers: { 'retry-after': '30', 'cache-control': 'no-store' },
    })
    expect(json(result)).toEqual({
      success: false,
      data: null,
      error: {
        code: 'EXTERNAL_SERVICE_ERROR',
        message: 'Global crypto market statistics are not available',
        details: null,
      },
      timestamp: expect.stringMatching(/Z$/),
    })
  })

  it('is at once 503 that says so, of a job that is off', async () => {
    const { work, ...rest } = globalMarketWorld()
    const world = { ...rest, work: { ...work, job: { ...work.job, off: 'its key is missing' } } }
    const start = world.clock.now()

    const result = await reader(world).get()

    expect(world.clock.now()).toBe(start)
    expect(result.statusCode).toBe(503)
    expect(json(result).error.message).toBe(
      'Global crypto market statistics are not available: the job is off',
    )
  })

  it('is what a read becomes when the stored value is too old to be served', async () => {
    const world = await published()
    world.clock.advance(24 * HOUR)

    const result = await reader(world).get()

    expect(result.statusCode).toBe(503)
    expect(world.events).toEqual([
      { type: 'refresh.requested', detail: { job: 'global-market', cause: 'cold-read' } },
    ])
  })

  it('is refused at once when the bus is down', async () => {
    const world = globalMarketWorld()
    const start = world.clock.now()
    const { get } = reader(world, { bus: { publish: () => Promise.reject(new Error('bus down')) } })

    expect((await get()).statusCode).toBe(503)
    expect(world.clock.now()).toBe(start)
  })

  it('is limited to thirty keys a minute and process', async () => {
    const world = pricesWorld('items', symbolNames(60), Date.UTC(2026, 10, 20))
    const { get } = reader(world)

    const results = await Promise.all(symbolNames(60).map((symbol) => get(`/test/prices/${symbol}`)))

    const statuses = results.map(({ statusCode }) => statusCode)
    expect(statuses.filter((status) => status === 503)).toHaveLength(30)
    expect(statuses.filter((status) => status === 429)).toHaveLength(30)
    expect(results.at(-1)?.headers['retry-after']).toBe('60')
  })

  it('requests its key alone where a key is in the path', async () => {
    const world = pricesWorld('items', symbolNames(3), Date.UTC(2026, 10, 20))
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 3, Date.UTC(2026, 10, 19)) }))
    const { get, deliver } = reader(world)

    const waiting = get('/test/prices/S001')
    await new Promise(setImmediate)
    await deliver()

    expect(json(await waiting).data).toMatchObject({ symbol: 'S001', price: '3' })
    expect(world.calls).toHaveLength(1)
  })
})

describe('a read of a snapshot', () => {
  it('gives every entry with its own times, and refuses at once while there is none', async () => {
    const start = Date.UTC(2026, 10, 20, 12, 1)
    const world = pricesWorld('snapshot', symbolNames(2), start)
    const { get } = reader(world)
    const cold = await get('/test/prices')
    world.clock.advance(SECOND)
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 3, start) }))
    await world.tick(start)
    world.script((request) =>
      request.url.search.includes('S001')
        ? { status: 404, body: '{}' }
        : { status: 200, body: priceBody(request.url, 4, start + MINUTE) },
    )
    await world.tick(start + 5 * MINUTE)

    const result = await get('/test/prices')

    expect(cold.statusCode).toBe(503)
    expect(world.events.filter(({ type }) => type === 'refresh.requested')).toEqual([])
    expect(json(result).data).toMatchObject([
      { key: 'S000', checked_at: '2026-11-20T12:06:00Z', data: { price: '4' } },
      { key: 'S001', checked_at: '2026-11-20T12:01:01Z', data: { price: '3' } },
    ])
    expect(json(result).meta.degraded).toBe(true)
  })
})

describe('a copy of a snapshot', () => {
  const start = Date.UTC(2026, 10, 20, 12, 1)

  async function withOneOldEntry() {
    const world = pricesWorld('snapshot', symbolNames(2), start)
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 3, start) }))
    await world.tick(start)
    world.script((request) =>
      request.url.search.includes('S001')
        ? { status: 404, body: '{}' }
        : { status: 200, body: priceBody(request.url, 4, start + HOUR) },
    )
    await world.tick(start + 6 * HOUR - MINUTE)
    return world
  }

  const keysIn = (result: HttpResult) => json(result).data.map(({ key }: { key: string }) => key)

  it('loses an entry at the end of its time, though the table is down (I2)', async () => {
    const world = await withOneOldEntry()
    let isDown = false
    const down = () => Promise.reject(new Error('down'))
    const { get } = reader(world, {
      store: {
        ...world.store,
        snapshots: {
          head: (...all) => (isDown ? down() : world.store.snapshots.head(...all)),
          entries: (...all) => (isDown ? down() : world.store.snapshots.entries(...all)),
        },
      },
    })

    const before = await get('/test/prices')
    isDown = true
    world.clock.advance(MINUTE)
    const after = await get('/test/prices')

    expect([keysIn(before), keysIn(after)]).toEqual([['S000', 'S001'], ['S000']])
    expect(after.headers['etag']).not.toBe(before.headers['etag'])
  })

  it('is read and composed once a version, however often its head is read', async () => {
    const world = await withOneOldEntry()
    let tableReads = 0
    const { get } = reader(world, {
      store: {
        ...world.store,
        snapshots: {
          head: world.store.snapshots.head,
          entries: (...all) => {
            tableReads += 1
            return world.store.snapshots.entries(...all)
          },
        },
      },
    })

    await get('/test/prices')
    world.clock.advance(6 * SECOND)
    await get('/test/prices')

    expect(tableReads).toBe(1)
  })
})

describe('a request that leads nowhere', () => {
  it('is 404 as problem details for an unknown path', async () => {
    const { get } = reader(globalMarketWorld())

    const result = await get('/nope')

    expect(result).toMatchObject({ statusCode: 404, headers: { 'content-type': 'application/problem+json' } })
    expect(json(result)).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'No dataset is served at this path',
    })
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])(
    'is 405 with Allow for %s, as problem details',
    async (method) => {
      const { get } = reader(globalMarketWorld())

      const result = await get(PATH, {}, method)

      expect(result).toMatchObject({
        statusCode: 405,
        headers: { allow: 'GET, HEAD', 'content-type': 'application/problem+json' },
      })
      expect(json(result)).toMatchObject({ status: 405, success: false, error: { code: 'INVALID_INPUT' } })
    },
  )

  it.each(['a', '%2e%2e', 'AB#C', 'ÀÉ', 'А1', '__proto__', 'A'.repeat(10_000)])(
    'is 400 for the malformed key %s (F44)',
    async (key) => {
      const world = pricesWorld('items', symbolNames(3), Date.UTC(2026, 10, 20))

      const result = await reader(world).get(`/test/prices/${key}`)

      expect(result.statusCode).toBe(400)
      expect(json(result).detail).toBe('invalid symbol')
      expect(world.events).toEqual([])
    },
  )

  it.each(['/test/prices/../items', '/test/prices/..', '/./health'])(
    'is 400 for %s, wherever it would lead (F44)',
    async (path) => {
      const world = pricesWorld('items', symbolNames(3), Date.UTC(2026, 10, 20))

      expect((await reader(world).get(path)).statusCode).toBe(400)
    },
  )

  it.each(['/test/prices/A/B', '/test/prices/', '/...'])('is 404 for %s', async (path) => {
    const world = pricesWorld('items', symbolNames(3), Date.UTC(2026, 10, 20))

    expect((await reader(world).get(path)).statusCode).toBe(404)
  })
})

describe('/health', () => {
  it('has how each job’s last run ended, and why', async () => {
    const world = await published()
    const { get } = reader(world)
    const before = json(await get('/health'))
    world.script(() => ({ status: 403, body: 'no' }))
    await world.tick(TICK + 20 * MINUTE)
    world.clock.advance(HOUR)

    const after = json(await get('/health'))

    expect(before).toMatchObject({
      status: 'ok',
      service: 'freshet',
      jobs: [
        {
          job: 'global-market',
          status: 'fresh',
          overdue_seconds: 0,
          last_run: { outcome: 'succeeded', reason: null },
        },
      ],
    })
    expect(after).toMatchObject({
      status: 'overdue',
      jobs: [
        { status: 'overdue', consecutive_failures: 1, last_run: { outcome: 'failed', reason: 'refused' } },
      ],
    })
  })

  it('calls a job overdue that has failed ever since it was first missed', async () => {
    const world = globalMarketWorld()
    await world.store.states.setMissingSince('global-market', world.clock.now())
    world.script(() => ({ status: 403, body: 'no' }))
    await world.tick(TICK)
    world.clock.advance(MINUTE)

    const { status, jobs } = json(await reader(world).get('/health'))

    expect(status).toBe('overdue')
    expect(jobs).toMatchObject([
      { status: 'overdue', overdue_seconds: 60, fresh_until: null, last_run: { reason: 'refused' } },
    ])
  })

  it('is 503 while the table is down', async () => {
    const world = globalMarketWorld()
    const down = {
      ...world.store,
      states: { ...world.store.states, get: () => Promise.reject(new Error('down')) },
    }

    const result = await reader(world, { store: down }).get('/health')

    expect(result).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } })
    expect(json(result).detail).toBe('The storage cannot be reached')
  })

  it('names the conditions of a job', async () => {
    const world = globalMarketWorld()
    const watched = { checkedUntil: 0, schedule: 'x', conditions: ['key-refused'] as const }
    await world.store.states.setWatchState('global-market', watched)

    expect(json(await reader(world).get('/health')).jobs).toMatchObject([{ conditions: ['key-refused'] }])
  })

  it('lists a job that has not run yet', async () => {
    expect(json(await reader(globalMarketWorld()).get('/health')).jobs).toEqual([
      {
        job: 'global-market',
        status: 'pending',
        overdue_seconds: 0,
        fresh_until: null,
        last_success_at: null,
        consecutive_failures: 0,
        conditions: [],
        last_run: null,
      },
    ])
  })
})
