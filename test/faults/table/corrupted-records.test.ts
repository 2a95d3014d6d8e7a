import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, test } from 'vitest'
import { ReadCounts } from '#functions/reads/metrics.ts'
import { Reads } from '#functions/reads/reads.ts'
import { type Attributes, toAttributes } from '#shared/adapters/dynamodb/table/attributes.ts'
import { headKey, itemKey, pageKey, type TableKey } from '#shared/adapters/dynamodb/table/keys.ts'
import { compress, decompress } from '#shared/domain/codec.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { changingPrices, NEW } from './changing-prices.ts'
import type { PriceSystem } from './price-processes.ts'
import { type EmbeddedTable, embedded } from './tables.ts'

const engine = embedded()

type Corruption = (record: Attributes) => Attributes

/** Replaces a stored record by a corrupted one. */
async function corrupt({ table }: PriceSystem<EmbeddedTable>, key: TableKey, corruption: Corruption) {
  const TableName = table.tableName
  const { Item } = await table.fullAccessClient.send(
    new GetItemCommand({ TableName, Key: toAttributes({ ...key }) }),
  )
  if (!Item) throw new Error(`expected a record ${key.pk} ${key.sk}`)
  await table.fullAccessClient.send(new PutItemCommand({ TableName, Item: corruption(Item) }))
}

const without =
  (name: string): Corruption =>
  ({ [name]: _removed, ...record }) =>
    record
const set =
  (name: string, value: Attributes[string]): Corruption =>
  (record) => ({ ...record, [name]: value })
const number = (value: number) => ({ N: String(value) })
const body = (bytes: Uint8Array): Corruption => set('body', { B: bytes })
/** As a release without checksums has written it. */
const oldBody =
  (text: string): Corruption =>
  (record) =>
    without('checksum')(body(compress(text))(record))

const YEARS = 3 * 365 * 86_400_000

/** What may stand in place of any publication. */
const PUBLICATIONS: readonly (readonly [string, Corruption])[] = [
  ['an unknown version', set('v', number(7))],
  ['no version', without('v')],
  ['a fence that is a text', set('fence', { S: 'high' })],
  ['a higher fence and an unknown version', (one) => set('fence', number(1e9))(set('v', number(7))(one))],
  ['a missing time', without('checkedAt')],
  ['a time that is a text', set('staleUntil', { S: 'tomorrow' })],
  ['an optional time that is a text', set('invalidatedAt', { S: 'tomorrow' })],
  ['a negative time', set('asOf', number(-1))],
  ['a source time years ahead', set('asOf', number(Date.UTC(2029, 0)))],
  ['a check an hour ahead', set('checkedAt', number(Date.UTC(2026, 10, 20, 14)))],
  ['freshness for years', set('freshUntil', number(Date.UTC(2026, 10, 20) + YEARS))],
  ['an expired time', set('expiresAt', number(1))],
  ['a source of data that does not exist', set('dataSource', { S: 'invented' })],
  ['the key of another', set('key', { S: 'S002' })],
]

const BODIES: readonly (readonly [string, Corruption])[] = [
  ['broken brotli', body(new Uint8Array([1, 2, 3]))],
  ['no body', without('body')],
  ['a body that is a text', set('body', { S: '{}' })],
  ['a body of zero bytes', body(new Uint8Array())],
  ['another body', body(compress('{"data":{"symbol":"S000","price":"99","at":1}}'))],
  ['a body that is not JSON', body(compress('<html>'))],
  ['an older release’s broken brotli', (one) => without('checksum')(body(new Uint8Array([1, 2]))(one))],
  ['an older release’s body that is not JSON', oldBody('<html>')],
  ['an older release’s body that is no object', oldBody('null')],
]

const ITEM = itemKey('prices-items', 'S000')
const HEAD = headKey('prices-snapshot', SNAPSHOT_KEY)
const PAGE = pageKey('prices-snapshot', SNAPSHOT_KEY, '000000000001', 0)

/** The statuses of a read in every encoding, and of the conditional read of a client that has the old body. */
async function statuses({ table, work }: PriceSystem<EmbeddedTable>, path: string, etag: string) {
  const { clock } = work.ports
  const ports = { ...work.ports, store: table.reads, counts: new ReadCounts('test', clock) }
  const requests = [
    { method: 'GET', headers: { 'accept-encoding': 'br' } },
    { method: 'GET', headers: {} },
    { method: 'HEAD', headers: { 'accept-encoding': 'br' } },
    { method: 'GET', headers: { 'if-none-match': etag } },
    { method: 'GET', headers: { 'if-modified-since': new Date(clock.now()).toUTCString() } },
  ]
  const job = { ...work.job, reads: work.job.reads.map((route) => ({ ...route, cold: 'refuse' as const })) }
  return Promise.all(
    requests.map(async (request) => {
      // each in a process of its own
      const { statusCode } = await new Reads([job], '0.0.0', ports).handle({ path, ...request })
      return statusCode
    }),
  )
}

const UNAVAILABLE = [503, 503, 503, 503, 503]

