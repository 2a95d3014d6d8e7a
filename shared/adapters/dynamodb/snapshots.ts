import { compress, decompress } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HeadResult, SnapshotStore } from '#shared/domain/ports/store.ts'
import { type SnapshotEntry, type SnapshotHead, versionOf } from '#shared/domain/records/snapshot.ts'
import { isTombstone, readPublication, replaceByTombstone } from './items.ts'
import { type Attributes, epochSeconds, Fields, MAX_BODY_BYTES } from './table/attributes.ts'
import { batchPut } from './table/batches.ts'
import { headKey, pageKey } from './table/keys.ts'
import type { ConditionalResult, Table } from './table/table.ts'
import type { TableReader } from './table/table-reader.ts'

/** Sorts before all pages of a snapshot. */
const FIRST_PAGE = 'page#'

/** Fences count from 1. */
const NO_FENCE = 0

/** The read-only part of {@link dynamoSnapshots}, for the reads function. */
export function dynamoSnapshotReader(table: TableReader): Pick<SnapshotStore, 'head' | 'entries'> {
  return {
    async head(job, key, { consistent = false } = {}) {
      const tableKey = headKey(job, key)
      return table.decode(tableKey, await table.get(tableKey, consistent), readHead)
    },

    async entries(job, head) {
      const first = pageKey(job, head.key, head.version, 0)
      const last = pageKey(job, head.key, head.version, head.pages - 1)
      const stored = await table.query(first.pk, { first: first.sk, last: last.sk })
      const pages = stored.map((attributes, page) =>
        table.decode(pageKey(job, head.key, head.version, page), attributes, readPage),
      )
      if (pages.length !== head.pages || pages.includes(undefined)) return undefined
      return pages.flatMap((page) => page ?? [])
    },
  }
}

/** Snapshots in DynamoDB: immutable pages, then one conditional flip of the head. */
export function dynamoSnapshots(table: Table, clock: Clock): SnapshotStore {
  return {
    ...dynamoSnapshotReader(table),

    async publish(job, head, entries, over, now) {
      const pages = pagesOf(entries)
      const records = pages.map((body, page) => ({
        ...pageKey(job, head.key, head.version, page),
        body,
        expiresAt: epochSeconds(head.pagesUntil),
      }))
      await batchPut(table, clock, records)
      const result = await table.put(
        headKey(job, head.key),
        { ...head, pages: pages.length, expiresAt: epochSeconds(head.expiresAt) },
        {
          condition: 'attribute_not_exists(pk) OR expiresAt <= :now OR (fence < :fence AND fence = :over)',
          values: { ':now': epochSeconds(now), ':fence': head.fence, ':over': over ?? NO_FENCE },
        },
      )
      return headResult(result, head)
    },

    async confirm(job, head) {
      const result = await table.update(headKey(job, head.key), {
        expression:
          'SET checkedAt = :checkedAt, freshUntil = :freshUntil, staleUntil = :staleUntil, expiresAt = :expiresAt, fence = :fence, confirmedAt = :checkedAt',
        condition: 'attribute_exists(pk) AND version = :version AND fence < :fence',
        values: {
          ':checkedAt': head.checkedAt,
          ':freshUntil': head.freshUntil,
          ':staleUntil': head.staleUntil,
          ':expiresAt': epochSeconds(head.expiresAt),
          ':fence': head.fence,
          ':version': head.version,
        },
      })
      return headResult(result, head)
    },

    invalidate: (job, key, at) => table.markStale(headKey(job, key), at),

    async remove(job, key, removal) {
      if (!(await replaceByTombstone(table, headKey(job, key), removal))) return false
      const { pk } = headKey(job, key)
      const { sk: last } = pageKey(job, key, versionOf(removal.fence), 0)
      for (const page of await table.query(pk, { first: FIRST_PAGE, last })) {
        await table.remove({ pk, sk: page['sk']?.S ?? '' })
      }
      return true
    },
  }
}

/** Splits entries into as few pages as possible: equal shares of text, and one more share if some compress badly. */
function pagesOf(entries: readonly SnapshotEntry[]): Uint8Array[] {
  const whole = pageOf(entries)
  if (fits(whole) || entries.length <= 1) return [whole]
  const fewest = Math.ceil(whole.length / MAX_BODY_BYTES)
  const even = [fewest, fewest + 1]
    .values()
    .map((count) => splitEntries(entries, count).map(pageOf))
    .find((pages) => pages.every(fits))
  return even ?? splitEntries(entries, fewest).flatMap(pagesOf)
}

function pageOf(entries: readonly SnapshotEntry[]): Uint8Array {
  return compress(JSON.stringify(entries))
}

function fits(page: Uint8Array): boolean {
  return page.length <= MAX_BODY_BYTES
}

/** Splits entries, in order, into at most `count` shares of about the same text length. */
function splitEntries(entries: readonly SnapshotEntry[], count: number): SnapshotEntry[][] {
  const total = entries.reduce((sum, { body }) => sum + body.length, 0)
  let before = 0
  const shares = Map.groupBy(entries, ({ body }) => {
    const middle = before + body.length / 2
    before += body.length
    return Math.floor((middle / total) * count)
  })
  return [...shares.values()]
}

function readPage(attributes: Attributes): readonly SnapshotEntry[] {
  return JSON.parse(decompress(new Fields(attributes).bytes('body')).toString('utf8')) as SnapshotEntry[]
}

/** A retry after a lost response meets its own write, because no other run has this fence. */
function headResult(result: ConditionalResult, { fence }: Pick<SnapshotHead, 'fence'>): HeadResult {
  if (result.done) return { written: true }
  const stored = result.stored && new Fields(result.stored).optionalNumber('fence')
  return stored === fence ? { written: true } : { written: false, fence: stored }
}

function readHead(attributes: Attributes): SnapshotHead | undefined {
  if (isTombstone(attributes)) return undefined
  const fields = new Fields(attributes)
  return {
    ...readPublication(fields),
    count: fields.number('count'),
    pages: fields.number('pages'),
    version: fields.text('version'),
    pagesUntil: fields.number('pagesUntil'),
    ...defined({
      confirmedAt: fields.optionalNumber('confirmedAt'),
      summary: fields.optionalText('summary'),
    }),
  }
}
