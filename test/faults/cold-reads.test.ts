import { describe, expect, test, vi } from 'vitest'
import { hamaReader, hamaWorld } from '#test/fakes/jobs/hama.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { reader } from '#test/fakes/world/clients.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const SECOND = 1_000
const READERS = 10_000
const PATH = '/test/prices/S001'

/** A world without data, its provider ready, whose table counts the looks. */
function cold() {
  const world = pricesWorld('items', symbolNames(3), T0)
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 10, T0) }))
  const get = vi.fn(world.store.items.get)
  const store = { ...world.store, items: { ...world.store.items, get } }
  return { world, process: () => reader(world, { store }), tableReads: () => get.mock.calls.length }
}

describe('ten thousand readers of one cold key', () => {
  test('of one process request one refresh, share its polls of the table, and all get the value (F52)', async () => {
    const { world, process, tableReads } = cold()
    const { get, deliver } = process()

    const waiting = Array.from({ length: READERS }, () => get(PATH))
    await new Promise(setImmediate)
    const eventsBefore = world.events.length
    await deliver()
    const answers = await Promise.all(waiting)
    const later = await Promise.all(Array.from({ length: READERS }, () => get(PATH)))

    expect(new Set([...answers, ...later].map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    expect([eventsBefore, world.calls.length]).toEqual([1, 1])
    expect(tableReads()).toBe(3)
  })

  test('of one process, with a silent provider, poll the table twenty times in their wait (F52)', async () => {
    const { world, process, tableReads } = cold()
    const { get } = process()

    const answers = await Promise.all(Array.from({ length: READERS }, () => get(PATH)))

    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([503]))
    expect(world.clock.now() - T0).toBe(8 * SECOND)
    expect(world.events).toHaveLength(1)
    expect(tableReads()).toBeLessThanOrEqual(22)
  })

  test('of a hundred processes that each request a refresh cost one call of the provider (F52)', async () => {
    const { world, process } = cold()
    const waiting = Array.from({ length: 100 }, () => process().get(PATH))
    await new Promise(setImmediate)
    const requests = world.events.splice(0)

    const runs = await Promise.all(
      requests.map((_, index) =>
        world.run({ cause: 'cold-read', key: 'S001', event: { id: `event-${index}`, at: T0 } }),
      ),
    )
    const answers = await Promise.all(waiting)

    expect(requests).toHaveLength(100)
    expect(world.calls).toHaveLength(1)
    expect(runs.filter(({ status }) => status === 'succeeded')).toHaveLength(1)
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
  })

  test('of one symbol that is not analysed yet cost one call of the exchange and three polls (F52)', async () => {
    const base = await hamaWorld()
    const symbol = 'BTCUSDT'
    const get = vi.fn(base.store.items.get)
    const { raw } = hamaReader(base, { store: { ...base.store, items: { ...base.store.items, get } } })
    const body = JSON.stringify({ symbol })

    const answers = await Promise.all(
      Array.from({ length: READERS }, () => raw('POST', '/analyze-symbol', body)),
    )

    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    expect(base.calls).toHaveLength(1)
    expect(get.mock.calls.length).toBeLessThanOrEqual(3)
  })

  test('of a symbol that the exchange does not list poll the table once a second and request no refresh (F52)', async () => {
    const base = await hamaWorld()
    const get = vi.fn(base.store.items.get)
    const { raw } = hamaReader(base, { store: { ...base.store, items: { ...base.store.items, get } } })

    const statuses = new Set<number>()
    for (let read = 0; read < READERS; read += 1)
      statuses.add((await raw('POST', '/analyze-symbol', '{"symbol":"NOTACOIN"}')).statusCode)
    const burst = get.mock.calls.length
    base.clock.advance(SECOND)
    await raw('POST', '/analyze-symbol', '{"symbol":"NOTACOIN"}')

    expect(statuses).toEqual(new Set([404]))
    expect([burst, get.mock.calls.length]).toEqual([1, 2])
    expect([base.calls, base.events]).toEqual([[], []])
  })

  test('of a set without waiting readers poll the table once a second, one after the other (F52)', async () => {
    const world = pricesWorld('snapshot', symbolNames(3), T0)
    const head = vi.fn(world.store.snapshots.head)
    const store = { ...world.store, snapshots: { ...world.store.snapshots, head } }
    const { get } = reader(world, { store })

    const statuses = new Set<number>()
    for (let read = 0; read < READERS; read += 1) statuses.add((await get('/test/prices')).statusCode)
    const burst = head.mock.calls.length
    world.clock.advance(SECOND)
    await get('/test/prices')

    expect(statuses).toEqual(new Set([503]))
    expect([burst, head.mock.calls.length]).toEqual([1, 2])
    expect(world.events).toEqual([])
  })
})

describe('a reader of a cold key', () => {
  test.each<[string, (world: ReturnType<typeof cold>['world']) => Promise<void> | void]>([
    ['has failed', (world) => world.script(() => ({ status: 500, body: 'no' }))],
    [
      'was skipped for a cool-down',
      async (world) => {
        world.script(() => ({ status: 429, body: 'no', headers: { 'retry-after': '600' } }))
        await world.run({ cause: 'operator', key: 'S002' })
      },
    ],
  ])(
    'is answered 503 with Retry-After as soon as its refresh %s, not after eight seconds (F52)',
    async (_, arrange) => {
      const { world, process } = cold()
      await arrange(world)
      const { get, deliver } = process()
      const start = world.clock.now()
      let answeredAt = Number.POSITIVE_INFINITY

      const waiting = get(PATH).then((answer) => {
        answeredAt = world.clock.now()
        return answer
      })
      await new Promise(setImmediate)
      await deliver()
      const endedAt = world.clock.now()
      const answer = await waiting

      expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } })
      expect(answeredAt - Math.max(start, endedAt)).toBeLessThanOrEqual(500)
      expect(answeredAt - start).toBeLessThan(8 * SECOND)
    },
  )

  test('still waits for another run of the same key when its own was skipped for the overlap', async () => {
    const { world, process } = cold()
    await world.store.states.acquire(
      'prices-items',
      { kind: 'key', key: 'S001' },
      { owner: 'x', until: T0 + 60_000 },
      T0,
    )
    const { get, deliver } = process()

    const waiting = get(PATH)
    await new Promise(setImmediate)
    await deliver()
    await world.store.states.release('prices-items', { kind: 'key', key: 'S001' }, 'x', undefined)
    await world.run({ cause: 'operator', key: 'S001' })

    expect((await waiting).statusCode).toBe(200)
  })
})
