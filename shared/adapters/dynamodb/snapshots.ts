import { compress, decompress, expectChecksum, hashOf } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HeadResult, SnapshotStore } from '#shared/domain/ports/store.ts'
import {
  entryFlaw,
  headFlaw,
  type SnapshotEntry,
  type SnapshotHead,
  versionOf,
} from '#shared/domain/records/snapshot.ts'
import { readPublication } from './items.ts'
import { type Attributes, epochSeconds, Fields, isTombstone, MAX_BODY_BYTES } from './table/attributes.ts'
import { batchPut } from './table/batches.ts'
import { headKey, pageKey, type TableKey } from './table/keys.ts'
import type { Table } from './table/table.ts'
import type { TableReader } from './table/table-reader.ts'
import { replaceByTombstone } from './table/tombstone.ts'

/** Sorts before all pages of a snapshot. */
const FIRST_PAGE = 'page#'

/** Fences count from 1. */
const NO_FENCE = 0

/** The read-only part of {@link dynamoSnapshots}, for the reads function. */
export function dynamoSnapshotReader(
  table: TableReader,
  clock: Clock,
): Pick<SnapshotStore, 'head' | 'entries'> {
  return {
    async head(job, key, { consistent = false } = {}) {
      const tableKey = headKey(job, key)
      const now = clock.now()
      const read = (attributes: Attributes) => readHead(attributes, now)
      const head = table.decode(tableKey, await table.get(tableKey, consistent), read)
      return head && head.expiresAt > now ? head : undefined
    },

    async entries(job, head) {
      const first = pageKey(job, head.key, head.version, 0)
      const last = pageKey(job, head.key, head.version, head.pages - 1)
      const stored = await table.query(first.pk, { first: first.sk, last: last.sk })
      const now = clock.now()
      const pages = stored.map((attributes, page) => {
        const key = pageKey(job, head.key, head.version, page)
        return table.decode(key, attributes, (record) => readPage(record, key, table, now))
      })
      if (pages.length !== head.pages || pages.includes(undefined)) return undefined
      return pages.flatMap((page) => page ?? [])
    },
  }
}

/** Snapshots in DynamoDB: immutable pages, then one conditional flip of the head. */
export function dynamoSnapshots(table: Table, clock: Clock): SnapshotStore {
  return {
    ...dynamoSnapshotReader(table, clock),

    async publish(job, head, entries, over, now) {
      const pages = pagesOf(entries)
      const records = pages.map((body, page) => ({
        ...pageKey(job, head.key, head.version, page),
        body,
        checksum: hashOf(body),
        expiresAt: epochSeconds(head.pagesUntil),
      }))
      await batchPut(table, clock, records)
      const { ageLimit, ...rest } = head
      const result = await table.putOrReplace(
        headKey(job, head.key),
        {
          ...rest,
          pages: pages.length,
          expiresAt: epochSeconds(head.expiresAt),
          ageLimit: ageLimit && { ...ageLimit },
          checksum: hashOf(head.summary ?? ''),
        },
        {
          condition: 'attribute_not_exists(pk) OR expiresAt <= :now OR (fence < :fence AND fence = :over)',
          values: { ':now': epochSeconds(now), ':fence': head.fence, ':over': over ?? NO_FENCE },
        },
        (stored) => readHead(stored, clock.now()),
      )
      if (result.done) return { written: true }
      // the fence of a tombstone orders publications like that of a head
      const isPurged = isTombstone(result.attributes)
      return refusedHead(head, isPurged ? fenceOf(result.attributes) : result.stored?.fence)
    },

    async confirm(job, head) {
      const { ageLimit } = head
      const result = await table.update(headKey(job, head.key), {
        expression:
          'SET checkedAt = :checkedAt, freshUntil = :freshUntil, staleUntil = :staleUntil, expiresAt = :expiresAt, ' +
          `fence = :fence, confirmedAt = :checkedAt${ageLimit ? ', ageLimit = :ageLimit' : ' REMOVE ageLimit'}`,
        condition: 'attribute_exists(pk) AND version = :version AND fence < :fence',
        values: {
          ':checkedAt': head.checkedAt,
          ':freshUntil': head.freshUntil,
          ':staleUntil': head.staleUntil,
          ':expiresAt': epochSeconds(head.expiresAt),
          ':fence': head.fence,
          ':version': head.version,
          ':ageLimit': ageLimit && { ...ageLimit },
        },
      })
      if (result.done) return { written: true }
      return refusedHead(head, fenceOf(result.stored))
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

/** The entries of a page, without those that cannot be believed, which are reported. */
function readPage(
  attributes: Attributes,
  key: TableKey,
  table: TableReader,
  now: number,
): readonly SnapshotEntry[] {
  const fields = new Fields(attributes)
  const body = fields.bytes('body')
  const checksum = fields.optionalText('checksum')
  if (checksum !== undefined) expectChecksum(body, checksum)
  const entries: unknown = JSON.parse(decompress(body).toString('utf8'))
  if (!Array.isArray(entries)) throw new TypeError(`expected a list of entries, got ${typeof entries}`)
  return entries.filter((entry: unknown, index): entry is SnapshotEntry => {
    const flaw = entryFlaw(entry, now, checksum !== undefined)
    if (flaw !== undefined) table.reportUnreadable(key, `entry ${index}: ${flaw}`)
    return flaw === undefined
  })
}

function fenceOf(attributes: Attributes | undefined): number | undefined {
  return attributes && new Fields(attributes).optionalNumber('fence')
}

/** A retry after a lost response meets its own write, because no other run has this fence. */
function refusedHead({ fence }: Pick<SnapshotHead, 'fence'>, stored: number | undefined): HeadResult {
  return stored === fence ? { written: true } : { written: false, fence: stored }
}

function readHead(attributes: Attributes, now: number): SnapshotHead | undefined {
  if (isTombstone(attributes)) return undefined
  const fields = new Fields(attributes)
  const ageLimit = fields.optionalRecord('ageLimit')
  const head: SnapshotHead = {
    ...readPublication(fields, now),
    count: fields.number('count'),
    pages: fields.number('pages'),
    version: fields.text('version'),
    pagesUntil: fields.number('pagesUntil'),
    ...defined({
      confirmedAt: fields.optionalNumber('confirmedAt'),
      summary: fields.optionalText('summary'),
      ageLimit: ageLimit && {
        freshForMs: ageLimit.number('freshForMs'),
        maxAsOfAgeMs: ageLimit.number('maxAsOfAgeMs'),
      },
    }),
  }
  const checksum = fields.optionalText('checksum')
  if (checksum !== undefined) expectChecksum(head.summary ?? '', checksum)
  const flaw = headFlaw(head, now)
  if (flaw !== undefined) throw new TypeError(flaw)
  return head
}
