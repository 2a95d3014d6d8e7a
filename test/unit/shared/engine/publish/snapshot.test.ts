import { describe, expect, it } from 'vitest'
import type { Store } from '#shared/domain/ports/store.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const JOB = 'prices-snapshot'

const priced =
  (at: number, price = 10) =>
  ({ url }: { url: URL }): Reply => ({ status: 200, body: priceBody(url, price, at) })

async function set(store: Store) {
  const head = await store.snapshots.head(JOB, 'all')
  const entries = head && (await store.snapshots.entries(JOB, head))
  return { head, entries: new Map(entries?.map((entry) => [entry.key, entry])) }
}

describe('a run of a set stored as a snapshot', () => {
  it('publishes the whole set under one head', async () => {
    const world = pricesWorld('snapshot', symbolNames(30), T0)
    world.script(priced(T0))

    const run = await world.tick(T0)

    const { head, entries } = await set(world.store)
    expect(run).toMatchObject({ status: 'succeeded', counts: { planned: 30, published: 30 } })
    expect(head).toMatchObject({
      count: 30,
      fence: 1,
      runId: run.id,
      degraded: false,
      freshUntil: T0 + 10 * MINUTE,
    })
    expect(JSON.parse(entries.get('S029')?.body ?? '')).toEqual({ symbol: 'S029', price: '10', at: T0 })
  })

  it('carries a failed entry forward untouched, with its own times', async () => {
    const world = pricesWorld('snapshot', symbolNames(3), T0)
    world.script(priced(T0))
    await world.tick(T0)
    const before = (await set(world.store)).entries.get('S001')
    const next = T0 + 5 * MINUTE
    world.script((request) =>
      request.url.search.includes('S001') ? { status: 404, body: '{}' } : priced(next, 11)(request),
    )

    const run = await world.tick(next)

    const { head, entries } = await set(world.store)
    expect(run).toMatchObject({ status: 'partial', counts: { published: 2, failed: 1 } })
    expect(entries.get('S001')).toEqual(before)
    expect(entries.get('S002')).toMatchObject({ checkedAt: next, fetchedAt: next })
    expect(head).toMatchObject({ fence: 2, degraded: true, count: 3 })
    expect((await world.store.states.get(JOB)).freshUntil).toBe(T0 + 10 * MINUTE)
  })

  it('keeps the old set when everything fails', async () => {
    const world = pricesWorld('snapshot', symbolNames(3), T0)
    world.script(priced(T0))
    await world.tick(T0)
    const before = await set(world.store)
    world.script(() => ({ status: 404, body: '{}' }))

    expect(await world.tick(T0 + 5 * MINUTE)).toMatchObject({ status: 'failed' })
    expect(await set(world.store)).toEqual(before)
  })

  it('confirms an equal set without new pages, and every entry with it', async () => {
    const world = pricesWorld('snapshot', symbolNames(3), T0)
    world.script(priced(T0))
    await world.tick(T0)
    const pages = world.store.memory.pages.size

    const run = await world.tick(T0 + 5 * MINUTE)
    world.script((request) =>
      request.url.search.includes('S001')
        ? { status: 404, body: '{}' }
        : priced(T0 + 10 * MINUTE, 11)(request),
    )
    const { head } = await set(world.store)
    const afterConfirm = world.store.memory.pages.size
    await world.tick(T0 + 10 * MINUTE)

    expect(run).toMatchObject({ status: 'unchanged', counts: { unchanged: 3 } })
    expect(head).toMatchObject({ fetchedAt: T0, checkedAt: T0 + 5 * MINUTE, confirmedAt: T0 + 5 * MINUTE })
    expect(afterConfirm).toBe(pages)
    expect((await set(world.store)).entries.get('S001')).toMatchObject({
      fetchedAt: T0,
      checkedAt: T0 + 5 * MINUTE,
    })
  })

  it('rewrites pages that cannot be read, though every entry is the same', async () => {
    const world = pricesWorld('snapshot', symbolNames(3), T0)
    world.script(priced(T0))
    await world.tick(T0)
    world.store.memory.pages.clear()

    await world.tick(T0 + 5 * MINUTE)

    expect((await set(world.store)).entries.size).toBe(3)
  })

  it('rewrites pages when under half of their life is left', async () => {
    const world = pricesWorld('snapshot', symbolNames(3), T0)
    world.script(priced(T0))
    await world.tick(T0)
    const young = (await set(world.store)).head

    const halfLife = T0 + 2 * DAY
    for (let at = T0 + 5 * HOUR; at < halfLife; at += 5 * HOUR) await world.tick(at)
    const confirmed = (await set(world.store)).head
    await world.tick(halfLife)

    const rewritten = (await set(world.store)).head
    expect(confirmed?.version).toBe(young?.version)
    expect(rewritten?.version).not.toBe(young?.version)
    expect(rewritten?.pagesUntil).toBe(halfLife + 4 * DAY)
  })

  it('drops an entry that could not be refreshed for too long, and keeps the others (I2)', async () => {
    const world = pricesWorld('snapshot', symbolNames(2), T0)
    world.script(priced(T0))
    await world.tick(T0)
    world.script((request) =>
      request.url.search.includes('S001') ? { status: 404, body: '{}' } : priced(T0 + HOUR)(request),
    )

    await world.tick(T0 + 6 * HOUR - 1)
    const kept = [...(await set(world.store)).entries.keys()]
    await world.tick(T0 + 6 * HOUR)

    expect(kept).toEqual(['S000', 'S001'])
    expect([...(await set(world.store)).entries.keys()]).toEqual(['S000'])
  })

  it('validates each entry against the stored one: a rejected value is never published (I2)', async () => {
    const world = pricesWorld('snapshot', ['AAA', 'BBB'], T0)
    world.work.refresh.accept = (value, { previous }) => {
      const before = previous && Number((previous.data as { price: string }).price)
      return before === undefined || Number(value.price) < 2 * before
        ? { accepted: true }
        : { accepted: false, message: `expected less than twice ${before}` }
    }
    world.script(priced(T0, 10))
    await world.tick(T0)
    world.script((request) => priced(T0 + MINUTE, request.url.search.includes('AAA') ? 20 : 11)(request))

    const run = await world.tick(T0 + 5 * MINUTE)

    const { entries } = await set(world.store)
    expect(run).toMatchObject({
      status: 'partial',
      reason: 'rejected',
      message: 'expected less than twice 10',
    })
    expect(JSON.parse(entries.get('AAA')?.body ?? '')).toMatchObject({ price: '10' })
    expect(JSON.parse(entries.get('BBB')?.body ?? '')).toMatchObject({ price: '11' })
  })

  it('drops keys that left the plan', async () => {
    const symbols = symbolNames(3)
    const world = pricesWorld('snapshot', symbols, T0)
    world.script(priced(T0))
    await world.tick(T0)
    symbols.pop()

    await world.tick(T0 + 5 * MINUTE)

    expect([...(await set(world.store)).entries.keys()]).toEqual(['S000', 'S001'])
  })

  it('does not let an entry’s source time go back', async () => {
    const world = pricesWorld('snapshot', ['AAA'], T0)
    world.script(priced(T0, 10))
    await world.tick(T0)
    world.script(priced(T0 - MINUTE, 9))

    const run = await world.tick(T0 + 5 * MINUTE)

    expect(run.status).toBe('unchanged')
    const { entries } = await set(world.store)
    expect(entries.get('AAA')).toMatchObject({ asOf: T0, checkedAt: T0 })
    expect((await set(world.store)).head?.confirmedAt).toBeUndefined()
  })

  it('is never written by a run of one key: the other members would be lost', async () => {
    const world = pricesWorld('snapshot', symbolNames(3), T0)
    world.script(priced(T0))
    await world.tick(T0)
    const before = await set(world.store)

    const run = await world.run({ cause: 'operator', key: 'S001', event: { id: 'e', at: T0 } })

    expect(run).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    expect(await set(world.store)).toEqual(before)
    expect(world.calls).toHaveLength(3)
  })

  it('is not fetched again when it was refreshed since a reader requested it', async () => {
    const world = pricesWorld('snapshot', symbolNames(3), T0)
    world.script(priced(T0))
    await world.tick(T0 + 1_000)
    const event = { id: 'e', at: T0 }

    const wish = await world.run({ cause: 'stale-read', event })
    const order = await world.run({ cause: 'operator', event })

    expect(wish).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    expect(order.status).toBe('unchanged')
    expect(world.calls).toHaveLength(6)
  })

  it('is not advanced by answers that are all older than the stored set', async () => {
    const world = pricesWorld('snapshot', ['AAA'], T0)
    world.script(priced(T0))
    await world.tick(T0)
    const before = await set(world.store)
    world.script(priced(T0 - MINUTE))

    await world.tick(T0 + 5 * MINUTE)

    expect(await set(world.store)).toEqual(before)
    expect((await world.store.states.get(JOB)).freshUntil).toBe(before.head?.freshUntil)
  })

  it('keeps the entries that a slower, older run published during its fetch: no source time goes back (I1)', async () => {
    const world = pricesWorld('snapshot', ['AAA', 'BBB'], T0)
    world.script(priced(T0))
    await world.tick(T0)
    const frozen = Promise.withResolvers<void>()
    const { publish } = world.store.snapshots
    const older = freeze(world.store, frozen.promise)
    world.script(priced(T0 + MINUTE, 11))
    world.clock.advance(5 * MINUTE)
    const slow = world.run({ cause: 'tick', tick: T0 + 5 * MINUTE })
    await older
    world.clock.advance(5 * MINUTE)
    world.store.snapshots.publish = async (...all) => {
      world.store.snapshots.publish = publish
      frozen.resolve()
      await slow
      return publish(...all)
    }
    world.script((request) =>
      request.url.search.includes('AAA') ? { status: 404, body: '{}' } : priced(T0 + 2 * MINUTE, 12)(request),
    )

    const fast = await world.run({ cause: 'tick', tick: T0 + 10 * MINUTE })

    const { head, entries } = await set(world.store)
    expect(fast).toMatchObject({ status: 'partial', counts: { published: 1, failed: 1 } })
    expect(head?.fence).toBe(3)
    expect(entries.get('AAA')).toMatchObject({ asOf: T0 + MINUTE })
    expect(entries.get('BBB')).toMatchObject({ asOf: T0 + 2 * MINUTE })
  })

  it('is written as a whole when an older run replaced the set to be confirmed', async () => {
    const world = pricesWorld('snapshot', ['AAA'], T0)
    world.script(priced(T0))
    await world.tick(T0)
    const frozen = Promise.withResolvers<void>()
    const { confirm } = world.store.snapshots
    const older = freeze(world.store, frozen.promise)
    world.script(priced(T0 + MINUTE, 11))
    world.clock.advance(5 * MINUTE)
    const slow = world.run({ cause: 'tick', tick: T0 + 5 * MINUTE })
    await older
    world.clock.advance(5 * MINUTE)
    world.store.snapshots.confirm = async (...all) => {
      frozen.resolve()
      await slow
      return confirm(...all)
    }
    world.script(priced(T0))

    const fast = await world.run({ cause: 'tick', tick: T0 + 10 * MINUTE })

    const { head, entries } = await set(world.store)
    expect(fast.status).toBe('unchanged')
    expect(entries.get('AAA')).toMatchObject({ asOf: T0 + MINUTE })
    expect(head?.fence).toBe(2)
  })
})

/** Holds the next publication back until `released`; resolves when one waits. */
function freeze(store: Store, released: Promise<void>): Promise<void> {
  const { publish } = store.snapshots
  return new Promise((waits) => {
    store.snapshots.publish = async (...all) => {
      store.snapshots.publish = publish
      waits()
      await released
      return publish(...all)
    }
  })
}
