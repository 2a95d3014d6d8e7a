import { describe, expect, test } from 'vitest'
import type { Route } from '#shared/declare/route.ts'
import { decompress } from '#shared/domain/codec.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { ReadPath } from '#shared/read/read-path.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import { notAvailable, type View } from '#shared/read/view.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { jsonOf } from '#test/fakes/world/clients.ts'

const START = Date.UTC(2026, 10, 20, 15)
const SECOND = 1_000
const HOUR = 3_600_000

/** The sum of all prices, as one answer from the whole set. */
const sum: View = async (_request, read) => {
  const set = await read.set()
  if (!set) return notAvailable(read.job)
  const prices = [...set.set.entries.values()].map(({ data }) => Number((data as { price: string }).price))
  const body = { data: { sum: prices.reduce((one, other) => one + other, 0) } }
  return { kind: 'value', from: set, compose: () => ({ body, times: set.times }) }
}

/** The request as the response. */
const echo: View = async ({ parameters, query, body }) => ({
  kind: 'now',
  status: 200,
  body: { parameters: { ...parameters }, page: query['page'] ?? null, body: body ?? null },
})

/** A response without stored data. */
const health: View = async ({ now }, { job, version }) => {
  const data = { status: 'ok', service: 'freshet', version }
  const body = envelopeOf(job.envelope).wrap(data, { asOf: now, fetchedAt: now, degraded: false })
  return { kind: 'now', status: 200, body }
}

/** How many members the set has right now. */
const count: View = async (_request, read) => ({
  kind: 'now',
  status: 200,
  body: (await read.set())?.set.entries.size ?? 0,
})

const route = (view: string, more: Partial<Route> = {}): Route => ({
  path: '/sum/{name}',
  about: 'a test',
  parameters: { name: { pattern: '[a-z]{1,5}', about: 'a name' } },
  query: { page: { pattern: '[1-9][0-9]?', about: 'a page' } },
  access: 'public',
  effect: 'read',
  cold: 'refuse',
  key: 'all',
  view,
  ...more,
})

async function shaped({ isPublished = true } = {}) {
  const world = pricesWorld('snapshot', symbolNames(3), START)
  const { job } = world.work
  let price = 5
  world.script(({ url }) => ({ status: 200, body: priceBody(url, price, world.clock.now()) }))
  if (isPublished) await world.run({ cause: 'operator' })
  world.events.length = 0
  const { clock, bus, log, store } = world.work.ports
  let isDown = false
  const unlessDown = async <T>(get: () => Promise<T>): Promise<T> => {
    if (isDown) throw new Error('the table is down')
    return get()
  }
  const cacheResults: string[] = []
  const answer = new ReadPath(
    {
      clock,
      bus,
      log,
      views: { [job.id]: { sum, echo, count, health } },
      counts: { add: (ending) => cacheResults.push(ending), addFallback: () => {} },
      store: {
        ...store,
        snapshots: {
          head: (...all) => unlessDown(() => store.snapshots.head(...all)),
          entries: (...all) => unlessDown(() => store.snapshots.entries(...all)),
        },
      },
    },
    '1.2.3',
  )
  const ask = (more: Partial<ReadRequest> = {}, of: Route = route('sum'), name = 'all') =>
    answer.read(job, of, { name }, { method: 'GET', path: '/sum/all', headers: {}, ...more })
  return {
    ...world,
    job,
    ask,
    cacheResults,
    tableIsDown: () => {
      isDown = true
    },
    pricesAre: (next: number) => {
      price = next
    },
  }
}

describe('an answer made from nothing stored', () => {
  test('has the deployed version, is not cached, and counts neither as a hit nor as a miss', async () => {
    const { ask, cacheResults, tableIsDown, events } = await shaped({ isPublished: false })
    tableIsDown()

    const result = await ask({}, route('health'))

    expect(jsonOf(result).data).toEqual({ status: 'ok', service: 'freshet', version: '1.2.3' })
    expect(result).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'no-store' } })
    expect([cacheResults, events]).toEqual([[], []])
  })
})

