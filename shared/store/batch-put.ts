import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { type AttributeInput, toAttributes } from './attributes.ts'
import { sendUntilProcessed } from './batches.ts'
import type { TableKey } from './keys.ts'
import type { Table } from './table.ts'
import { FORMAT } from './table-reader.ts'

/** Records that one batch may hold. */
const BATCH = 25

/**
 * Writes records whatever stands under their keys, in batches.
 *
 * @throws {RefreshError} `store` when the table leaves some of a batch unprocessed again and again
 */
export async function batchPut(
  table: Table,
  clock: Clock,
  records: readonly (TableKey & { readonly [name: string]: AttributeInput | undefined })[],
): Promise<void> {
  const requests = records.map(
    (record): WriteRequest => ({ PutRequest: { Item: toAttributes({ ...record, v: FORMAT }) } }),
  )
  for (let start = 0; start < requests.length; start += BATCH) {
    await sendUntilProcessed(requests.slice(start, start + BATCH), clock, async (rest) => {
      const command = new BatchWriteItemCommand({ RequestItems: { [table.name]: rest } })
      return (await table.client.send(command)).UnprocessedItems?.[table.name] ?? []
    })
  }
}
