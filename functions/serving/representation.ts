import { decompress } from '#shared/ports/codec.ts'
import type { DataSource, Item } from '#shared/ports/records.ts'

/** A stored answer, with what its encodings cost kept for the next reader. */
export interface Representation
  extends Pick<
    Item,
    | 'checkedAt'
    | 'freshUntil'
    | 'staleUntil'
    | 'expiresAt'
    | 'invalidatedAt'
    | 'etag'
    | 'fetchedAt'
    | 'body'
    | 'isAbsent'
  > {
  readonly dataSource: DataSource
  /** The entity tag as it is sent. */
  readonly etagHeader: string
  /** The publication as an HTTP date. */
  readonly lastModified: string
  /** The brotli bytes as the gateway wants them. */
  base64(): string
  /** The same for a client that does not accept `br`. */
  text(): string
}

/** Wraps stored bytes; each encoding is made once, when first asked for. */
export function representation(
  item: Omit<Representation, 'base64' | 'text' | 'etagHeader' | 'lastModified'>,
): Representation {
  let base64: string | undefined
  let text: string | undefined
  return {
    ...item,
    etagHeader: `W/"${item.etag}"`,
    lastModified: new Date(item.fetchedAt).toUTCString(),
    base64: () => {
      base64 ??= Buffer.from(item.body).toString('base64')
      return base64
    },
    text: () => {
      text ??= decompress(item.body).toString('utf8')
      return text
    },
  }
}
