import type { FailReason } from '../engine/errors.ts'
import type { AsideStore } from '../ports/store.ts'
import { defined, Fields, seconds } from './attributes.ts'
import { asideKey } from './keys.ts'
import type { Table } from './table.ts'

/** Rejected bodies in DynamoDB; the newest of each key. */
export function dynamoAsides(table: Table): AsideStore {
  return {
    async get(job, key) {
      const at = asideKey(job, key)
      return table.decode(at, await table.get(at, true), (attributes) => {
        const fields = new Fields(attributes)
        return {
          key,
          runId: fields.text('runId'),
          at: fields.number('at'),
          reason: fields.text('reason') as FailReason,
          message: fields.text('message'),
          body: fields.text('body'),
          expiresAt: fields.number('expiresAt') * 1_000,
          ...defined({ value: fields.optionalText('value') }),
        }
      })
    },

    async put(job, aside) {
      await table.put(asideKey(job, aside.key), { ...aside, expiresAt: seconds(aside.expiresAt) })
    },
  }
}
