import { connect } from 'node:net'
import {
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test, vi } from 'vitest'
import { tableClient } from '#infra/local/table/create-table.ts'
import { openTable } from '#infra/local/table/table.ts'
import { startSweeper } from '#infra/local/table/ttl-sweeper.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { defined } from '#shared/domain/defined.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const TABLE = 'freshet'

async function open(path: string, sweepIntervalMs?: number) {
  const faults: unknown[] = []
  const onFault = (error: unknown) => faults.push(error)
  const table = await openTable({ path, onFault, ...defined({ sweepIntervalMs }) })
  const client = tableClient({ AWS_ENDPOINT_URL_DYNAMODB: table.url })
  let closing: Promise<void> | undefined
  const close = () => {
    client.destroy()
    closing ??= table.close()
    return closing
  }
  onTestFinished(close)
  return { url: table.url, client, faults, close }
}

function put(client: DynamoDBClient, pk: string, expiresAt?: number) {
  const expiry = expiresAt === undefined ? {} : { expiresAt: { N: String(expiresAt) } }
  return client.send(
    new PutItemCommand({ TableName: TABLE, Item: { pk: { S: pk }, sk: { S: 'value' }, ...expiry } }),
  )
}

async function has(client: DynamoDBClient, pk: string): Promise<boolean> {
  const { Item } = await client.send(
    new GetItemCommand({
      TableName: TABLE,
      Key: { pk: { S: pk }, sk: { S: 'value' } },
      ConsistentRead: true,
    }),
  )
  return Item !== undefined
}

test('a client keeps its connection, however long it sends no request', async () => {
  const { url } = await open(await temporaryDirectory())

  const { headers } = await fetch(url)

  expect(headers.get('connection')).toBe('keep-alive')
  // the time after which the server would close it
  expect(headers.get('keep-alive')).toBeNull()
})

test('the table has the keys of the deployed one, is on demand and has no index', async () => {
  const { client } = await open(await temporaryDirectory())

  const { Table } = await client.send(new DescribeTableCommand({ TableName: TABLE }))

  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  })
  expect(Table?.GlobalSecondaryIndexes).toBeUndefined()
})

test('what was written is there after the table was closed and opened again', async () => {
  const path = await temporaryDirectory()
  const first = await open(path)
  await put(first.client, 'kept')
  await first.close()

  const second = await open(path)

  expect(await has(second.client, 'kept')).toBe(true)
  expect(await has(second.client, 'never written')).toBe(false)
})

test('leases of an ended process are released, but those of tasks that continue', async () => {
  const path = await temporaryDirectory()
  const first = await openTable({ path, onFault: () => {} })
  const owned = statesAt(first.url)
  const ended = 'ended'
  const goesOn = 'goes-on'
  for (const owner of [ended, goesOn]) {
    await owned.acquire(owner, { kind: 'job' }, { owner, until: Date.now() + 60_000 }, Date.now())
  }
  await first.close()

  const second = await openTable({ path, leaseOwners: new Set([goesOn]), onFault: () => {} })
  onTestFinished(second.close)
  const states = statesAt(second.url)

  expect((await states.get(ended)).lease).toBeUndefined()
  expect((await states.get(goesOn)).lease).toMatchObject({ owner: goesOn })
})

test('expired items are deleted, and no others', async () => {
  const { client, faults } = await open(await temporaryDirectory(), 50)
  const now = Math.floor(Date.now() / 1_000)
  await put(client, 'fresh', now + 3_600)
  await put(client, 'without expiry')
  await put(client, 'expired', now - 10)

  await vi.waitFor(async () => expect(await has(client, 'expired')).toBe(false), { timeout: 10_000 })

  expect(await has(client, 'fresh')).toBe(true)
  expect(await has(client, 'without expiry')).toBe(true)
  expect(faults).toEqual([])
})

test('an item that is renewed after a sweep has read it stays', async () => {
  const { url, client } = await open(await temporaryDirectory())
  const now = Math.floor(Date.now() / 1_000)
  await put(client, 'renewed', now - 10)
  const sweeping = tableClient({ AWS_ENDPOINT_URL_DYNAMODB: url })
  let deletions = 0
  sweeping.middlewareStack.add(
    (send, context) => async (call) => {
      if (context['commandName'] === 'DeleteItemCommand' && deletions++ === 0) {
        await put(client, 'renewed', now + 3_600)
      }
      return send(call)
    },
    { step: 'initialize' },
  )
  const faults: unknown[] = []

  const sweeper = startSweeper(sweeping, 20, (error) => faults.push(error))
  onTestFinished(() => sweeping.destroy())
  await vi.waitFor(() => expect(deletions).toBe(1), { timeout: 10_000 })
  await sweeper.stop()

  expect(await has(client, 'renewed')).toBe(true)
  expect(faults).toEqual([])
})

test('closing ends within a second, with idle and open connections and a sweep under way', async () => {
  const { client, close, url } = await open(await temporaryDirectory(), 1)
  await put(client, 'any')
  const unused = connect(Number(new URL(url).port), '127.0.0.1')
  unused.on('error', () => {})
  onTestFinished(() => void unused.destroy())
  await new Promise((resolve) => unused.once('connect', resolve))

  const started = performance.now()
  await close()

  expect(performance.now() - started).toBeLessThan(1_000)
})

test('a client that dies in the middle of a request leaves the table answering', async () => {
  const { client, url } = await open(await temporaryDirectory())
  const dying = connect(Number(new URL(url).port), '127.0.0.1')
  await new Promise((resolve) => dying.once('connect', resolve))
  const head =
    'POST / HTTP/1.1\r\nHost: table\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 1000\r\n\r\n'
  await new Promise((resolve) => dying.write(`${head}{"half`, resolve))

  const closed = new Promise((resolve) => dying.once('close', resolve))
  dying.resetAndDestroy()
  await closed
  await put(client, 'after')

  expect(await has(client, 'after')).toBe(true)
})

function statesAt(url: string) {
  const client = tableClient({ AWS_ENDPOINT_URL_DYNAMODB: url })
  onTestFinished(() => client.destroy())
  return dynamoStore(client, TABLE, systemClock, () => {}).states
}
