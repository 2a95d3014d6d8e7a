import { describe, expect, it } from 'vitest'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { reader } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
const INTERVAL = 5 * MINUTE
const T0 = Date.UTC(2026, 10, 20, 12, 1)

const freshness = {
  freshFor: '10 minutes',
  serveStaleFor: '6 hours',
  keepFor: '2 days',
  maxAsOfAge: '12 minutes',
} as const

/** Symbols whose source time is that of the clock, or stands still from `T0` on. */
function stoppingSource(stored: 'items' | 'snapshot', stopped: readonly string[]) {
  const world = pricesWorld(stored, ['AAA', 'BBB'], T0, { change: { freshness } })
  world.script(({ url }) => {
    const at = stopped.includes(url.searchParams.get('symbol') ?? '') ? T0 : world.clock.now()
    return { status: 200, body: priceBody(url, 10, at) }
  })
  const path = stored === 'items' ? '/test/prices/AAA' : '/test/prices'
  const label = async () => (await reader(world).get(path)).headers['x-cache']
  const state = () => world.store.states.get(`prices-${stored}`)
  return { ...world, label, state }
}

describe('a source whose own time stands still', () => {
  it.each(['items', 'snapshot'] as const)(
    'does not make data of %s fresh by confirming them beyond maxAsOfAge',
    async (stored) => {
      const { tick, clock, label, state, events } = stoppingSource(stored, ['AAA', 'BBB'])
      await tick(T0)
      await tick(T0 + INTERVAL)
      const early = await label()
      await tick(T0 + 2 * INTERVAL)
      clock.advance(2 * MINUTE)
      events.length = 0

      const late = await label()

      expect([early, late]).toEqual(['HIT', 'STALE'])
      expect((await state()).freshUntil).toBe(T0 + 12 * MINUTE)
      // the last check is recent: asking the source again would not help
      expect(events).toEqual([])
    },
  )

  it('does not make the whole job overdue when another key has recent data', async () => {
    const { tick, label, state } = stoppingSource('items', ['AAA'])
    await tick(T0)
    for (let at = T0 + INTERVAL; at <= T0 + 4 * INTERVAL; at += INTERVAL) await tick(at)

    expect(await label()).toBe('STALE')
    expect((await state()).freshUntil).toBe(T0 + 4 * INTERVAL + 10 * MINUTE)
  })

  it('limits each entry of a set by its own time, and the head by the newest', async () => {
    const { tick, store } = stoppingSource('snapshot', ['AAA'])
    await tick(T0)
    await tick(T0 + INTERVAL)

    const head = await store.snapshots.head('prices-snapshot', 'all')

    expect(head).toMatchObject({
      freshUntil: T0 + INTERVAL + 10 * MINUTE,
      ageLimit: { freshForMs: 10 * MINUTE, maxAsOfAgeMs: 12 * MINUTE },
    })
  })

  it('is fresh again with the first newer time, also of an equal payload', async () => {
    const world = pricesWorld('items', ['AAA'], T0, { change: { freshness } })
    world.work.refresh.item = (value) => ({ data: { price: value.price }, asOf: value.at, degraded: false })
    let at = T0
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 10, at) }))
    await world.tick(T0)
    at = T0 + 2 * INTERVAL
    await world.tick(at)

    const item = await world.store.items.get('prices-items', 'AAA')

    expect(item).toMatchObject({ asOf: at, freshUntil: at + 10 * MINUTE })
  })
})

describe('history of items', () => {
  const withHistory = (kind: string) => {
    const world = pricesWorld('items', ['AAA'], T0, { change: { history: { prices: '30 days' } } })
    world.work.refresh.item = (value) => ({
      data: { ...value },
      asOf: value.at,
      degraded: false,
      history: [{ kind, entity: value.symbol, at: value.at, data: { price: value.price } }],
    })
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 10, T0) }))
    return world
  }

  it('is written before the item, under keys that a repetition writes again', async () => {
    const world = withHistory('prices')

    await world.tick(T0)
    await world.tick(T0 + INTERVAL)

    const rows = await world.store.history.list('prices-items', 'prices', 'AAA', {
      from: 0,
      to: T0,
      limit: 9,
    })
    expect(rows).toEqual([
      { kind: 'prices', entity: 'AAA', at: T0, data: { price: '10' }, expiresAt: T0 + 30 * 86_400_000 },
    ])
  })

  it('of a kind that is not declared fails the key, and nothing is published', async () => {
    const world = withHistory('other')

    const run = await world.tick(T0)

    expect(run).toMatchObject({
      status: 'failed',
      reason: 'defect',
      message: 'expected history of a declared kind (prices), got other',
    })
    expect(await world.store.items.get('prices-items', 'AAA')).toBeUndefined()
  })
})
