import { expect, test } from 'vitest'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { compress } from '#shared/domain/codec.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import type { Previous, Refresh } from '#shared/engine/model/refresh.ts'
import { run } from '#shared/engine/run.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { sampleItem } from '#test/fakes/store/samples.ts'
import { world } from '#test/fakes/world/world.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const HOUR = 3_600_000
const KEYS = ['AAPL', 'MSFT']

/** The sum of a price and a count, each an item of another job. */
interface Sum {
  readonly total: number | null
  readonly asOf: number
}

const sums: Refresh<Sum> = {
  renderVersion: 1,
  keys: () => KEYS,
  plan: ({ inputItems }) =>
    KEYS.filter((key) => inputItems.get('prices')?.has(key)).map((key) => ({ key, calls: [] })),
  parse: (bodies, { key, inputItems }) => {
    expect(bodies).toEqual([])
    const inputs = ['prices', 'counts'].map((job) => inputItems.get(job)?.get(key))
    const present = inputs.filter((input): input is Previous => input !== undefined)
    const total = present.reduce((sum, { data }) => sum + (data as { value: number }).value, 0)
    return {
      total: present.length === inputs.length ? total : null,
      asOf: Math.min(...present.map(({ asOf }) => asOf)),
    }
  },
  accept: () => ({ accepted: true }),
  item: ({ total, asOf }) => ({ data: { total }, asOf, degraded: total === null }),
}

const declaration = tinyJob({
  id: 'sums',
  upstream: [],
  inputs: [{ items: 'prices' }, { items: 'counts' }],
  follows: ['prices'],
})

function derivedWorld(refresh = sums) {
  const job = resolveJob(declaration, {})
  const base = world({ job, refresh, upstream: resolveUpstream(coingecko, {}), start: NOW })
  const { upstream: _, ...work } = base.work
  return { ...base, run: () => run({ cause: 'operator' }, work) }
}

function record(key: string, value: JsonValue, change: Partial<Item> = {}): Item {
  const times = { fetchedAt: NOW, checkedAt: NOW, asOf: NOW - HOUR }
  const limits = { freshUntil: NOW + HOUR, staleUntil: NOW + 2 * HOUR, expiresAt: NOW + 3 * HOUR }
  const body = new Uint8Array(compress(JSON.stringify(value)))
  return sampleItem({ key, body, ...times, ...limits, ...change })
}

test('a derived job computes each key from the items of its inputs, without a call', async () => {
  const { store, run: runOnce, calls } = derivedWorld()
  await store.items.put('prices', record('AAPL', { value: 40 }), NOW)
  await store.items.put('counts', record('AAPL', { value: 2 }, { asOf: NOW - 2 * HOUR }), NOW)
  await store.items.put('prices', record('MSFT', { value: 7 }), NOW)

  const ended = await runOnce()

  expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 2, published: 2, failed: 0 } })
  expect(calls).toEqual([])
  expect(await store.items.get('sums', 'AAPL')).toMatchObject({
    asOf: NOW - 2 * HOUR,
    degraded: false,
    source: 'sums',
    dataSource: 'live',
  })
  expect(await store.items.get('sums', 'MSFT')).toMatchObject({ degraded: true, asOf: NOW - HOUR })
})

test('an input that may not be served any more counts as missing', async () => {
  const { store, run: runOnce } = derivedWorld()
  await store.items.put('prices', record('AAPL', { value: 40 }), NOW)
  await store.items.put('counts', record('AAPL', { value: 2 }, { staleUntil: NOW }), NOW)

  await runOnce()

  expect(await store.items.get('sums', 'AAPL')).toMatchObject({ degraded: true })
})

test('what is computed from a simulated value is simulated', async () => {
  const { store, run: runOnce } = derivedWorld()
  await store.items.put('prices', record('AAPL', { value: 40 }, { dataSource: 'simulated' }), NOW)
  await store.items.put('prices', record('MSFT', { value: 7 }), NOW)

  await runOnce()

  expect(await store.items.get('sums', 'AAPL')).toMatchObject({ dataSource: 'simulated' })
  expect(await store.items.get('sums', 'MSFT')).toMatchObject({ dataSource: 'live' })
})

test('the source time of a derived value may go back, when an input with older data is added', async () => {
  const { store, run: runOnce, clock } = derivedWorld()
  await store.items.put('prices', record('AAPL', { value: 40 }), NOW)
  await runOnce()
  clock.advance(1_000)
  await store.items.put('counts', record('AAPL', { value: 2 }, { asOf: NOW - 5 * HOUR }), NOW)

  const ended = await runOnce()

  expect(ended).toMatchObject({ status: 'succeeded' })
  expect(await store.items.get('sums', 'AAPL')).toMatchObject({ asOf: NOW - 5 * HOUR, degraded: false })
})

test('without any input the run of a derived job has nothing to do', async () => {
  const { run: runOnce } = derivedWorld()

  expect(await runOnce()).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
})
