import { describe, expect, test } from 'vitest'
import { KINDS } from './changing-prices.ts'
import { fatten, KB } from './fat-prices.ts'
import { type PriceSystem, priceSystem, publishedSystem } from './price-processes.ts'
import { pages, type Written, written } from './table-writes.ts'
import { type EmbeddedTable, embedded } from './tables.ts'

const engine = embedded()

/** What a tick asks to be written, refused or not. */
async function writesOf({ table: { wire }, tick }: PriceSystem<EmbeddedTable>, nth: number) {
  const before = wire.requests.length
  await tick(nth)
  const all = written(wire.requests.slice(before))
  const isData = ({ pk }: Written) => pk.includes('#items#')
  return { data: all.filter(isData), further: all.filter((one) => !isData(one)) }
}

test('items: one conditional put a changed key, one conditional update an unchanged one, nothing else (P9)', async () => {
  const system = await publishedSystem('items', engine(), { symbols: 78 })
  const changed = ['S000', 'S007', 'S077']
  system.quote(11, changed)

  const { data, further } = await writesOf(system, 1)

  const puts = data.filter(({ operation }) => operation === 'PutItem')
  const updates = data.filter(({ operation }) => operation === 'UpdateItem')
  expect(puts.map(({ pk }) => pk.slice(-4)).sort()).toEqual(changed)
  expect(new Set(updates.map(({ pk }) => pk)).size).toBe(75)
  expect(data).toHaveLength(78)
  expect(data.every(({ isConditional }) => isConditional)).toBe(true)
  expect(further.length).toBeLessThanOrEqual(4)
})

describe.each(KINDS)('%s:', (stored) => {
  test('a run with new data writes at most four further records (P9)', async () => {
    const system = await publishedSystem(stored, engine())
    system.quote(11)

    const { further } = await writesOf(system, 1)

    expect(further.length).toBeLessThanOrEqual(4)
  })

  test('a run without new data writes at most four further records (P9)', async () => {
    const system = await publishedSystem(stored, engine())

    const { further } = await writesOf(system, 1)

    expect(further.length).toBeLessThanOrEqual(4)
  })

  test('a duplicate writes no data at all (P9)', async () => {
    const system = await publishedSystem(stored, engine())

    const { data, further } = await writesOf(system, 0)

    expect(data).toEqual([])
    expect(further.length).toBeLessThanOrEqual(4)
  })
})

test.each([10, 310, 590, 650, 895, 910, 1_300, 2_000])(
  'snapshot: a publication of %i KB writes as many pages of 300 KB as that makes, and the head (P9)',
  async (kilobytes) => {
    const symbols = 200
    const system = await priceSystem('snapshot', engine(), { symbols })
    fatten(system, () => (kilobytes * KB) / symbols)
    system.quote(10)

    const { data, further } = await writesOf(system, 0)

    const sizes = pages(system.table.wire.requests).map(({ bytes }) => bytes)
    const stored = sizes.reduce((sum, bytes) => sum + bytes, 0)
    expect(stored).toBeGreaterThan(kilobytes * KB)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(300 * 1_024)
    expect(data.length).toBeLessThanOrEqual(Math.ceil(stored / (300 * KB)) + 1)
    expect(data.filter(({ sk }) => sk === 'head')).toMatchObject([{ isConditional: true }])
    expect(further.length).toBeLessThanOrEqual(4)
  },
)

test('snapshot: a set that is only confirmed is one conditional update of its head (P9)', async () => {
  const system = await publishedSystem('snapshot', engine())

  const { data } = await writesOf(system, 1)

  expect(data).toMatchObject([{ sk: 'head', operation: 'UpdateItem', isConditional: true }])
})
