import type { FreshnessTimes } from '../freshness.ts'
import type { JsonValue } from '../json.ts'

/** Members that items and snapshots share. Times are milliseconds since the Unix epoch. */
export interface Publication extends FreshnessTimes {
  readonly key: string
  /** Orders publications (I1, I4): the job's counter when the publishing run took its lease. */
  readonly fence: number
  readonly runId: string
  /** Hash of the payload, without quotes. */
  readonly etag: string
  /** Version of the rendering: another version is another body. */
  readonly renderVersion: number
  /** The source's own time of the value. */
  readonly asOf: number
  /** When this body was published. */
  readonly fetchedAt: number
  readonly degraded: boolean
  readonly source: string
  readonly dataSource: DataSource
}

/** Whether the provider answered, or a simulated one in its place. */
export type DataSource = 'live' | 'simulated'

/** Validator of a response, for a conditional request (RFC 9110, section 8.8). */
export interface Validator {
  /** Hash of the URL that returned it. */
  readonly urlHash: string
  readonly etag?: string
  readonly lastModified?: string
}

/** One stored value, ready to serve. */
export interface Item extends Publication {
  /** The finished response body, as brotli bytes. */
  readonly body: Uint8Array
  readonly validator?: Validator
  /** The source does not have the key: there is no body, and the times are short. */
  readonly isAbsent?: boolean
}

/** One row of history. Times are milliseconds since the Unix epoch. */
export interface HistoryRow {
  readonly kind: string
  readonly entity: string
  readonly at: number
  readonly data: JsonValue
  readonly expiresAt: number
}
