import { defined } from '#shared/domain/defined.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import { isJson } from '#shared/domain/json.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { RejectedStore } from '#shared/domain/ports/store.ts'
import type { RejectedRecord } from '#shared/domain/records/rejected.ts'
import { type Attributes, epochSeconds, Fields } from './table/attributes.ts'
import { rejectedKey } from './table/keys.ts'
import type { Table } from './table/table.ts'

/** Rejected bodies in DynamoDB: the newest of each key. */
export function dynamoRejected(table: Table, clock: Clock): RejectedStore {
  return {
    async get(job, key) {
      const tableKey = rejectedKey(job, key)
      const rejected = table.decode(tableKey, await table.get(tableKey, true), readRejected)
      return rejected && rejected.expiresAt > clock.now() ? rejected : undefined
    },

    async put(job, rejected) {
      const expiresAt = epochSeconds(rejected.expiresAt)
      await table.put(rejectedKey(job, rejected.key), { ...rejected, expiresAt })
    },

    list: (job) => table.list(rejectedKey(job, '').pk, { first: '!', last: '~' }, readRejected),

    remove: (job, key) => table.remove(rejectedKey(job, key)),
  }
}

function readRejected(attributes: Attributes): RejectedRecord {
  const fields = new Fields(attributes)
  const value = fields.optionalText('value')
  if (value !== undefined && !isJson(value)) throw new TypeError('expected a value in JSON')
  return {
    key: fields.text('key'),
    runId: fields.text('runId'),
    rejectedAt: fields.number('rejectedAt'),
    reason: fields.text('reason') as FailReason,
    message: fields.text('message'),
    body: fields.text('body'),
    expiresAt: fields.number('expiresAt') * 1_000,
    ...defined({ value }),
  }
}
