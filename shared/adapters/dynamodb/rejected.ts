import { defined } from '#shared/domain/defined.ts'
import type { FailReason } from '#shared/domain/errors.ts'
import type { RejectedStore } from '#shared/domain/ports/store.ts'
import type { RejectedRecord } from '#shared/domain/records/rejected.ts'
import { type Attributes, epochSeconds, Fields } from './table/attributes.ts'
import { rejectedKey } from './table/keys.ts'
import type { Table } from './table/table.ts'

/** Rejected bodies in DynamoDB; the newest of each key. */
export function dynamoRejected(table: Table): RejectedStore {
  return {
    async get(job, key) {
      const at = rejectedKey(job, key)
      return table.decode(at, await table.get(at, true), readRejected)
    },

    async put(job, aside) {
      await table.put(rejectedKey(job, aside.key), { ...aside, expiresAt: epochSeconds(aside.expiresAt) })
    },

    async list(job) {
      const { pk } = rejectedKey(job, '')
      const stored = await table.query(pk, { first: '!', last: '~' })
      return stored.flatMap(
        (attributes) => table.decode({ pk, sk: attributes['sk']?.S ?? '' }, attributes, readRejected) ?? [],
      )
    },

    remove: (job, key) => table.remove(rejectedKey(job, key)),
  }
}

function readRejected(attributes: Attributes): RejectedRecord {
  const fields = new Fields(attributes)
  return {
    key: fields.text('key'),
    runId: fields.text('runId'),
    rejectedAt: fields.number('rejectedAt'),
    reason: fields.text('reason') as FailReason,
    message: fields.text('message'),
    body: fields.text('body'),
    expiresAt: fields.number('expiresAt') * 1_000,
    ...defined({ value: fields.optionalText('value') }),
  }
}
