import type { KeyStore } from '#shared/domain/ports/store.ts'
import { Fields } from './attributes.ts'
import { publishedKeysKey } from './keys.ts'
import type { Table } from './table.ts'
import { FORMAT } from './table-reader.ts'

/** Keys of items in DynamoDB: one set a job, changed without looking. */
export function dynamoKeys(table: Table): KeyStore {
  const change = async (job: string, verb: 'ADD' | 'DELETE', keys: readonly string[]) => {
    if (keys.length === 0) return
    await table.update(publishedKeysKey(job), {
      expression: `SET v = :v ${verb} #keys :keys`,
      names: { '#keys': 'keys' },
      values: { ':v': FORMAT, ':keys': new Set(keys) },
    })
  }
  return {
    add: (job, keys) => change(job, 'ADD', keys),

    remove: (job, keys) => change(job, 'DELETE', keys),

    async list(job) {
      const key = publishedKeysKey(job)
      const found = table.decode(key, await table.get(key, true), (attributes) =>
        'keys' in attributes ? new Fields(attributes).texts('keys') : [],
      )
      return (found ?? []).toSorted()
    },
  }
}
