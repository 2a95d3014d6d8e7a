import { compress, decompress } from '#shared/domain/codec.ts'
import type { DataSource, Item } from '#shared/domain/records/publication.ts'

/** When something was published, and until when it may be served: what the freshness headers are made from. */
export interface PublicationTimes
  extends Pick<
    Item,
    | 'checkedAt'
    | 'freshUntil'
    | 'staleUntil'
    | 'expiresAt'
    | 'invalidatedAt'
    | 'etag'
    | 'asOf'
    | 'fetchedAt'
    | 'degraded'
    | 'isAbsent'
  > {
  readonly dataSource: DataSource
}

/** A finished answer, with what its encodings cost kept for the next reader. */
export interface Representation extends PublicationTimes {
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
export function representation(published: PublicationTimes & { readonly body: Uint8Array }): Representation {
  const { body, ...of } = published
  return memoized(of, {
    base64: () => Buffer.from(body).toString('base64'),
    text: () => decompress(body).toString('utf8'),
  })
}

/** Wraps an answer that is put together for readers: its text is there, and it is compressed in haste. */
export function composedRepresentation(of: PublicationTimes, text: string): Representation {
  return memoized(of, {
    base64: () => Buffer.from(compress(text, 'in haste')).toString('base64'),
    text: () => text,
  })
}

/** The same answer, published at other times. */
export function withTimes(answer: Representation, of: PublicationTimes): Representation {
  return memoized({ ...of, etag: answer.etag }, answer)
}

function memoized(of: PublicationTimes, make: Pick<Representation, 'base64' | 'text'>): Representation {
  let base64: string | undefined
  let text: string | undefined
  return {
    ...of,
    etagHeader: `W/"${of.etag}"`,
    lastModified: new Date(of.fetchedAt).toUTCString(),
    base64: () => {
      base64 ??= make.base64()
      return base64
    },
    text: () => {
      text ??= make.text()
      return text
    },
  }
}
