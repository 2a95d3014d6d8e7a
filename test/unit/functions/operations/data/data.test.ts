import { describe, expect, it } from 'vitest'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { operator, reader } from '#test/fakes/world/clients.ts'

const SECOND = 1_000
const FIRST = Date.UTC(2026, 10, 20, 12, 1)

async function published(stored: 'items' | 'snapshot') {
  const world = pricesWorld(stored, symbolNames(12), FIRST)
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, FIRST) }))
  await world.tick(FIRST)
  world.events.length = 0
  world.clock.advance(10 * SECOND)
  return world
}

describe('an invalidation', () => {
  it.each([
    [{ key: 'S003' }, 1],
    [{ prefix: 'S00' }, 10],
    [{ prefix: 'X' }, 0],
    [{ all: true }, 12],
  ])('of %j marks data as stale, and reads are still answered', async (which, invalidated) => {
    const world = await published('items')
    const { post, audits } = operator(world)

    const answer = await post('/v1/jobs/prices-items/invalidate', which)

    const stale = [...world.store.memory.items.values()].filter((item) => item.invalidatedAt !== undefined)
    const read = await reader(world).get('/test/prices/S003')
    expect(answer).toMatchObject({ status: 200, body: { job: 'prices-items', invalidated } })
    expect(stale).toHaveLength(invalidated)
    expect(read).toMatchObject({
      statusCode: 200,
      headers: { 'x-cache': invalidated > 0 ? 'STALE' : 'HIT' },
    })
    expect(audits().map(({ action }) => action)).toEqual(['invalidate'])
  })

  it('of a set marks the whole set', async () => {
    const world = await published('snapshot')
    const { post } = operator(world)

    const answer = await post('/v1/jobs/prices-snapshot/invalidate', { all: true })
    const read = await reader(world).get('/test/prices')

    expect(answer.body).toMatchObject({ invalidated: 1 })
    expect(read).toMatchObject({ statusCode: 200, headers: { 'x-cache': 'STALE' } })
  })

  it.each([
    ['items', { all: true }],
    ['items', { prefix: 'S' }],
    ['snapshot', { all: true }],
  ] as const)(
    'of all data of %s makes the public state agree with what readers get',
    async (stored, which) => {
      const world = await published(stored)
      const { get, post } = operator(world)
      const at = world.clock.now()
      const readers = reader(world)

      await post(`/v1/jobs/prices-${stored}/invalidate`, which)
      world.clock.advance(7 * SECOND)

      const health = JSON.parse((await readers.get('/health')).body).jobs[0]
      const job = (await get(`/v1/jobs/prices-${stored}`)).body
      expect(health).toMatchObject({ status: 'overdue', overdue_seconds: 7 })
      expect(job).toMatchObject({ state: 'overdue', overdue_seconds: 7 })
      expect([health, job].map((state) => Date.parse(state.fresh_until))).toEqual([at, at])

      await world.run({ cause: 'operator' })

      expect((await get(`/v1/jobs/prices-${stored}`)).body).toMatchObject({
        state: 'fresh',
        overdue_seconds: 0,
      })
    },
  )

  it('of one key of many leaves the public state: its readers refresh it', async () => {
    const world = await published('items')
    const { get, post } = operator(world)

    await post('/v1/jobs/prices-items/invalidate', { key: 'S003' })

    expect((await get('/v1/jobs/prices-items')).body).toMatchObject({ state: 'fresh' })
  })

  it('is not ended by a run that began before it', async () => {
    const world = await published('items')
    const { get, post } = operator(world)
    let isInvalidated = false
    world.script(async ({ url }) => {
      if (!isInvalidated) {
        isInvalidated = true
        world.clock.advance(SECOND)
        await post('/v1/jobs/prices-items/invalidate', { all: true })
      }
      return { status: 200, body: priceBody(url, 1, FIRST) }
    })

    await world.run({ cause: 'operator' })

    expect((await get('/v1/jobs/prices-items')).body).toMatchObject({ state: 'overdue' })
  })

  it('does not mark data that were checked later', async () => {
    const world = await published('items')
    world.clock.advance(-10 * SECOND)

    const answer = await operator(world).post('/v1/jobs/prices-items/invalidate', { all: true })

    expect(answer.body).toMatchObject({ invalidated: 0 })
  })

  it.each([
    [{}, 'expected exactly one of key, prefix and all: true'],
    [{ key: 'S001', all: true }, 'expected exactly one of key, prefix and all: true'],
    [{ all: false }, 'all: expected true, got false'],
    [{ prefix: '' }, 'prefix: expected a prefix of 1 to 256 characters, got ""'],
    [
      { key: 'nothing' },
      'key: expected one that a route of prices-items reads, of the form {symbol}; got "nothing"',
    ],
  ])('is rejected for %j', async (body, detail) => {
    const world = await published('items')

    const answer = await operator(world).post('/v1/jobs/prices-items/invalidate', body)

    expect(answer).toMatchObject({ status: 400, body: { detail } })
    expect(world.store.memory.audits).toEqual([])
  })

  it('that fails for some keys is applied to the others, with the counts', async () => {
    const world = await published('items')
    const items: typeof world.store.items = {
      ...world.store.items,
      invalidate: (job, key, at) =>
        key === 'S005' ? Promise.reject(new Error('throttled')) : world.store.items.invalidate(job, key, at),
    }
    const { post, audits } = operator(world, { store: { ...world.store, items } })

    const answer = await post('/v1/jobs/prices-items/invalidate', { all: true })

    expect(answer).toMatchObject({ status: 503, body: { invalidated: 11, failed: 1 } })
    expect(audits().map(({ action }) => action)).toEqual(['invalidate', 'invalidate-failed'])
  })
})

