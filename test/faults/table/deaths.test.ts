import { describe, expect, test } from 'vitest'
import type { StoreScript } from '#test/fakes/store/unreliable-store.ts'
import { changingPrices, KINDS, NEW, OLD } from './changing-prices.ts'
import { LEASE, MINUTE } from './price-processes.ts'
import { embedded, onBoth } from './tables.ts'

const engine = embedded()

const atPublication: StoreScript = ({ part, writes }) =>
  writes && (part === 'items' || part === 'snapshots') ? 'die' : 'pass'

/** The second write of a record is its end. */
function atClose(): StoreScript {
  let writes = 0
  return (call) => {
    if (call.part === 'runs' && call.writes) writes += 1
    return writes === 2 ? 'die' : 'pass'
  }
}

describe.each(onBoth(engine()))('on %s', (_name, open) => {
  describe.each(KINDS)('%s', (stored) => {
    test('killed after the fetch and before any write: old data until the lease lapses, then it succeeds (F33)', async () => {
      const system = await changingPrices(stored, open)
      const reader = system.reader()
      await expect(system.tick(1, { fate: atPublication })).rejects.toThrow('died')

      const early = await system.tick(1)
      const meanwhile = await reader.prices()
      system.world.clock.advance(LEASE)
      const late = await system.tick(1)

      expect(early).toMatchObject({ status: 'skipped', reason: 'duplicate' })
      expect(meanwhile).toEqual(OLD)
      expect(late).toMatchObject({ status: 'succeeded', fence: 3, duplicates: 2 })
      expect(await system.record(1)).toMatchObject({ status: 'succeeded', duplicates: 2 })
      expect(await reader.prices()).toEqual(NEW)
    })

    test('killed after the write and before the record: abandoned, and the data stay (F35)', async () => {
      const system = await changingPrices(stored, open)
      const reader = system.reader()
      await expect(system.tick(1, { fate: atClose() })).rejects.toThrow('died')

      const kept = await reader.prices()
      system.world.clock.advance(LEASE + MINUTE)
      const watched = await system.watch()
      const next = await system.tick(2)

      expect(kept).toEqual(NEW)
      expect(watched).toMatchObject({ abandonedRuns: 1, consecutiveFailures: 1 })
      expect(await system.record(1)).toMatchObject({ status: 'abandoned', duplicates: 0 })
      expect(next).toMatchObject({ status: 'unchanged' })
      expect(await reader.prices()).toEqual(NEW)
    })
  })
})
