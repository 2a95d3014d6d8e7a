import type { ControlStore } from '../ports/store.ts'
import { defined, Fields } from './attributes.ts'
import { controlKey } from './keys.ts'
import type { Table } from './table.ts'

/** What operators decided, in DynamoDB. */
export function dynamoControls(table: Table): ControlStore {
  return {
    async get(job) {
      const key = controlKey(job)
      const control = table.decode(key, await table.get(key, true), (attributes) => {
        const fields = new Fields(attributes)
        return defined({
          pausedUntil: fields.optionalNumber('pausedUntil'),
          pauseReason: fields.optionalText('pauseReason'),
        })
      })
      return control ?? {}
    },
  }
}
