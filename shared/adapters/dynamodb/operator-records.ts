import type { JsonValue } from '#shared/domain/json.ts'
import type { OperatorRecordStore } from '#shared/domain/ports/store.ts'
import type { OperatorRecord } from '#shared/domain/records/operator-record.ts'
import { type Attributes, Fields } from './table/attributes.ts'
import { operatorKey } from './table/keys.ts'
import { revisionCondition, type Table } from './table/table.ts'

/** Data of operators in DynamoDB: one record per name. */
export function dynamoOperatorRecords(table: Table): OperatorRecordStore {
  return {
    async get(name) {
      const key = operatorKey(name)
      return table.decode(key, await table.get(key, true), readRecord)
    },

    async replace(name, to) {
      const key = operatorKey(name)
      const record = { ...to, data: JSON.stringify(to.data) }
      const result = await table.put(key, record, revisionCondition(to.revision))
      if (result.done) return { written: true }
      const stored = table.decode(key, result.stored, readRecord)
      return stored?.change === to.change ? { written: true } : { written: false, stored }
    },
  }
}

function readRecord(attributes: Attributes): OperatorRecord {
  const fields = new Fields(attributes)
  return {
    revision: fields.number('revision'),
    change: fields.text('change'),
    changedAt: fields.number('changedAt'),
    data: JSON.parse(fields.text('data')) as JsonValue,
  }
}
