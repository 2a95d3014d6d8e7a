import { compress, decompress } from '#shared/domain/codec.ts'
import type { DataSource, Item } from '#shared/domain/records/publication.ts'

/** When a value was published and until when it may be served: the source of the freshness headers. */
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
  /** The run that wrote a stored body: two bodies of one tag may differ in what is no part of their identity. */
  readonly runId?: string
  /** When the body last changed; `fetchedAt` by default. A response of several values may change after the oldest of them. */
  readonly modifiedAt?: number
}

/** A finished body with its memoized encodings. */
export interface Representation extends PublicationTimes {
  /** The value of the `ETag` header. */
  readonly etagHeader: string
  /** The value of the `Last-Modified` header. */
  readonly lastModified: string
  /** The brotli bytes in base64, as the gateway requires them. */
  base64(): string
  /** The decompressed body, for clients that do not accept `br`. */
  text(): string
}

/** Wraps a stored body; each encoding is computed once, on first use. */
export function representation(published: PublicationTimes & { readonly body: Uint8Array }): Representation {
  const { body, ...times } = published
  return memoized(times, {
    base64: () => Buffer.from(body).toString('base64'),
    text: () => decompress(body).toString('utf8'),
  })
}

/** Wraps a body that was composed for a reader: it is compressed fast rather than small. */
export function composedRepresentation(times: PublicationTimes, text: string): Representation {
  return memoized(times, {
    base64: () => Buffer.from(compress(text, 'in haste')).toString('base64'),
    text: () => text,
  })
}

/** The same body with other publication times. */
export function withTimes(body: Representation, times: PublicationTimes): Representation {
  return memoized({ ...times, etag: body.etag }, body)
}

function memoized(times: PublicationTimes, encode: Pick<Representation, 'base64' | 'text'>): Representation {
  let base64: string | undefined
  let text: string | undefined
  return {
    ...times,
    etagHeader: `W/"${times.etag}"`,
    lastModified: new Date(times.modifiedAt ?? times.fetchedAt).toUTCString(),
    base64: () => {
      base64 ??= encode.base64()
      return base64
    },
    text: () => {
      text ??= encode.text()
      return text
    },
  }
}
