import type { Removal } from '#shared/domain/ports/store.ts'
import { epochSeconds, TOMBSTONE } from './attributes.ts'
import type { TableKey } from './keys.ts'
import type { Table } from './table.ts'
import { FORMAT } from './table-reader.ts'

/** The attributes of items and heads, apart from those that a tombstone has. */
const REMOVED_ATTRIBUTES = [
  ...['body', 'validator', 'isAbsent', 'etag', 'renderVersion', 'fetchedAt', 'checkedAt', 'freshUntil'],
  ...['staleUntil', 'degraded', 'dataSource', 'invalidatedAt', 'runId', 'count', 'pages', 'version'],
  ...['pagesUntil', 'confirmedAt', 'summary', 'key', 'source', 'checksum', 'ageLimit'],
]

/**
 * Replaces an item or a head, stored or not, by a tombstone; false when a higher fence is stored. An update, because the
 * operators' role may not put items.
 */
export async function replaceByTombstone(
  table: Table,
  key: TableKey,
  { fence, until }: Removal,
): Promise<boolean> {
  const names = Object.fromEntries(REMOVED_ATTRIBUTES.map((name) => [`#${name}`, name]))
  const result = await table.update(key, {
    expression: `SET v = :v, fence = :fence, asOf = :zero, expiresAt = :until, #purged = :true REMOVE ${Object.keys(names).join(', ')}`,
    // a record whose fence is no number is broken: it can be removed
    condition: 'attribute_not_exists(fence) OR fence <= :fence OR NOT attribute_type(fence, :number)',
    names: { ...names, '#purged': TOMBSTONE },
    values: {
      ':v': FORMAT,
      ':fence': fence,
      ':zero': 0,
      ':until': epochSeconds(until),
      ':true': true,
      ':number': 'N',
    },
  })
  return result.done
}
