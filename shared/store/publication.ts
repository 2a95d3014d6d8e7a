import type { DataSource, Publication } from '#shared/domain/records/publication.ts'
import { defined, type Fields } from './attributes.ts'

/**
 * The members that items and heads share.
 *
 * @throws {TypeError} naming the attribute that is missing
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
