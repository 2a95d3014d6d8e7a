import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb'
import { defined } from '#shared/domain/defined.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { ItemStore, KeyStore, WriteResult } from '#shared/domain/ports/store.ts'
import type { DataSource, Item, Publication, Validator } from '#shared/domain/records/publication.ts'
import { type Attributes, epochSeconds, Fields, toAttributes } from './table/attributes.ts'
import { sendUntilProcessed } from './table/batches.ts'
import { itemKey, publishedKeysKey } from './table/keys.ts'
import type { ConditionalResult, Table } from './table/table.ts'
import { FORMAT, type TableReader } from './table/table-reader.ts'

const BATCH = 100

/** The order of publications: a higher fence, and an `asOf` that never goes back (I1). */
const IS_NEWER = 'attribute_not_exists(pk) OR expiresAt <= :now OR (fence < :fence AND asOf <= :asOf)'

/** The read-only part of {@link dynamoItems}, for the reads function. */
export function dynamoItemReader(table: TableReader, clock: Clock): Pick<ItemStore, 'get' | 'getMany'> {
  return {
    async get(job, key, { consistent = false } = {}) {
      const tableKey = itemKey(job, key)
      return table.decode(tableKey, await table.get(tableKey, consistent), readItem)
    },

    async getMany(job, keys, { consistent = true } = {}) {
      const items = new Map<string, Item>()
      for (let start = 0; start < keys.length; start += BATCH) {
        const batch = keys.slice(start, start + BATCH).map((key) => toAttributes({ ...itemKey(job, key) }))
        await sendUntilProcessed(batch, clock, async (rest) => {
          const command = new BatchGetItemCommand({
            RequestItems: { [table.name]: { Keys: rest, ConsistentRead: consistent } },
          })
          const response = await table.client.send(command)
          for (const attributes of response.Responses?.[table.name] ?? []) {
            const item = table.decode({ pk: attributes['pk']?.S ?? '', sk: 'value' }, attributes, readItem)
            if (item) items.set(item.key, item)
          }
          return response.UnprocessedKeys?.[table.name]?.Keys ?? []
        })
      }
      return items
    },
  }
}

/** Items in DynamoDB. */
export function dynamoItems(table: Table, clock: Clock): ItemStore {
  const toWriteResult = (result: ConditionalResult, job: string, item: Item): WriteResult => {
    if (result.done) return { written: true }
    const stored = table.decode(itemKey(job, item.key), result.stored, readItem)
    // A retry after a lost response meets its own write, because no other run has this fence.
    return stored?.fence === item.fence ? { written: true } : { written: false, stored }
  }
  return {
    ...dynamoItemReader(table, clock),

    async put(job, item, now) {
      const { key, validator, ...rest } = item
      const result = await table.put(
        itemKey(job, key),
        { ...rest, key, validator: validator && { ...validator }, expiresAt: epochSeconds(item.expiresAt) },
        {
          condition: IS_NEWER,
          values: { ':now': epochSeconds(now), ':fence': item.fence, ':asOf': item.asOf },
        },
      )
      return toWriteResult(result, job, item)
    },

    async confirm(job, item) {
      const { validator } = item
      const result = await table.update(itemKey(job, item.key), {
        expression:
          'SET checkedAt = :checkedAt, freshUntil = :freshUntil, staleUntil = :staleUntil, expiresAt = :expiresAt, ' +
          `fence = :fence${validator ? ', validator = :validator' : ''}`,
        condition: 'attribute_exists(pk) AND etag = :etag AND fence < :fence',
        values: {
          ':checkedAt': item.checkedAt,
          ':freshUntil': item.freshUntil,
          ':staleUntil': item.staleUntil,
          ':expiresAt': epochSeconds(item.expiresAt),
          ':fence': item.fence,
          ':etag': item.etag,
          ':validator': validator && { ...validator },
        },
      })
      return toWriteResult(result, job, item)
    },

    invalidate: (job, key, at) => table.markStale(itemKey(job, key), at),

    remove: (job, key) => table.remove(itemKey(job, key)),
  }
}

function readItem(attributes: Attributes): Item {
  const fields = new Fields(attributes)
  const validator = fields.optionalRecord('validator')
  return {
    ...readPublication(fields),
    body: fields.bytes('body'),
    ...defined({
      validator: validator && readValidator(validator),
      isAbsent: fields.optionalFlag('isAbsent'),
    }),
  }
}

function readValidator(fields: Fields): Validator {
  const tags = { etag: fields.optionalText('etag'), lastModified: fields.optionalText('lastModified') }
  return { urlHash: fields.text('urlHash'), ...defined(tags) }
}

/**
 * Reads the members that items and snapshot heads have in common.
 *
 * @throws {TypeError} naming a missing attribute
 */
export function readPublication(fields: Fields): Publication {
  return {
    key: fields.text('key'),
    fence: fields.number('fence'),
    runId: fields.text('runId'),
    etag: fields.text('etag'),
    renderVersion: fields.number('renderVersion'),
    asOf: fields.number('asOf'),
    fetchedAt: fields.number('fetchedAt'),
    checkedAt: fields.number('checkedAt'),
    freshUntil: fields.number('freshUntil'),
    staleUntil: fields.number('staleUntil'),
    expiresAt: fields.number('expiresAt') * 1_000,
    degraded: fields.flag('degraded'),
    source: fields.text('source'),
    dataSource: fields.text('dataSource') as DataSource,
    ...defined({ invalidatedAt: fields.optionalNumber('invalidatedAt') }),
  }
}

/** Keys of published items in DynamoDB: one set per job, changed without a read. */
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
      const keys = table.decode(key, await table.get(key, true), (attributes) =>
        'keys' in attributes ? new Fields(attributes).texts('keys') : [],
      )
      return (keys ?? []).toSorted()
    },
  }
}
