import { afterAll, beforeAll, describe, it } from 'vitest'
import { dynamoOperatorStore } from '#shared/adapters/dynamodb/store.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { type DynaliteTable, dynaliteTable } from '#test/fakes/table/dynalite-table.ts'
import { runs } from '#test/support/runs.ts'
import { historyContract } from './history-contract.ts'
import { racePurges } from './purge-races.ts'
import { storeContract } from './store-contract.ts'

describe('the DynamoDB store on the embedded engine', () => {
  let table: DynaliteTable
  beforeAll(async () => {
    table = await dynaliteTable()
  })
  afterAll(() => table.close())

  const makeStore = async () =>
    dynamoOperatorStore(
      table.fullAccessClient,
      await table.create(),
      { ...systemClock, now: () => T0 },
      () => {},
    )

  storeContract(makeStore)
  historyContract(makeStore)

  it.each(['items', 'snapshot'] as const)(
    'purges that race runs leave no %s that a purge of all cannot reach',
    async (stored) => {
      for (let seed = 1; seed <= runs(24, 4); seed += 1) await racePurges(stored, await makeStore(), seed)
    },
    120_000,
  )
})
