import { expect, test } from 'vitest'
import type { FreshnessSpec } from '#shared/declare/job-policies.ts'
import { isRefreshDue } from '#shared/domain/freshness.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { reader } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
const FRESH_FOR = 10 * MINUTE
const T0 = Date.UTC(2026, 10, 20, 12, 1)
const SYMBOLS = symbolNames(20)

function jitteredWorld(change: Partial<FreshnessSpec> = {}) {
  const freshness = {
    freshFor: '10 minutes',
    serveStaleFor: '6 hours',
    keepFor: '2 days',
    jitter: 0.1,
    ...change,
  } as const
  const world = pricesWorld('items', SYMBOLS, T0, { change: { freshness } })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 10, T0) }))
  const stored = async () => [...(await world.store.items.getMany('prices-items', SYMBOLS)).values()]
  return { ...world, stored }
}

test('keys that are published together become stale at different times, none of them earlier than freshFor', async () => {
  const { tick, stored } = jitteredWorld()
  await tick(T0)

  const items = await stored()

  const extras = items.map(({ freshUntil, checkedAt }) => freshUntil - checkedAt - FRESH_FOR)
  expect(new Set(extras).size).toBeGreaterThan(SYMBOLS.length / 2)
  expect(Math.min(...extras)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...extras)).toBeLessThan(MINUTE)
})

test('a confirmation draws a new share, and a value that a 304 confirms has one too', async () => {
  const { tick, stored, script } = jitteredWorld()
  script(({ url, headers }) =>
    headers['if-none-match'] === undefined
      ? { status: 200, body: priceBody(url, 10, T0), headers: { etag: '"1"' } }
      : { status: 304, body: '' },
  )
  await tick(T0)
  const first = await stored()
  await tick(T0 + 5 * MINUTE)

  const items = await stored()

  const extras = items.map(({ freshUntil, checkedAt }) => freshUntil - checkedAt - FRESH_FOR)
  expect(items.every(({ checkedAt }, index) => checkedAt > (first[index]?.checkedAt ?? 0))).toBe(true)
  expect(extras).not.toEqual(first.map(({ freshUntil, checkedAt }) => freshUntil - checkedAt - FRESH_FOR))
  expect(extras.every((extra) => extra >= 0 && extra < MINUTE)).toBe(true)
})

test('the label is the arithmetic on the stored times, and a reader requests a refresh once they are over (I3)', async () => {
  const world = jitteredWorld()
  const { tick, stored, clock, events, work } = world
  await tick(T0)
  const [item] = await stored()
  if (!item) throw new Error('expected a stored item')
  const label = async () => (await reader(world).get(`/test/prices/${item.key}`)).headers['x-cache']
  events.length = 0

  clock.advance(item.freshUntil - 1 - clock.now())
  const last = [await label(), isRefreshDue(item, work.job.freshness, clock.now()), events.length]
  clock.advance(1)
  const next = [await label(), isRefreshDue(item, work.job.freshness, clock.now()), events.length]

  expect(last).toEqual(['HIT', false, 0])
  expect(next).toEqual(['STALE', true, 1])
})

test('the job is overdue from the moment on at which its first key is stale', async () => {
  const { tick, stored, store } = jitteredWorld()
  await tick(T0)

  const earliest = Math.min(...(await stored()).map(({ freshUntil }) => freshUntil))

  expect((await store.states.get('prices-items')).freshUntil).toBe(earliest)
})

test('the source time still limits freshness, and the job is not overdue before its keys are stale', async () => {
  const { tick, stored, store } = jitteredWorld({ maxAsOfAge: '10 minutes' })
  await tick(T0)
  const wide = jitteredWorld({ maxAsOfAge: '30 minutes' })
  await wide.tick(T0)

  expect((await stored()).every(({ freshUntil }) => freshUntil === T0 + FRESH_FOR)).toBe(true)
  expect((await store.states.get('prices-items')).freshUntil).toBe(T0 + FRESH_FOR)
  const earliest = Math.min(...(await wide.stored()).map(({ freshUntil }) => freshUntil))
  expect((await wide.store.states.get('prices-items')).freshUntil).toBe(earliest)
})

test('without jitter, keys that are confirmed together are fresh for exactly freshFor', async () => {
  const { tick, stored } = jitteredWorld({ jitter: 0 })
  await tick(T0)

  expect((await stored()).every(({ freshUntil, checkedAt }) => freshUntil - checkedAt === FRESH_FOR)).toBe(
    true,
  )
})
