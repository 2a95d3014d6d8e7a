import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { tableClient } from '#infra/local/table/create-table.ts'
import { dynamoOperatorStore } from '#shared/adapters/dynamodb/store.ts'
import { toAttributes } from '#shared/adapters/dynamodb/table/attributes.ts'
import { historyEntityKey } from '#shared/adapters/dynamodb/table/keys.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { type DynaliteTable, dynaliteTable } from '#test/fakes/table/dynalite-table.ts'
import { unreliableTable } from '#test/fakes/table/unreliable-table.ts'
import { historyRow } from './history-contract.ts'

const DAY = 86_400_000
const KEY = historyEntityKey('job-one', 'daily', 'AAPL')

let table: DynaliteTable
let name: string
let warnings: string[]
beforeAll(async () => {
  table = await dynaliteTable()
})
beforeEach(async () => {
  name = await table.create()
  warnings = []
})
afterAll(() => table.close())

/** The history as one process has it. */
const openHistory = (client = table.fullAccessClient) =>
  dynamoOperatorStore(client, name, { ...systemClock, now: () => T0 }, (what) => warnings.push(what)).history

async function listingEndsAt(): Promise<number> {
  const { Item } = await table.fullAccessClient.send(
    new GetItemCommand({ TableName: name, Key: toAttributes({ ...KEY }) }),
  )
  return Number(Item?.['expiresAt']?.N) * 1_000
}

describe('the listing of an entity with rows of history', () => {
  it('ends 30 days after its rows, and is extended before less than 7 of them are left', async () => {
    const history = openHistory()
    await history.put('job-one', [historyRow(30)])
    const first = await listingEndsAt()
    await history.put('job-one', [historyRow(7)])
    const unchanged = await listingEndsAt()
    await history.put('job-one', [historyRow(6)])
    const extended = await listingEndsAt()

    expect((first - T0) / DAY).toBe(90 - 30 + 30)
    expect(unchanged).toBe(first)
    expect((extended - T0) / DAY).toBe(90 - 6 + 30)
  })

  it('is not shortened by an older row', async () => {
    await openHistory().put('job-one', [historyRow(0)])
    await openHistory().put('job-one', [historyRow(89)])

    expect(((await listingEndsAt()) - T0) / DAY).toBe(120)
  })

  it('that cannot be decoded is reported, still names its entity, and is written again', async () => {
    const broken = toAttributes({ ...KEY, v: 1, expiresAt: 'soon' })
    await table.fullAccessClient.send(new PutItemCommand({ TableName: name, Item: broken }))
    const history = openHistory()

    expect(await history.entities('job-one', 'daily')).toEqual(['AAPL'])
    await history.put('job-one', [historyRow(0)])

    expect(warnings).toEqual([expect.stringContaining('job#job-one#entities daily#AAPL')])
    expect(((await listingEndsAt()) - T0) / DAY).toBe(120)
  })
})

/** The history over a wire that may fail, for the length of one test. */
async function openWired() {
  const wire = await unreliableTable(table.endpoint, true)
  const client = tableClient({ AWS_ENDPOINT_URL: wire.endpoint })
  onTestFinished(() => client.destroy())
  return { wire, history: openHistory(client) }
}

describe('a process', () => {
  it('reads the listings once, and writes none where nothing is new', async () => {
    await openHistory().put('job-one', [historyRow(1)])
    const { wire, history } = await openWired()

    await Promise.all([history.put('job-one', [historyRow(0)]), history.put('job-one', [historyRow(2)])])
    await history.put('job-one', [historyRow(3)])

    const calls = wire.requests.map(({ operation, keys }) => `${operation} ${keys[0]?.pk}`)
    expect(calls).toEqual([
      'Query job#job-one#entities',
      ...Array.from({ length: 3 }, () => 'BatchWriteItem job#job-one#history#daily#AAPL'),
    ])
  })

  it('whose read of the listings fails writes no row, and reads them again for the next one', async () => {
    const { wire, history } = await openWired()
    wire.script(({ operation }) => (operation === 'Query' ? { error: 'AccessDeniedException' } : 'pass'))
    const failed = history.put('job-one', [historyRow(0)])

    await expect(failed).rejects.toThrow('simulated')
    wire.script(() => 'pass')
    await history.put('job-one', [historyRow(1)])

    expect(await history.entities('job-one', 'daily')).toEqual(['AAPL'])
    expect(await history.count('job-one', 'daily', 'AAPL')).toBe(1)
  })

  it('that is killed after it has listed an entity leaves one without rows, which no one misses', async () => {
    const { wire, history } = await openWired()
    wire.script(({ keys }) =>
      keys[0]?.pk.includes('#history#') ? { error: 'AccessDeniedException' } : 'pass',
    )

    await expect(history.put('job-one', [historyRow(0)])).rejects.toThrow('simulated')

    expect(await openHistory().entities('job-one', 'daily')).toEqual(['AAPL'])
    expect(await openHistory().remove('job-one', 'daily', 'AAPL', {})).toBe(0)
  })
})

describe('a removal of rows of history', () => {
  const putMany = () =>
    openHistory().put(
      'job-one',
      Array.from({ length: 60 }, (_, index) => historyRow(index)),
    )

  it('sends what the table leaves unprocessed again, in pages of 25', async () => {
    await putMany()
    const { wire, history } = await openWired()
    wire.script(({ operation }) => (operation === 'BatchWriteItem' ? { only: 10 } : 'pass'))

    expect(await history.remove('job-one', 'daily', 'AAPL', {})).toBe(60)

    const sizes = wire.requests.flatMap(({ operation, keys }) =>
      operation === 'BatchWriteItem' ? [keys.length] : [],
    )
    expect(sizes).toEqual([25, 15, 5, 25, 15, 5, 10])
    expect(await openHistory().count('job-one', 'daily', 'AAPL')).toBe(0)
  })

  it('that fails in the middle has removed whole pages, and its repetition the others', async () => {
    await putMany()
    const { wire, history } = await openWired()
    let batches = 0
    wire.script(({ operation }) => {
      if (operation !== 'BatchWriteItem') return 'pass'
      batches += 1
      return batches === 1 ? 'pass' : { error: 'AccessDeniedException' }
    })

    await expect(history.remove('job-one', 'daily', 'AAPL', {})).rejects.toThrow('simulated')

    expect(await openHistory().remove('job-one', 'daily', 'AAPL', {})).toBe(35)
  })
})
