import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { defined } from '#shared/domain/defined.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HistoryClearance } from '#shared/domain/ports/history-store.ts'
import { listedEntities } from './history-entities.ts'
import { Fields, toAttributes } from './table/attributes.ts'
import { BATCH, batchDelete } from './table/batches.ts'
import { ALL_HISTORY, historyKey, type TableKey } from './table/keys.ts'
import type { Table } from './table/table.ts'

/** The part of histories that retention and purges use. It reads keys only: a row that cannot be decoded is removed too. */
export function dynamoHistoryClearance(table: Table, clock: Clock): HistoryClearance {
  return {
    entities: (job, kind) => listedEntities(table, job, kind),

    async remove(job, kind, entity, { before, limit = Number.POSITIVE_INFINITY }) {
      const { pk } = historyKey(job, kind, entity, 0)
      const last = before === undefined ? ALL_HISTORY.last : historyKey(job, kind, entity, before - 1).sk
      let removed = 0
      while (removed < limit) {
        const size = Math.min(BATCH, limit - removed)
        const keys = await oldestKeys(table, pk, last, size)
        await batchDelete(table, clock, keys)
        removed += keys.length
        if (keys.length < size) break
      }
      return removed
    },

    async count(job, kind, entity) {
      const { pk } = historyKey(job, kind, entity, 0)
      let count = 0
      let start: QueryCommandInput['ExclusiveStartKey']
      do {
        const command = new QueryCommand({
          ...rowsQuery(table, pk),
          Select: 'COUNT',
          ExclusiveStartKey: start,
        })
        const page = await table.client.send(command)
        count += page.Count ?? 0
        start = page.LastEvaluatedKey
      } while (start)
      return count
    },
  }
}

/** Keys of the oldest rows of a partition, at most `size`; fewer when there are no more. */
async function oldestKeys(
  table: Table,
  pk: string,
  last: string,
  size: number,
): Promise<readonly TableKey[]> {
  const keys: TableKey[] = []
  let start: QueryCommandInput['ExclusiveStartKey']
  do {
    const page = await table.client.send(
      new QueryCommand({
        ...rowsQuery(table, pk, last),
        ConsistentRead: true,
        ProjectionExpression: 'pk, sk',
        Limit: size - keys.length,
        ...defined({ ExclusiveStartKey: start }),
      }),
    )
    for (const attributes of page.Items ?? []) keys.push({ pk, sk: new Fields(attributes).text('sk') })
    start = page.LastEvaluatedKey
  } while (start && keys.length < size)
  return keys
}

function rowsQuery(table: Table, pk: string, last: string = ALL_HISTORY.last) {
  return {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ExpressionAttributeValues: toAttributes({ ':pk': pk, ':first': ALL_HISTORY.first, ':last': last }),
  }
}
