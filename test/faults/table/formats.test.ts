import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, test } from 'vitest'
import { toAttributes } from '#shared/adapters/dynamodb/table/attributes.ts'
import {
  headKey,
  itemKey,
  pageKey,
  runKey,
  stateKey,
  type TableKey,
} from '#shared/adapters/dynamodb/table/keys.ts'
import { tickRunId } from '#shared/domain/ids.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { changingPrices, NEW } from './changing-prices.ts'
import { MINUTE, type PriceSystem, tickTime } from './price-processes.ts'
import { type EmbeddedTable, embedded } from './tables.ts'

const engine = embedded()

/** Code of another release writes a record: its format is another, and so may a member of it be. */
async function rewrite({ table }: PriceSystem<EmbeddedTable>, key: TableKey, removed?: string) {
  const update = new UpdateItemCommand({
    TableName: table.tableName,
    Key: toAttributes({ ...key }),
    UpdateExpression: `SET v = :two${removed === undefined ? '' : ` REMOVE ${removed}`}`,
    ExpressionAttributeValues: { ':two': { N: '2' } },
  })
  await table.fullAccessClient.send(update)
}

const ITEM = itemKey('prices-items', 'S000')
const HEAD = headKey('prices-snapshot', SNAPSHOT_KEY)

/** The one page that the first run wrote. */
const PAGE = pageKey('prices-snapshot', SNAPSHOT_KEY, '000000000001', 0)

describe('a record of another format', () => {
  test('is absent for readers and logged, while those of this format are served (F71)', async () => {
    const system = await changingPrices('items', engine())
    await rewrite(system, ITEM)

    const absent = await system.reader().get('S000')
    const prices = await system.reader().prices()

    expect(absent).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } })
    expect(prices).toEqual({ S001: '10', S002: '10' })
    expect(system.table.warnings).toContain(`${ITEM.pk} ${ITEM.sk}: expected format 1, got 2`)
  })

  test('is replaced by the next run, as if nothing had been there (F71)', async () => {
    const system = await changingPrices('items', engine())
    await rewrite(system, ITEM)

    const run = await system.tick(1)

    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 2, unchanged: 1 } })
    expect(await system.reader().prices()).toEqual(NEW)
  })

  test('that cannot be compared is replaced too (F71)', async () => {
    const system = await changingPrices('items', engine())
    await rewrite(system, ITEM, 'fence')

    const run = await system.tick(1)

    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 2, unchanged: 1 } })
    expect(await system.reader().prices()).toEqual(NEW)
  })

  test.each([
    ['head', HEAD],
    ['page', PAGE],
  ])(
    'in place of a %s takes the set away from readers, and the next run writes it whole (F71)',
    async (_what, key) => {
      const system = await changingPrices('snapshot', engine())
      const reader = system.reader()
      await rewrite(system, key)

      const absent = await reader.get()
      const run = await system.tick(1)

      expect(absent).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } })
      expect(system.table.warnings).toContain(`${key.pk} ${key.sk}: expected format 1, got 2`)
      expect(run).toMatchObject({ status: 'succeeded', counts: { published: 3 } })
      expect(await reader.prices()).toEqual(NEW)
    },
  )

  test.each(['items', 'snapshot'] as const)(
    'of %s counts as missing for a process with a copy too, once the copy is seconds old (F71)',
    async (stored) => {
      const system = await changingPrices(stored, engine())
      const reader = system.reader()
      await reader.get('S000')
      await rewrite(system, stored === 'items' ? ITEM : HEAD)
      system.world.clock.advance(MINUTE)

      const later = await reader.get('S000')

      expect(later.statusCode).toBe(503)
    },
  )

  test('in place of the record of a tick’s run fails the invocation: the tick is not run twice (F71)', async () => {
    const system = await changingPrices('items', engine())
    await system.tick(1)
    await rewrite(system, runKey('prices-items', tickRunId('prices-items', tickTime(1))))
    const { length } = system.world.calls

    await expect(system.tick(1)).rejects.toThrow('a format that cannot be read')

    expect(system.world.calls).toHaveLength(length)
    expect(await system.reader().prices()).toEqual(NEW)
  })

  test('in place of the state counts as never published: the watchdog requests a first run (F71)', async () => {
    const system = await changingPrices('items', engine())
    await rewrite(system, stateKey('prices-items'))

    await system.watch()
    const event = system.world.events.at(-1)
    const run = await system.tick(1)

    expect(event).toEqual({ type: 'refresh.requested', detail: { job: 'prices-items', cause: 'first-run' } })
    expect(run).toMatchObject({ status: 'succeeded', fence: 2 })
    expect(await system.reader().prices()).toEqual(NEW)
  })
})
