import { expectChecksum, hashOf } from '#shared/domain/codec.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HistoryStore } from '#shared/domain/ports/history-store.ts'
import { type HistoryRow, historyFlaw } from '#shared/domain/records/publication.ts'
import { HistoryEntities } from './history-entities.ts'
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

/** History rows in DynamoDB, partitioned by job, kind and entity, ordered by time. Each entity is listed before its rows. */
export function dynamoHistory(table: Table, clock: Clock): HistoryStore {
  const entities = new HistoryEntities(table, clock)
  return {
    ...dynamoHistoryReader(table),

    async put(job, rows) {
      if (rows.length === 0) return
      await entities.add(job, rows)
      await batchPut(
        table,
        clock,
        rows.map(({ kind, entity, at, data, expiresAt }) => {
          const text = JSON.stringify(data)
          return {
            ...historyKey(job, kind, entity, at),
            kind,
            entity,
            at,
            data: text,
            checksum: hashOf(text),
            expiresAt: epochSeconds(expiresAt),
          }
        }),
      )
    },
  }
}

function readRow(attributes: Attributes): HistoryRow {
  const fields = new Fields(attributes)
  const text = fields.text('data')
  const checksum = fields.optionalText('checksum')
  if (checksum !== undefined) expectChecksum(text, checksum)
  const row: HistoryRow = {
    kind: fields.text('kind'),
    entity: fields.text('entity'),
    at: fields.number('at'),
    data: JSON.parse(text) as JsonValue,
    expiresAt: fields.number('expiresAt') * 1_000,
  }
  const flaw = historyFlaw(row)
  if (flaw !== undefined) throw new TypeError(flaw)
  return row
}