describe('a purge', () => {
  const confirm = 'prices-items'

  it('of one key deletes it: reads lose it after their cache of five seconds, other keys stay', async () => {
    const world = await published('items')
    const { get } = reader(world)
    const before = await get('/test/prices/S003')

    const answer = await operator(world).post('/v1/jobs/prices-items/purge', { key: 'S003', confirm })
    world.clock.advance(6 * SECOND)
    const after = await get('/test/prices/S003')
    const other = await get('/test/prices/S004')

    expect(answer).toMatchObject({
      status: 200,
      body: { job: confirm, purged: { items: 1, rejected: 0, history: 0 } },
    })
    expect([before, after, other].map(({ statusCode }) => statusCode)).toEqual([200, 503, 200])
    expect(await world.store.keys.list('prices-items')).toHaveLength(11)
  })

  it('of all deletes items, rejected bodies and keys, and the next run publishes again', async () => {
    const world = await published('items')
    world.script(({ url }) => ({ status: 200, body: { ...priceBody(url, 1, FIRST), symbol: 'OTHER' } }))
    await world.run({ cause: 'operator', event: { id: 'x', at: FIRST } })
    const { post, audits } = operator(world)

    const answer = await post('/v1/jobs/prices-items/purge', { all: true, confirm })
    const { memory } = world.store
    const left = [memory.items.size, memory.rejected.size, (await world.store.keys.list(confirm)).length]
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, FIRST) }))
    const next = await world.run({ cause: 'operator', event: { id: 'y', at: FIRST } })

    expect(answer.body.purged).toEqual({ items: 12, rejected: 12, history: 0 })
    expect(left).toEqual([0, 0, 0])
    expect(next).toMatchObject({ status: 'succeeded', counts: { published: 12 } })
    expect(audits().map(({ action }) => action)).toEqual(['purge'])
  })

  it('of a set deletes the whole set', async () => {
    const world = await published('snapshot')
    const { get } = reader(world)
    const before = await get('/test/prices')

    const answer = await operator(world).post('/v1/jobs/prices-snapshot/purge', {
      all: true,
      confirm: 'prices-snapshot',
    })
    world.clock.advance(6 * SECOND)
    const after = await get('/test/prices')

    expect(answer.body.purged).toEqual({ items: 12, rejected: 0, history: 0 })
    expect([before.statusCode, after.statusCode]).toEqual([200, 503])
  })

  it('is rejected during a run, which would publish old data again', async () => {
    const world = await published('snapshot')
    const { post, audits } = operator(world)
    let answer: Awaited<ReturnType<typeof post>> | undefined
    world.script(async ({ url }) => {
      answer ??= await post('/v1/jobs/prices-snapshot/purge', { all: true, confirm: 'prices-snapshot' })
      return { status: 200, body: priceBody(url, 2, FIRST) }
    })
    const { id } = await world.tick(FIRST + 300 * SECOND)

    expect(answer).toMatchObject({ status: 409, body: { detail: 'Job is already running', run_id: id } })
    expect(audits()).toEqual([])
  })

  it.each([
    [{ all: true }, 'confirm: expected "prices-items", got nothing'],
    [{ all: true, confirm: 'prices_items' }, 'confirm: expected "prices-items", got "prices_items"'],
    [{ all: true, confirm: true }, 'confirm: expected "prices-items", got true'],
    [{ confirm }, 'expected exactly one of key and all: true'],
  ])('is rejected without key or all, or without the confirmation: %j', async (body, detail) => {
    const world = await published('items')

    const answer = await operator(world).post('/v1/jobs/prices-items/purge', body)

    expect(answer).toMatchObject({ status: 400, body: { detail } })
    expect(world.store.memory.items.size).toBe(12)
    expect(world.store.memory.audits).toEqual([])
  })
})

describe('rejected bodies', () => {
  it('are listed newest first, with the reason, until they expire', async () => {
    const world = await published('items')
    world.script(({ url }) => ({ status: 200, body: { ...priceBody(url, 1, FIRST), symbol: 'OTHER' } }))
    const { id } = await world.run({ cause: 'operator', event: { id: 'x', at: FIRST } })
    const { get } = operator(world)

    const { body } = await get('/v1/jobs/prices-items/rejected?limit=3')
    world.clock.advance(8 * 86_400 * SECOND)
    const later = await get('/v1/jobs/prices-items/rejected')

    expect(body).toMatchObject({ job: 'prices-items', count: 12 })
    expect(body.rejected).toHaveLength(3)
    expect(body.rejected[0]).toMatchObject({
      run_id: id,
      reason: 'rejected',
      message: expect.stringMatching(/^expected the price of S\d{3}, got that of OTHER$/),
      body: expect.stringContaining('OTHER'),
    })
    expect(later.body).toEqual({ job: 'prices-items', count: 0, rejected: [] })
  })
})