describe('an answer made from the stored set', () => {
  test('is labelled with the times of the set, and counted', async () => {
    const { ask, cacheResults, clock } = await shaped()
    clock.advance(7 * SECOND)

    const { statusCode, headers, ...answer } = await ask()

    expect([statusCode, jsonOf({ statusCode, headers, ...answer })]).toEqual([200, { data: { sum: 15 } }])
    expect(headers).toMatchObject({ age: '7', 'x-cache': 'HIT', 'content-type': 'application/json' })
    expect(headers['etag']).toMatch(/^W\/".+"$/)
    expect(cacheResults).toEqual(['fresh'])
  })

  test('keeps its entity tag while its body is the same, and has another one with another body', async () => {
    const { ask, clock, run, pricesAre } = await shaped()
    const tags: (string | undefined)[] = []
    const addTag = async () => tags.push((await ask()).headers['etag'])

    await addTag()
    clock.advance(10 * SECOND)
    await run({ cause: 'operator' })
    await addTag()
    pricesAre(6)
    clock.advance(10 * SECOND)
    await run({ cause: 'operator' })
    await addTag()

    expect(tags[1]).toBe(tags[0])
    expect(tags[2]).not.toBe(tags[0])
    expect((await ask()).headers['age']).toBe('0')
  })

  test('is 304 for its entity tag, and for HEAD has the headers alone', async () => {
    const { ask } = await shaped()
    const full = await ask()

    const same = await ask({ headers: { 'if-none-match': full.headers['etag'] ?? '' } })
    const other = await ask({ headers: { 'if-none-match': 'W/"other"' } })
    const head = await ask({ method: 'HEAD' })

    expect([same.statusCode, same.body, same.headers['etag']]).toEqual([304, '', full.headers['etag']])
    expect(other).toEqual(full)
    expect(head).toEqual({ ...full, body: '' })
  })

  test('is brotli for clients that accept it, with the same content', async () => {
    const { ask } = await shaped()

    const plain = await ask()
    const brotli = await ask({ headers: { 'accept-encoding': 'gzip, br' } })

    expect([plain.headers['content-encoding'], brotli.headers['content-encoding']]).toEqual([undefined, 'br'])
    expect(brotli.isBase64Encoded).toBe(true)
    expect(jsonOf(brotli)).toEqual(jsonOf(plain))
    expect(brotli.headers['vary']).toBe('Accept-Encoding')
  })

  test('without a cache is compressed for clients that accept it when it is long, and not when it is short', async () => {
    const { ask } = await shaped()
    const at = route('echo', { method: 'POST' })
    const takes = { method: 'POST', headers: { 'accept-encoding': 'br' } }
    const long = JSON.stringify({ text: 'abc'.repeat(4_000) })

    const plain = await ask({ ...takes, headers: {}, body: long }, at)
    const brotli = await ask({ ...takes, body: long }, at)
    const short = await ask({ ...takes, body: '{}' }, at)

    const unpacked = decompress(Buffer.from(brotli.body, 'base64')).toString('utf8')
    expect(brotli).toMatchObject({
      isBase64Encoded: true,
      headers: { 'content-encoding': 'br', vary: 'Accept-Encoding' },
    })
    expect(unpacked).toBe(plain.body)
    expect(brotli.body.length).toBeLessThan(0.3 * plain.body.length)
    expect(short).toMatchObject({ isBase64Encoded: false })
  })

  test('that is stale has its label and requests one refresh; one that is gone is 503', async () => {
    const { ask, clock, events, job, cacheResults } = await shaped()
    const { freshForMs, serveStaleForMs } = job.freshness

    clock.advance(freshForMs)
    const stale = await ask()
    await ask()
    clock.advance(serveStaleForMs)
    const gone = await ask()

    expect([stale.statusCode, stale.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(events).toEqual([{ type: 'refresh.requested', detail: { job: job.id, cause: 'stale-read' } }])
    expect([gone.statusCode, gone.headers['retry-after']]).toEqual([503, '60'])
    expect(cacheResults).toEqual(['stale', 'stale', 'cold'])
  })

  test('that an operator marks as stale is stale, although nothing else of it has changed', async () => {
    const { ask, clock, store, job } = await shaped()
    const before = await ask()

    clock.advance(6 * SECOND)
    await store.snapshots.invalidate(job.id, SNAPSHOT_KEY, clock.now())
    const after = await ask()

    expect([before.headers['x-cache'], after.headers['x-cache']]).toEqual(['HIT', 'STALE'])
    expect(after.headers['etag']).toBe(before.headers['etag'])
  })

  test('comes from the copy, marked, while the table is down; without a copy it is 503', async () => {
    const one = await shaped()
    const other = await shaped()
    await one.ask()
    for (const { clock, tableIsDown } of [one, other]) {
      clock.advance(10 * SECOND)
      tableIsDown()
    }

    const copy = await one.ask()
    const none = await other.ask()

    expect([copy.statusCode, copy.headers['cache-status'], jsonOf(copy)]).toEqual([
      200,
      'freshet; hit; detail=table-unavailable',
      { data: { sum: 15 } },
    ])
    expect([none.statusCode, none.headers['retry-after']]).toEqual([503, '30'])
    expect(none.body).not.toContain('the table is down')
    expect(one.events).toEqual([])
  })

  test('is 503 while nothing is stored, without a request for a run', async () => {
    const { ask, calls, events, cacheResults } = await shaped({ isPublished: false })

    const { statusCode, headers } = await ask()

    expect([statusCode, headers['retry-after'], cacheResults]).toEqual([503, '60', ['cold']])
    expect([calls, events]).toEqual([[], []])
  })
})

describe('a request for a shaped answer', () => {
  test.each<[number, ReadRequest['query'], string]>([
    [200, { page: '1' }, 'all'],
    [200, { page: '99' }, 'all'],
    [200, { other: 'x'.repeat(10_000) }, 'all'],
    [400, { page: '0' }, 'all'],
    [400, { page: '100' }, 'all'],
    [400, { page: '' }, 'all'],
    [400, { page: '1\n' }, 'all'],
    [400, { page: '1,2' }, 'all'],
    [400, {}, 'toolong'],
    [400, {}, 'a/b'],
    [400, {}, 'ALL'],
  ])('is answered with %i to the query %j of the name %j', async (status, query, name) => {
    const { ask } = await shaped()

    const { statusCode } = await ask({ query }, route('echo'), name)

    expect(statusCode).toBe(status)
  })

  test.each<[number, string, string | undefined]>([
    [200, 'an object', '{"a":[1]}'],
    [200, 'as large as allowed', '{}'.padEnd(32 * 1_024)],
    [413, 'a byte too large', '{}'.padEnd(32 * 1_024 + 1)],
    [413, 'too large in bytes, not in characters', `"${'é'.repeat(16 * 1_024)}"`],
    [400, 'cut short', '{"a":'],
    [400, 'empty', ''],
    [400, 'not there', undefined],
  ])('by POST is answered with %i when its body is %s', async (status, _, body) => {
    const { ask } = await shaped()

    const answer = await ask({ method: 'POST', body }, route('echo', { method: 'POST' }))

    expect(answer.statusCode).toBe(status)
    if (status === 200) expect(jsonOf(answer).body).toEqual(JSON.parse(body ?? ''))
  })

  test('that demands a live value is refused, whatever the view', async () => {
    const { ask } = await shaped()

    const { statusCode } = await ask({ query: { source: 'live' } }, route('echo'))

    expect(statusCode).toBe(403)
  })

  test('without a cache is stored by no other cache; its HEAD has no body', async () => {
    const { ask } = await shaped()

    const got = await ask({}, route('echo'))
    const head = await ask({ method: 'HEAD' }, route('echo'))

    expect(got.headers['cache-control']).toBe('no-store')
    expect(head).toEqual({ ...got, body: '' })
  })

  test('without a cache has no age, has its data source, and does not count in the hit ratio', async () => {
    const { ask, cacheResults } = await shaped()

    const ofData = await ask({}, route('count'))
    const ofNone = await ask({}, route('echo'))

    expect(ofData.headers).toMatchObject({
      age: '0',
      'x-cache': 'HIT',
      'x-data-source': 'live',
      'x-content-type-options': 'nosniff',
    })
    // no copy of it can be current
    for (const name of ['etag', 'last-modified']) expect(ofData.headers).not.toHaveProperty(name)
    expect(ofNone.headers).toMatchObject({ age: '0', 'x-cache': 'HIT' })
    expect(ofNone.headers).not.toHaveProperty('x-data-source')
    expect(cacheResults).toEqual([])
  })

  test('of a route with an unknown view fails as a defect that names it', async () => {
    const { ask } = await shaped()

    await expect(ask({}, route('unknown'))).rejects.toThrow(/unknown view unknown/)
  })

  test('gets history that has not expired, and nothing else of the past', async () => {
    const world = pricesWorld('snapshot', symbolNames(1), START)
    const { job, ports } = world.work
    const rows = [
      { kind: 'prices', entity: 'S000', at: START - HOUR, data: { at: 'kept' }, expiresAt: START + 1 },
      { kind: 'prices', entity: 'S000', at: START - 2 * HOUR, data: { at: 'gone' }, expiresAt: START },
    ]
    await world.store.history.put(job.id, rows)
    const past: View = async ({ now }, read) => {
      const history = await read.history('prices', 'S000', { from: 0, to: now, limit: 10 })
      return { kind: 'now', status: 200, body: history.map(({ data }) => data) }
    }
    const answer = new ReadPath(
      {
        ...ports,
        views: { [job.id]: { past } },
        counts: { add: () => {}, addFallback: () => {} },
      },
      '0.0.0',
    )

    const result = await answer.read(
      job,
      route('past'),
      { name: 'all' },
      { method: 'GET', path: '/', headers: {} },
    )

    expect([world.store.memory.history.size, jsonOf(result)]).toEqual([2, [{ at: 'kept' }]])
  })
})
