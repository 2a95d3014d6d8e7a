import { describe, expect, test } from 'vitest'
import type { Store } from '#shared/domain/ports/store.ts'
import { changingPrices, expectOldOrNew, KINDS, NEW, OLD } from './changing-prices.ts'
import { INTERVAL, MINUTE, publishedSystem } from './price-processes.ts'
import { embedded, onBoth } from './tables.ts'

const engine = embedded()

/** Where the data themselves stand. */
const DATA = { items: 'items', snapshot: 'snapshots' } as const satisfies Record<string, keyof Store>

describe.each(onBoth(engine()))('on %s', (_name, open) => {
  describe.each(KINDS)('%s', (stored) => {
    test('throttled for the whole of a publication: failed(store), recorded; the old data stay (F53)', async () => {
      const system = await publishedSystem(stored, open)
      const reader = system.reader()
      system.quote(11)
      system.table.script(({ part, writes }) => (writes && part === DATA[stored] ? 'refuse' : 'pass'))

      const failed = await system.tick(1)

      system.table.heal()
      expect(failed).toMatchObject({ status: 'failed', reason: 'store', counts: { planned: 3, failed: 3 } })
      expect(await system.record(1)).toMatchObject({ status: 'failed', reason: 'store', duplicates: 0 })
      const { lease, consecutiveFailures } = await system.table.truth.states.get(system.work.job.id)
      expect([lease, consecutiveFailures]).toEqual([undefined, 1])
      expect(system.world.events.at(-1)).toMatchObject({ type: 'run.failed', detail: { reason: 'store' } })
      expect(await reader.prices()).toEqual(OLD)
      expect(await system.tick(2)).toMatchObject({ status: 'succeeded' })
      expect(await reader.prices()).toEqual({ S000: '11', S001: '11', S002: '11' })
    })

    test('throttled for the whole of a run: no outcome can be recorded, so it throws; the next tick succeeds (F53)', async () => {
      const system = await changingPrices(stored, open)
      const reader = system.reader()
      system.table.script(() => 'refuse')

      const run = system.tick(1)

      await expect(run).rejects.toThrow()
      system.table.heal()
      expect(await system.record(1)).toBeUndefined()
      expect(system.world.calls).toHaveLength(3)
      expect(await reader.prices()).toEqual(OLD)
      expect(await system.tick(2)).toMatchObject({ status: 'succeeded' })
      expect(await reader.prices()).toEqual(NEW)
    })

    test('throttled when it is read, it is served from memory, labelled; without a copy 503 (F54)', async () => {
      const system = await changingPrices(stored, open)
      const [reader, another] = [system.reader(), system.reader()]
      await reader.get()
      await system.tick(1)
      system.table.script(({ part, writes }) => (!writes && part === DATA[stored] ? 'refuse' : 'pass'))

      const copy = await reader.get()
      system.world.clock.advance(2 * INTERVAL)
      const stale = await reader.get()
      const none = await another.get()
      system.table.heal()
      system.world.clock.advance(MINUTE)
      const healed = await reader.get()

      const label = 'freshet; hit; detail=table-unavailable'
      expect(copy).toMatchObject({ statusCode: 200, headers: { 'x-cache': 'HIT', 'cache-status': label } })
      expect(stale).toMatchObject({ statusCode: 200, headers: { 'x-cache': 'STALE', 'cache-status': label } })
      expect(none).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } })
      expect(healed.headers['cache-status']).toBeUndefined()
      expectOldOrNew(await reader.prices(), stored)
    })
  })
})

describe.each(KINDS)('%s on the embedded engine', (stored) => {
  test.each([
    'ProvisionedThroughputExceededException',
    'ThrottlingException',
    'InternalServerError',
  ] as const)(
    'a short burst of %s is survived in the same run, each call sent three times at most (F53)',
    async (error) => {
      const system = await changingPrices(stored, engine())
      const { wire } = system.table
      const before = wire.requests.length
      wire.script(({ attempt }) => (attempt < 3 ? { error } : 'pass'))

      const run = await system.tick(1)

      system.table.heal()
      const requests = wire.requests.slice(before)
      const calls = new Set(requests.map(({ call }) => call))
      expect(run).toMatchObject({ status: 'succeeded', counts: { published: 2, unchanged: 1 } })
      expect(requests).toHaveLength(3 * calls.size)
      expect(await system.record(1)).toMatchObject({ status: 'succeeded', duplicates: 0 })
      expect(await system.reader().prices()).toEqual(NEW)
    },
  )
})

test('a throttled set sends no more than three requests a key, however many keys it has (F53)', async () => {
  const system = await publishedSystem('items', engine(), { symbols: 78 })
  const { wire } = system.table
  system.quote(11)
  wire.script(({ operation, keys }) =>
    operation === 'PutItem' && keys[0]?.sk === 'value'
      ? { error: 'ProvisionedThroughputExceededException' }
      : 'pass',
  )
  const before = wire.requests.length

  const run = await system.tick(1)

  const puts = wire.requests.slice(before).filter(({ keys }) => keys[0]?.sk === 'value')
  expect(run).toMatchObject({ status: 'failed', reason: 'store', counts: { planned: 78, failed: 78 } })
  expect(puts.length).toBeLessThanOrEqual(3 * 78)
  expect(Object.values(await system.reader().prices())).toEqual(Array.from({ length: 78 }, () => '10'))
})

test('one hot key that is throttled is served from memory; its neighbours come from the table (F54)', async () => {
  const system = await changingPrices('items', engine())
  const { wire } = system.table
  const reader = system.reader()
  await reader.prices()
  await system.tick(1)
  wire.script(({ keys }) =>
    keys[0]?.pk.endsWith('#S000') ? { error: 'ProvisionedThroughputExceededException' } : 'pass',
  )

  const prices = await reader.prices()
  const hot = await reader.get('S000')

  expect(prices).toEqual({ ...NEW, S000: OLD['S000'] })
  expect(hot.headers['cache-status']).toContain('table-unavailable')
})

test('a throttled key is not read again while a copy is served without a read of the table (F54)', async () => {
  const system = await changingPrices('items', engine())
  const { wire } = system.table
  const reader = system.reader()
  await reader.get('S000')
  system.world.clock.advance(INTERVAL)
  system.table.script(() => 'refuse')
  const before = wire.requests.length

  for (let read = 0; read < 10; read += 1) await reader.get('S000')

  const leaseReads = wire.requests.slice(before).filter(({ keys }) => keys[0]?.pk.endsWith('#S000'))
  expect(leaseReads.length).toBeLessThanOrEqual(2)
})
