import { defined } from '#shared/domain/defined.ts'
import type { KeyStore } from '#shared/domain/ports/store.ts'
import { type Attributes, Fields } from './table/attributes.ts'
import { publishedKeysKey } from './table/keys.ts'
import type { Table } from './table/table.ts'
import { FORMAT, type TableReader } from './table/table-reader.ts'

/** Keys of published items in DynamoDB: one record per job with a set of text. */
export function dynamoKeys(table: Table): KeyStore {
  return {
    ...dynamoKeyReader(table),

    async add(job, keys, fence) {
      const { keys: listed, purgedFence = 0, purging } = await readKeyList(table, job)
      if (purgedFence > fence) return false
      const missing = purging === undefined ? keys.filter((key) => !listed.includes(key)) : keys
      if (missing.length === 0) return true
      const result = await table.update(publishedKeysKey(job), {
        expression: 'SET v = :v ADD #keys :keys, changes :one',
        condition: 'attribute_not_exists(purgedFence) OR purgedFence < :fence',
        names: { '#keys': 'keys' },
        values: { ':v': FORMAT, ':keys': new Set(missing), ':one': 1, ':fence': fence },
      })
      return result.done
    },

    async startPurge(job, fence, { all }) {
      const result = await table.update(publishedKeysKey(job), {
        expression: `SET v = :v, purging = :fence${all ? ', purgedFence = :fence' : ''} ADD changes :one`,
        values: { ':v': FORMAT, ':fence': fence, ':one': 1 },
      })
      if (!result.done) throw new Error('expected an update without a condition to succeed')
      const { keys, changes } = readKeys(result.attributes)
      return { fence, version: changes, keys: keys.toSorted() }
    },

    async endPurge(job, { fence, version }, removed) {
      const key = publishedKeysKey(job)
      const removal = await table.update(key, {
        expression: `REMOVE purging ADD changes :one${removed.length === 0 ? '' : ' DELETE #keys :keys'}`,
        condition: 'changes = :version',
        values: { ':one': 1, ':version': version },
        ...(removed.length === 0
          ? {}
          : {
              names: { '#keys': 'keys' },
              values: { ':one': 1, ':version': version, ':keys': new Set(removed) },
            }),
      })
      if (removal.done) return
      const values = { ':fence': fence }
      await table.update(key, { expression: 'REMOVE purging', condition: 'purging = :fence', values })
    },
  }
}

/** The part of the key list that reads use. */
export function dynamoKeyReader(table: TableReader): Pick<KeyStore, 'list'> {
  return { list: async (job) => (await readKeyList(table, job)).keys.toSorted() }
}

async function readKeyList(table: TableReader, job: string): Promise<KeyList> {
  const key = publishedKeysKey(job)
  return table.decode(key, await table.get(key, true), readKeys) ?? NO_KEYS
}

interface KeyList {
  readonly keys: readonly string[]
  /** Number of changes of the list. */
  readonly changes: number
  /** Fence of the newest purge that has begun and not ended. */
  readonly purging?: number
  /** Fence of the newest purge of all keys. */
  readonly purgedFence?: number
}

const NO_KEYS: KeyList = { keys: [], changes: 0 }

function readKeys(attributes: Attributes): KeyList {
  const fields = new Fields(attributes)
  return {
    keys: 'keys' in attributes ? fields.texts('keys') : [],
    changes: fields.optionalNumber('changes') ?? 0,
    ...defined({
      purging: fields.optionalNumber('purging'),
      purgedFence: fields.optionalNumber('purgedFence'),
    }),
  }
}
