import type { JsonValue } from '#shared/domain/json.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HistoryStore } from '#shared/domain/ports/store.ts'
import type { HistoryRow } from '#shared/domain/records/publication.ts'
import { type Attributes, epochSeconds, Fields } from './table/attributes.ts'
import { batchPut } from './table/batches.ts'
import { historyKey } from './table/keys.ts'
import type { Table } from './table/table.ts'
import type { TableReader } from './table/table-reader.ts'

/** The read-only part of {@link dynamoHistory}, for the reads function. */
export function dynamoHistoryReader(table: TableReader): Pick<HistoryStore, 'list'> {
  return {
    async list(job, kind, entity, { from, to, limit }) {
      const { pk, sk: first } = historyKey(job, kind, entity, from)
      const { sk: last } = historyKey(job, kind, entity, to)
      return table.list(pk, { first, last }, readRow, { newestFirst: true, limit })
    },
  }
}

/** History rows in DynamoDB, partitioned by job, kind and entity, ordered by time. */
export function dynamoHistory(table: Table, clock: Clock): HistoryStore {
  return {
    ...dynamoHistoryReader(table),

    put: (job, rows) =>
      batchPut(
        table,
        clock,
        rows.map(({ kind, entity, at, data, expiresAt }) => ({
          ...historyKey(job, kind, entity, at),
          kind,
          entity,
          at,
          data: JSON.stringify(data),
          expiresAt: epochSeconds(expiresAt),
        })),
      ),
  }
}

function readRow(attributes: Attributes): HistoryRow {
  const fields = new Fields(attributes)
  return {
    kind: fields.text('kind'),
    entity: fields.text('entity'),
    at: fields.number('at'),
    data: JSON.parse(fields.text('data')) as JsonValue,
    expiresAt: fields.number('expiresAt') * 1_000,
  }
}
