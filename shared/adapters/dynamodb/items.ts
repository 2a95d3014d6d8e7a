import { expectChecksum, hashOf, verifyBody } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { ItemStore, WriteResult } from '#shared/domain/ports/store.ts'
import {
  type DataSource,
  type Item,
  type Publication,
  publicationFlaw,
  type Validator,
} from '#shared/domain/records/publication.ts'
import { type Attributes, epochSeconds, Fields, isTombstone } from './table/attributes.ts'
import { batchGet } from './table/batches.ts'
import { itemKey } from './table/keys.ts'
import type { Table } from './table/table.ts'
import type { TableReader } from './table/table-reader.ts'
import { replaceByTombstone } from './table/tombstone.ts'

/** The order of publications: a higher fence, and an `asOf` that never goes back (I1) unless it is derived. */
const IS_ABSENT = 'attribute_not_exists(pk) OR expiresAt <= :now'
const IS_NEWER = `${IS_ABSENT} OR (fence < :fence AND asOf <= :asOf)`
const IS_LATER_RUN = `${IS_ABSENT} OR fence < :fence`

/** Decodes an item; one that cannot be decoded or believed, or is expired, is absent. */
export function itemDecoder(table: TableReader, clock: Pick<Clock, 'now'>) {
  return (job: string, pk: string, attributes: Attributes | undefined): Item | undefined => {
    const now = clock.now()
    const read = (record: Attributes) => readItem(record, job, now)
    const item = table.decode({ pk, sk: 'value' }, attributes, read)
    return item && item.expiresAt > now ? item : undefined
  }
}

/** The read-only part of {@link dynamoItems}, for the reads function. */
export function dynamoItemReader(table: TableReader, clock: Clock): Pick<ItemStore, 'get' | 'getMany'> {
  const decode = itemDecoder(table, clock)
  return {
    async get(job, key, { consistent = false } = {}) {
      const tableKey = itemKey(job, key)
      return decode(job, tableKey.pk, await table.get(tableKey, consistent))
    },

    async getMany(job, keys, { consistent = true } = {}) {
      const tableKeys = keys.map((key) => itemKey(job, key))
      const records = await batchGet(table, clock, tableKeys, consistent)
      const items = records.flatMap((attributes) => decode(job, attributes['pk']?.S ?? '', attributes) ?? [])
      return new Map(items.map((item) => [item.key, item]))
    },
  }
}

/** Items in DynamoDB. */
export function dynamoItems(table: Table, clock: Clock): ItemStore {
  return {
    ...dynamoItemReader(table, clock),

    async put(job, item, now, { anyAsOf = false } = {}) {
      const { key, validator, memory, ...rest } = item
      const result = await table.putOrReplace(
        itemKey(job, key),
        {
          ...rest,
          key,
          validator: validator && { ...validator },
          expiresAt: epochSeconds(item.expiresAt),
          checksum: hashOf(item.body),
          ...(memory && { memory, memoryChecksum: hashOf(memory) }),
        },
        {
          condition: anyAsOf ? IS_LATER_RUN : IS_NEWER,
          values: {
            ':now': epochSeconds(now),
            ':fence': item.fence,
            ':asOf': anyAsOf ? undefined : item.asOf,
          },
        },
        (stored) => readItem(stored, job, clock.now()),
      )
      return result.done ? { written: true } : refusedWrite(item, result.stored, result.attributes)
    },

    async confirm(job, item) {
      const { validator } = item
      const key = itemKey(job, item.key)
      const result = await table.update(key, {
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
      if (result.done) return { written: true }
      const read = (stored: Attributes) => readItem(stored, job, clock.now())
      return refusedWrite(item, table.decode(key, result.stored, read), result.stored)
    },

    invalidate: (job, key, at) => table.markStale(itemKey(job, key), at),

    remove: (job, key, removal) => replaceByTombstone(table, itemKey(job, key), removal),
  }
}

/** A retry after a lost response meets its own write, because no other run has this fence. */
function refusedWrite(
  { fence }: Item,
  stored: Item | undefined,
  attributes: Attributes | undefined,
): WriteResult {
  if (isTombstone(attributes)) return { written: false, stored: undefined, isPurged: true }
  return stored?.fence === fence ? { written: true } : { written: false, stored }
}

function readItem(attributes: Attributes, job: string, now: number): Item | undefined {
  if (isTombstone(attributes)) return undefined
  const fields = new Fields(attributes)
  const validator = fields.optionalRecord('validator')
  const publication = readPublication(fields, now)
  const { pk } = itemKey(job, publication.key)
  if (fields.text('pk') !== pk) throw new TypeError(`expected the item of ${pk}`)
  const body = fields.bytes('body')
  const isAbsent = fields.optionalFlag('isAbsent')
  const memory = fields.optionalBytes('memory')
  if (memory) expectChecksum(memory, fields.text('memoryChecksum'))
  // the body of an absent key is never served
  if (!isAbsent) verifyBody(body, fields.optionalText('checksum'))
  return {
    ...publication,
    body,
    ...defined({ validator: validator && readValidator(validator), memory, isAbsent }),
  }
}

function readValidator(fields: Fields): Validator {
  const tags = { etag: fields.optionalText('etag'), lastModified: fields.optionalText('lastModified') }
  return { urlHash: fields.text('urlHash'), ...defined(tags) }
}

/**
 * Reads the members that items and snapshot heads have in common.
 *
 * @throws {TypeError} naming an attribute that is missing, or that cannot be believed
 */
export function readPublication(fields: Fields, now: number): Publication {
  const publication: Publication = {
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
    dataSource: readDataSource(fields.text('dataSource')),
    ...defined({ invalidatedAt: fields.optionalNumber('invalidatedAt') }),
  }
  const flaw = publicationFlaw(publication, now)
  if (flaw !== undefined) throw new TypeError(flaw)
  return publication
}

function readDataSource(text: string): DataSource {
  if (text === 'live' || text === 'simulated') return text
  throw new TypeError(`expected live or simulated, got ${text}`)
}