describe('an item with', () => {
  test.each([...PUBLICATIONS, ...BODIES])(
    '%s is never served in any encoding, is reported, and is replaced by the next run (F59)',
    async (_what, corruption) => {
      const system = await changingPrices('items', engine())
      const before = await system.reader().get('S000')
      await corrupt(system, ITEM, corruption)

      const served = await statuses(system, '/test/prices/S000', String(before.headers['etag']))
      const run = await system.tick(1)

      expect(served).toEqual(UNAVAILABLE)
      expect(run).toMatchObject({ status: 'succeeded', counts: { published: 2, unchanged: 1 } })
      expect(await system.reader().prices()).toEqual(NEW)
    },
  )

  test.each([
    ['a higher fence and a newer source time', (one: Attributes) => set('fence', number(1e6))(one)],
    ['a fence that is no whole number', (one: Attributes) => set('fence', number(1e6 + 0.5))(one)],
  ])('%s and a broken body does not keep newer data out (F59)', async (_what, corruption) => {
    const system = await changingPrices('items', engine())
    await corrupt(system, ITEM, (one) =>
      set('asOf', number(system.world.clock.now() + 3_600_000))(corruption(body(new Uint8Array([1]))(one))),
    )

    const run = await system.tick(1)

    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 2, unchanged: 1 } })
    expect(await system.reader().prices()).toEqual(NEW)
  })

  test('a broken body is reported with its record (F59)', async () => {
    const system = await changingPrices('items', engine())
    await corrupt(system, ITEM, body(new Uint8Array([1, 2, 3])))

    await system.reader().get('S000')

    expect(system.table.warnings).toContainEqual(expect.stringMatching(/items#S000 value: .*checksum/))
  })

  test('a body that is intact under a higher fence is still not replaced (F59, I1)', async () => {
    const system = await changingPrices('items', engine())
    await corrupt(system, ITEM, set('fence', number(1_000)))

    const run = await system.tick(1)

    expect(run.counts).toMatchObject({ superseded: 1 })
    expect((await system.reader().prices())['S000']).toBe('10')
  })
})

describe('a snapshot whose head has', () => {
  test.each(PUBLICATIONS.filter(([what]) => what !== 'the key of another'))(
    '%s is never served in any encoding, and is replaced by the next run (F59)',
    async (_what, corruption) => {
      const system = await changingPrices('snapshot', engine())
      const before = await system.reader().get()
      await corrupt(system, HEAD, corruption)

      const served = await statuses(system, '/test/prices', String(before.headers['etag']))
      const run = await system.tick(1)

      expect(served).toEqual(UNAVAILABLE)
      expect(run).toMatchObject({ status: 'succeeded', counts: { published: 3 } })
      expect(await system.reader().prices()).toEqual(NEW)
    },
  )

  test.each([
    ['a summary that is not JSON', set('summary', { S: '{"pool":' })],
    ['another summary than was written', set('summary', { S: '{}' })],
    ['no pages', set('pages', number(0))],
    ['pages beyond number', set('pages', number(1e9))],
  ])('%s is never served, and is replaced by the next run (F59)', async (_what, corruption) => {
    const system = await changingPrices('snapshot', engine())
    await corrupt(system, HEAD, corruption)

    const served = await statuses(system, '/test/prices', '"none"')
    const run = await system.tick(1)

    expect(served).toEqual(UNAVAILABLE)
    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 3 } })
    expect(await system.reader().prices()).toEqual(NEW)
  })
})

describe('a page of a snapshot with', () => {
  test.each(BODIES)(
    '%s takes the set from readers, and the next run writes it whole (F59)',
    async (_what, corruption) => {
      const system = await changingPrices('snapshot', engine())
      await corrupt(system, PAGE, corruption)

      const served = await statuses(system, '/test/prices', '"none"')
      const run = await system.tick(1)

      expect(served).toEqual(UNAVAILABLE)
      expect(run).toMatchObject({ status: 'succeeded', counts: { published: 3 } })
      expect(await system.reader().prices()).toEqual(NEW)
    },
  )

  test.each<[string, object]>([
    ['a body that is not JSON', { body: '<html>' }],
    ['a check in the future', { checkedAt: Date.UTC(2026, 10, 20, 14) }],
    ['a time that is no number', { asOf: null }],
    ['no body', { body: undefined }],
  ])(
    'an entry of an older release with %s serves the others, and the next run replaces it (F59)',
    async (_what, flaw) => {
      const system = await changingPrices('snapshot', engine())
      await corrupt(system, PAGE, (record) => {
        const [first, ...others] = JSON.parse(
          decompress(record['body']?.B ?? new Uint8Array()).toString(),
        ) as object[]
        return oldBody(JSON.stringify([{ ...first, ...flaw }, ...others]))(record)
      })

      const before = await system.reader().prices()
      const run = await system.tick(1)

      expect(before).toEqual({ S001: '10', S002: '10' })
      expect(run).toMatchObject({ status: 'succeeded', counts: { published: 2, unchanged: 1 } })
      expect(await system.reader().prices()).toEqual(NEW)
    },
  )
})

test('a part of a task that cannot be decoded is absent (F59)', async () => {
  const system = await changingPrices('items', engine())
  const { tasks } = system.table.truth
  const key = { pk: 'job#prices-items#tasks#run-1', sk: 'context' }
  const until = system.world.clock.now() + 3_600_000
  await tasks.put('prices-items', 'run-1', 'context', { some: 'value' }, until)
  await corrupt(system, key, (record) => without('checksum')(body(compress('{"some":'))(record)))

  const part = await tasks.get('prices-items', 'run-1', 'context', system.world.clock.now())

  expect(part).toBeUndefined()
  expect(system.table.warnings).toContainEqual(expect.stringContaining('tasks#run-1 context'))
})

test('a row of history that cannot be decoded is left out, the others are listed (F59)', async () => {
  const system = await changingPrices('items', engine())
  const { history } = system.table.truth
  const row = (at: number) => ({ kind: 'k', entity: 'e', at, data: { at }, expiresAt: at + 3_600_000 })
  await history.put('prices-items', [row(1_000), row(2_000)])
  await corrupt(system, { pk: 'job#prices-items#history#k#e', sk: '0000000001000' }, set('data', { S: '{' }))

  const rows = await history.list('prices-items', 'k', 'e', { from: 0, to: 9_000, limit: 9 })

  expect(rows).toEqual([row(2_000)])
})
