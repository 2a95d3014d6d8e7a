import { describe, expect, test } from 'vitest'
import { ReadPath } from '#shared/read/read-path.ts'
import { notAvailable, type View } from '#shared/read/view.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { jsonOf } from '#test/fakes/world/clients.ts'

const START = Date.UTC(2026, 10, 20, 12, 1)
const MINUTE = 60_000
const INTERVAL = 5 * MINUTE
const FAILING = 'S001'

/** One member of the set, labelled with its own times. */
const member: View = async ({ parameters }, context) => {
  const stored = await context.set()
  const symbol = parameters['symbol'] ?? ''
  const entry = stored?.set.entries.get(symbol)
  if (!stored || !entry) return notAvailable(context.job)
  const times = stored.timesOf([symbol])
  const compose = () => ({ body: { data: entry.data, degraded: times.degraded }, times })
  return { kind: 'value', from: stored, variant: symbol, compose }
}

/** A set of which one member fails from the second tick on, and its readers. */
async function failingMember() {
  const world = pricesWorld('snapshot', symbolNames(3), START)
  const { job, ports } = world.work
  let isFailing = false
  world.script((request) =>
    isFailing && request.url.searchParams.get('symbol') === FAILING
      ? { status: 404, body: '{}' }
      : { status: 200, body: priceBody(request.url, 10, world.clock.now()) },
  )
  await world.tick(START)
  const readers = () =>
    new ReadPath(
      {
        ...ports,
        views: { [job.id]: { member } },
        counts: { add: () => {}, addFallback: () => {} },
      },
      '0.0.0',
    )
  const [all] = job.reads
  if (!all) throw new Error('expected a route')
  const one = { ...all, path: '/test/prices/{symbol}', view: 'member' }
  const request = { method: 'GET', path: '/test', headers: {} }
  let ticks = 0
  return {
    world,
    /** Ticks until a time, at which the last one has just ended. */
    async ticksUntil(end: number) {
      while (START + (ticks + 1) * INTERVAL <= end) {
        ticks += 1
        await world.tick(START + ticks * INTERVAL)
      }
    },
    fail: (next: boolean) => {
      isFailing = next
    },
    async read(symbol?: string) {
      const result = await (symbol === undefined
        ? readers().read(job, all, {}, request)
        : readers().read(job, one, { symbol }, request))
      return { ...result, body: jsonOf(result) }
    },
  }
}

describe('a member of a snapshot that fails for hours', () => {
  test('has its own age and STALE for its readers, and leaves the others fresh (F82)', async () => {
    const { ticksUntil, fail, read } = await failingMember()
    fail(true)
    await ticksUntil(START + 60 * MINUTE)

    const [failing, other] = await Promise.all([read(FAILING), read('S000')])

    expect(failing).toMatchObject({
      statusCode: 200,
      headers: {
        age: '3600',
        'x-cache': 'STALE',
        'last-modified': new Date(START + 60 * MINUTE).toUTCString(),
      },
      body: { degraded: true },
    })
    expect(failing.headers['cache-control']).toMatch(/^public, max-age=3600, /)
    expect(other).toMatchObject({
      statusCode: 200,
      headers: { age: '0', 'x-cache': 'HIT' },
      body: { degraded: false },
    })
  })

  test('makes the whole set degraded while it is carried forward, with the age of the set (F82)', async () => {
    const { ticksUntil, fail, read, world } = await failingMember()
    fail(true)
    await ticksUntil(START + 60 * MINUTE)

    const { headers, body } = await read()

    const head = await world.store.snapshots.head('prices-snapshot', 'all')
    expect(headers).toMatchObject({ age: '0', 'x-cache': 'HIT' })
    expect(body.meta.degraded).toBe(true)
    expect(head?.degraded).toBe(true)
  })

  test('leaves nothing degraded once it has recovered (F82)', async () => {
    const { ticksUntil, fail, read, world } = await failingMember()
    fail(true)
    await ticksUntil(START + 60 * MINUTE)
    fail(false)
    await ticksUntil(START + 65 * MINUTE)

    const [failing, whole] = await Promise.all([read(FAILING), read()])

    const head = await world.store.snapshots.head('prices-snapshot', 'all')
    expect(failing).toMatchObject({ headers: { age: '0', 'x-cache': 'HIT' }, body: { degraded: false } })
    expect(whole.body.meta.degraded).toBe(false)
    expect(head?.degraded).toBe(false)
  })

  test('leaves no mark once it is too old to be served (F82, I2)', async () => {
    const { ticksUntil, fail, read, world } = await failingMember()
    fail(true)
    await ticksUntil(START + 6 * 60 * MINUTE)

    const [failing, whole] = await Promise.all([read(FAILING), read()])

    const head = await world.store.snapshots.head('prices-snapshot', 'all')
    expect(failing.statusCode).toBe(503)
    expect(whole.body.data.map(({ key }: { key: string }) => key)).toEqual(['S000', 'S002'])
    expect(whole.body.meta.degraded).toBe(false)
    expect(head?.degraded).toBe(false)
  })

  test('stays invalidated for its readers when the others are refreshed (F82)', async () => {
    const { ticksUntil, fail, read, world } = await failingMember()
    world.clock.advance(1_000)
    await world.store.snapshots.invalidate('prices-snapshot', 'all', world.clock.now())
    fail(true)
    await ticksUntil(START + INTERVAL)

    const [failing, other] = await Promise.all([read(FAILING), read('S000')])

    expect([failing.headers['x-cache'], other.headers['x-cache']]).toEqual(['STALE', 'HIT'])
  })
})
