import { describe, expect, test } from 'vitest'
import type { TableRequest } from '#test/fakes/table/table-messages.ts'
import { atEachWrite, atWrite } from './at-write.ts'
import { changingPrices, KINDS, NEW, storedState } from './changing-prices.ts'
import type { PriceSystem } from './price-processes.ts'
import { publications } from './table-writes.ts'
import { callOf, type EmbeddedTable, embedded } from './tables.ts'

const engine = embedded()

describe.each(KINDS)('a write of %s', (stored) => {
  test('that is done, and answered after its client has timed out, has one effect', async () => {
    const system = await changingPrices(stored, engine())
    const { wire } = system.table
    const isLate = ({ writes, keys, attempt }: TableRequest) =>
      writes && keys[0]?.pk.includes('#items#') && attempt === 1
    wire.script((request) => (isLate(request) ? { lateMs: 450 } : 'pass'))
    system.table.wait(0.15)

    const run = await system.tick(1)

    system.table.heal()
    await wire.settled()
    const done = publications(wire.done)
    expect(done).toHaveLength(new Set(done).size)
    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 2, unchanged: 1 } })
    expect(await system.reader().prices()).toEqual(NEW)
  })

  test('that lands after the next run changes nothing: fence, owner or status refuses it (F37)', async () => {
    await atEachWrite(async (nth) => {
      const system = await changingPrices(stored, engine())
      const reader = system.reader()
      const { struck, land } = await holdBack(system, nth)
      system.quote(12)
      await system.tick(2)
      const before = await kept(system)

      await land()

      const at = `write ${nth}`
      expect(await kept(system), at).toEqual(before)
      expect(await reader.prices(), at).toEqual({ S000: '12', S001: '12', S002: '12' })
      expect((await system.tick(3)).status, at).toBe('unchanged')
      await reader.prices()
      return struck
    })
  })
})

/** A tick whose nth write reaches the engine only on release, long after its client has retried. */
async function holdBack({ table: { wire }, tick }: PriceSystem<EmbeddedTable>, nth: number) {
  const late = Promise.withResolvers<void>()
  const { script, struck } = atWrite(nth, { after: late.promise })
  wire.script((request) => (request.attempt === 1 ? script(callOf(request)) : 'pass'))
  await tick(1)
  wire.script(() => 'pass')
  return {
    struck: struck(),
    land: async () => {
      late.resolve()
      await wire.settled()
    },
  }
}

/** What stands in the table but the lease and the counter: a lease taken late lapses, a fence counted late is left out. */
async function kept(system: PriceSystem<EmbeddedTable>) {
  const { state, ...rest } = await storedState(system)
  return { ...rest, state: { ...state, lease: undefined, fence: undefined } }
}
