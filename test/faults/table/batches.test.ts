import { describe, expect, test } from 'vitest'
import type { WireScript } from '#test/fakes/table/unreliable-table.ts'
import { changingPrices, NEW, OLD } from './changing-prices.ts'
import { fatten, KB } from './fat-prices.ts'
import { publishedSystem } from './price-processes.ts'
import { embedded } from './tables.ts'

const engine = embedded()

/** A system whose next tick finds a set of four pages. */
async function fourPages() {
  const system = await publishedSystem('snapshot', engine(), { symbols: 120 })
  fatten(system, () => (1_000 * KB) / 120)
  system.quote(11)
  return system
}

const everywhere = (price: string) => new Set([price])
const distinct = (prices: Readonly<Record<string, string>>) => new Set(Object.values(prices))

/** Of every batch of this operation the engine does so many, again and again. */
function doing(only: number, operation: string): WireScript {
  return (request) => (request.operation === operation ? { only } : 'pass')
}

describe('a batch that is done in part', () => {
  test('has the pages left over written before the head is flipped (F55)', async () => {
    const system = await fourPages()
    system.table.wire.script(doing(1, 'BatchWriteItem'))

    const run = await system.tick(1)

    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 120 } })
    expect(distinct(await system.reader().prices())).toEqual(everywhere('11'))
  })

  test('again and again flips no head: readers get the whole old set, the record counts what was not written (F55)', async () => {
    const system = await fourPages()
    const reader = system.reader()
    let batches = 0
    system.table.wire.script(({ operation }) => {
      if (operation !== 'BatchWriteItem') return 'pass'
      batches += 1
      return { only: batches === 1 ? 2 : 0 }
    })

    const run = await system.tick(1)

    const message = 'the table left 2 of 4 records of a batch unprocessed, 6 times'
    expect(run).toMatchObject({ status: 'failed', reason: 'store', message })
    expect(batches).toBe(6)
    expect(system.world.waits).toEqual(expect.arrayContaining([50, 100, 200, 400, 800]))
    expect(distinct(await reader.prices())).toEqual(everywhere('10'))
    system.table.heal()
    expect(await system.tick(2)).toMatchObject({ status: 'succeeded' })
    expect(distinct(await reader.prices())).toEqual(everywhere('11'))
  })

  test('has the keys left over read before anything is judged (F55)', async () => {
    const system = await changingPrices('items', engine())
    system.table.wire.script(doing(1, 'BatchGetItem'))

    const run = await system.tick(1)

    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 2, unchanged: 1 } })
    expect(await system.reader().prices()).toEqual(NEW)
  })

  test('with keys that are never read is failed(store): nothing is judged as if nothing were stored (F55)', async () => {
    const system = await changingPrices('items', engine())
    system.table.wire.script(doing(0, 'BatchGetItem'))

    const run = await system.tick(1)

    expect(run).toMatchObject({ status: 'failed', reason: 'store' })
    expect(run.message).toContain('the table left 3 of 3 records of a batch unprocessed')
    expect(system.world.calls).toHaveLength(3)
    expect(await system.reader().prices()).toEqual(OLD)
  })
})
