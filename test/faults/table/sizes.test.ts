import { describe, expect, test } from 'vitest'
import { OLD } from './changing-prices.ts'
import { carry, fatten, incompressible, KB } from './fat-prices.ts'
import { publishedSystem } from './price-processes.ts'
import { pages } from './table-writes.ts'
import { embedded, onBoth } from './tables.ts'

const engine = embedded()

/** More than the table takes. */
const TOO_LARGE = (symbol: string) => (symbol === 'S001' ? 410 * KB : 0)

describe('a set that is larger than a record of the table', () => {
  test('is cut into pages, and read back whole in its order (F56)', async () => {
    const system = await publishedSystem('snapshot', engine(), { symbols: 200 })
    fatten(system, () => (1_300 * KB) / 200)
    system.quote(11)

    const run = await system.tick(1)

    const prices = await system.reader().prices()
    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 200 } })
    expect(pages(system.table.wire.done).length).toBeGreaterThan(4)
    expect(Object.keys(prices)).toEqual(Object.keys(prices).sort())
    expect(Object.values(prices)).toEqual(Array.from({ length: 200 }, () => '11'))
  })

  test('is cut into pages that fit, however unevenly its entries compress (F56)', async () => {
    const system = await publishedSystem('snapshot', engine(), { symbols: 40 })
    carry(system, (symbol) => (symbol === 'S000' ? 'x'.repeat(3_000 * KB) : incompressible(symbol, 40 * KB)))
    system.quote(11)

    const run = await system.tick(1)

    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 40 } })
    for (const { bytes } of pages(system.table.wire.done)) expect(bytes).toBeLessThanOrEqual(300 * 1_024)
    expect(new Set(Object.values(await system.reader().prices()))).toEqual(new Set(['11']))
  })
})

describe.each(onBoth(engine()))(
  'a value that is larger than a record of the table, on %s,',
  (_name, open) => {
    test.for(['items', 'snapshot'] as const)(
      'is refused alone, with its size, among %s: it keeps its old value, the others are published (F56)',
      async (stored) => {
        const system = await publishedSystem(stored, open)
        fatten(system, TOO_LARGE)
        system.quote(11)

        const run = await system.tick(1)

        expect(run).toMatchObject({
          status: 'partial',
          reason: 'too-large',
          counts: { published: 2, failed: 1 },
        })
        expect(run.message).toMatch(/^expected at most 307200 compressed bytes, got 41\d{4}$/)
        expect(await system.reader().prices()).toEqual({ ...OLD, S000: '11', S002: '11' })
      },
    )
  },
)

test('a snapshot with an entry that no page can hold keeps the whole old set (F56)', async () => {
  const system = await publishedSystem('snapshot', engine())
  fatten(system, TOO_LARGE)
  system.quote(11)

  const run = await system.tick(1)

  expect(await system.record(1)).toMatchObject({ status: run.status, duplicates: 0 })
  expect((await system.reader().prices())['S001']).toBe('10')
})
