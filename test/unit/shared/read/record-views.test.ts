import { expect, test } from 'vitest'
import type { Route } from '#shared/declare/route.ts'
import { ReadPath } from '#shared/read/read-path.ts'
import { entryView } from '#shared/read/record-views.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { jsonOf } from '#test/fakes/world/clients.ts'

const HOUR = 3_600_000

const ROUTE: Route = {
  path: '/prices/{symbol}',
  about: 'the price of one symbol',
  parameters: { symbol: { pattern: '[^/]{1,40}', about: 'a symbol' } },
  view: 'entry',
  access: 'public',
  effect: 'read',
  cold: 'refuse',
}

/** A set of two prices, and a reader of one entry. */
function prices() {
  const world = pricesWorld('snapshot', symbolNames(2), Date.UTC(2026, 10, 20, 15))
  const { job, ports } = world.work
  const readPath = new ReadPath(
    {
      ...ports,
      views: { [job.id]: { entry: entryView('symbol') } },
      counts: { add: () => {}, addFallback: () => {} },
    },
    '1.2.3',
  )
  const get = (symbol: string) =>
    readPath.read(job, ROUTE, { symbol }, { method: 'GET', path: `/prices/${symbol}`, headers: {} })
  return { ...world, get }
}

test('one entry of a set is served with its own times, and a key without one is not found', async () => {
  const { clock, get, run, script } = prices()
  const [first = '', second = ''] = symbolNames(2)
  script(({ url }) => ({ status: 200, body: priceBody(url, 5, clock.now()) }))
  await run({ cause: 'operator' })
  clock.advance(HOUR)
  script(({ url }) =>
    url.href.includes(second)
      ? { status: 500, body: '' }
      : { status: 200, body: priceBody(url, 7, clock.now()) },
  )
  await run({ cause: 'operator' })

  const [renewed, kept] = [await get(first), await get(second)]

  expect(jsonOf(renewed)).toMatchObject({ data: { price: '7' }, meta: { as_of: '2026-11-20T16:00:00Z' } })
  expect(jsonOf(kept)).toMatchObject({ data: { price: '5' }, meta: { as_of: '2026-11-20T15:00:00Z' } })
  expect([renewed.headers['x-cache'], kept.headers['x-cache']]).toEqual(['HIT', 'STALE'])
  expect(await get('none')).toMatchObject({ statusCode: 404 })
})

test('no entry is available before the first set is stored', async () => {
  expect(await prices().get('S0')).toMatchObject({ statusCode: 503 })
})
