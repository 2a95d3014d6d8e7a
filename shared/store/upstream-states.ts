import type { FailReason } from '../engine/errors.ts'
import type { UpstreamStore } from '../ports/store.ts'
import { defined, Fields } from './attributes.ts'
import { upstreamKey } from './keys.ts'
import type { Table } from './table.ts'
import { FORMAT } from './table-reader.ts'

/** What is known of providers, in DynamoDB. */
export function dynamoUpstreams(table: Table): UpstreamStore {
  return {
    async get(name) {
      const key = upstreamKey(name)
      const state = table.decode(key, await table.get(key, true), (attributes) => {
        const fields = new Fields(attributes)
        const reason = fields.optionalText('reason') as FailReason | undefined
        return defined({ notBefore: fields.optionalNumber('notBefore'), reason })
      })
      return state ?? {}
    },

    async coolDown(name, until, reason) {
      await table.update(upstreamKey(name), {
        expression: 'SET v = :v, notBefore = :until, reason = :reason',
        condition: 'attribute_not_exists(notBefore) OR notBefore < :until',
        values: { ':v': FORMAT, ':until': until, ':reason': reason },
      })
    },
  }
}
