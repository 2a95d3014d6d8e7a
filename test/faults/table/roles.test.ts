import { expect, test } from 'vitest'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { pricesPermissions } from '#test/fakes/jobs/prices.ts'
import { dynaliteTable } from '#test/fakes/table/dynalite-table.ts'
import { onTestCleanup } from '#test/support/temporary/cleanup.ts'

test('the table of this suite denies a job the records of another job, and reports the call', async () => {
  const table = await dynaliteTable(pricesPermissions())
  onTestCleanup(table.close)
  const client = table.clientOf('job-prices-items')
  const store = dynamoStore(client, await table.create(), systemClock, expect.unreachable)

  const own = await store.items.get('prices-items', 'S000')
  const foreign = store.items.get('prices-snapshot', 'S000')

  expect(own).toBeUndefined()
  await expect(foreign).rejects.toMatchObject({ name: 'AccessDeniedException' })
  expect(table.assertNothingDenied).toThrow(
    'the role of job-prices-items does not allow dynamodb:GetItem on job#prices-snapshot#items#S000',
  )
})
