import { BatchGetItemCommand, BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { type AttributeInput, type Attributes, toAttributes } from './attributes.ts'
import type { TableKey } from './keys.ts'
import type { Table } from './table.ts'
import { FORMAT, type TableReader } from './table-reader.ts'

const ATTEMPTS = 6
const FIRST_WAIT_MS = 50

/**
 * Sends a batch, then its unprocessed rest again, with doubling waits.
 *
 * @param send - sends records and returns the unprocessed ones
 * @throws {RefreshError} `store` when records are left after six attempts: nothing is lost silently
 */
async function sendUntilProcessed<T>(
  batch: readonly T[],
  clock: Clock,
  send: (rest: T[]) => Promise<T[]>,
): Promise<void> {
  let rest = [...batch]
  for (let attempt = 1; rest.length > 0; attempt += 1) {
    rest = await send(rest)
    if (rest.length === 0) return
    if (attempt === ATTEMPTS) {
      const left = `the table left ${rest.length} of ${batch.length} records of a batch unprocessed, ${attempt} times`
      throw new RefreshError('store', left)
    }
    await clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1))
  }
}

/** Most records per batch that is read (a limit of DynamoDB). */
const READ_BATCH = 100

/**
 * Reads distinct records in batches of a hundred, in no order; those that are not stored are left out.
 *
 * @throws {RefreshError} `store` when records are still unprocessed after six attempts
 */
export async function batchGet(
  table: TableReader,
  clock: Clock,
  keys: readonly TableKey[],
  consistent: boolean,
): Promise<readonly Attributes[]> {
  const records: Attributes[] = []
  for (let start = 0; start < keys.length; start += READ_BATCH) {
    const batch = keys.slice(start, start + READ_BATCH).map((key) => toAttributes({ ...key }))
    await sendUntilProcessed(batch, clock, async (rest) => {
      const command = new BatchGetItemCommand({
        RequestItems: { [table.name]: { Keys: rest, ConsistentRead: consistent } },
      })
      const response = await table.client.send(command)
      records.push(...(response.Responses?.[table.name] ?? []))
      return response.UnprocessedKeys?.[table.name]?.Keys ?? []
    })
  }
  return records
}

/** Most records per batch that is written (a limit of DynamoDB). */
export const BATCH = 25

/**
 * Writes records in batches, unconditionally.
 *
 * @throws {RefreshError} `store` when records are still unprocessed after six attempts
 */
export async function batchPut(
  table: Table,
  clock: Clock,
  records: readonly (TableKey & { readonly [name: string]: AttributeInput | undefined })[],
): Promise<void> {
  const requests = records.map(
    (record): WriteRequest => ({ PutRequest: { Item: toAttributes({ ...record, v: FORMAT }) } }),
  )
  await batchWrite(table, clock, requests)
}

/**
 * Deletes records in batches, unconditionally; those that are not stored are no error.
 *
 * @throws {RefreshError} `store` when records are still unprocessed after six attempts
 */
export async function batchDelete(table: Table, clock: Clock, keys: readonly TableKey[]): Promise<void> {
  const requests = keys.map(
    ({ pk, sk }): WriteRequest => ({ DeleteRequest: { Key: toAttributes({ pk, sk }) } }),
  )
  await batchWrite(table, clock, requests)
}

async function batchWrite(table: Table, clock: Clock, requests: readonly WriteRequest[]): Promise<void> {
  for (let start = 0; start < requests.length; start += BATCH) {
    await sendUntilProcessed(requests.slice(start, start + BATCH), clock, async (rest) => {
      const command = new BatchWriteItemCommand({ RequestItems: { [table.name]: rest } })
      return (await table.client.send(command)).UnprocessedItems?.[table.name] ?? []
    })
  }
}
