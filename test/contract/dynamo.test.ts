import { afterAll, beforeAll, describe } from 'vitest'
import { dynamoOperatorStore } from '#shared/adapters/dynamodb/store.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { type DynaliteTable, dynaliteTable } from '#test/fakes/table/dynalite-table.ts'
import { storeContract } from './store-contract.ts'

describe('the DynamoDB store on the embedded engine', () => {
  let table: DynaliteTable
  beforeAll(async () => {
    table = await dynaliteTable()
  })
  afterAll(() => table.close())

  storeContract(async () =>
    dynamoOperatorStore(table.client, await table.create(), { ...systemClock, now: () => T0 }, () => {}),
  )
})
