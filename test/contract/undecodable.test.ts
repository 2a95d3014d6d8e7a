import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { toAttributes } from '#shared/adapters/dynamodb/table/attributes.ts'
import { pageKey, stateKey } from '#shared/adapters/dynamodb/table/keys.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { sampleEntry, sampleHead, T0 } from '#test/fakes/store/samples.ts'
import { type DynaliteTable, dynaliteTable } from '#test/fakes/table/dynalite-table.ts'

const CLOCK = { ...systemClock, now: () => T0 }

let table: DynaliteTable
beforeAll(async () => {
  table = await dynaliteTable()
})
afterAll(() => table.close())

it.each([
  ['is not brotli', new Uint8Array([1, 2, 3])],
  ['is missing', undefined],
])('a page whose body %s counts as missing, and is logged', async (_what, body) => {
  const name = await table.create()
  const warnings: string[] = []
  const store = dynamoStore(table.fullAccessClient, name, CLOCK, (what) => warnings.push(what))
  await store.snapshots.publish('job-one', sampleHead(), [sampleEntry('A')], undefined, T0)
  const head = await store.snapshots.head('job-one', 'all')
  if (!head) throw new Error('expected a head')
  const page = { ...pageKey('job-one', 'all', head.version, 0), v: 1, body }
  await table.fullAccessClient.send(new PutItemCommand({ TableName: name, Item: toAttributes(page) }))

  const entries = await store.snapshots.entries('job-one', head)

  expect(entries).toBeUndefined()
  expect(warnings).toEqual([expect.stringContaining(`page#${head.version}#0000`)])
})

it('statistics that cannot be decoded count as none, are logged, and stop no run', async () => {
  const name = await table.create()
  const warnings: string[] = []
  const store = dynamoStore(table.fullAccessClient, name, CLOCK, (what) => warnings.push(what))
  const broken = { ...stateKey('job-one'), v: 1, fence: 4, statistics: '{"total"' }
  await table.fullAccessClient.send(new PutItemCommand({ TableName: name, Item: toAttributes(broken) }))

  const lease = { owner: 'owner-1', until: T0 + 60_000 }
  const leased = await store.states.acquire('job-one', { kind: 'job' }, lease, T0)

  expect(leased).toEqual({ fence: 5 })
  expect(warnings).toEqual([expect.stringContaining('public#job-one')])
})
