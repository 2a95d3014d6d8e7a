import type { FreshnessTimes } from '../freshness.ts'
import type { JsonValue } from '../json.ts'

/** What was published, whichever way it is stored. Times are milliseconds since the Unix epoch. */
export interface Publication extends FreshnessTimes {
  readonly key: string
  /** Orders publications: the job's counter when the publishing run took its lease. */
  readonly fence: number
  readonly runId: string
  /** Hash of the payload, without quotes. */
  readonly etag: string
  /** Version of the rendering: another version counts as another body. */
  readonly renderVersion: number
  /** The source's own time of the value. */
  readonly asOf: number
  /** When this body was published. */
  readonly fetchedAt: number
  readonly degraded: boolean
  readonly source: string
  /** `recorded` when a stand-in answered in place of the provider. */
  readonly dataSource: DataSource
}

/** Whether a provider answered, or a stand-in in its place. */
export type DataSource = 'live' | 'simulated'

/** What the source gave to ask with whether a value has changed (RFC 9110, section 8.8). */
export interface Validator {
  /** Hash of the address that gave it. */
  readonly urlHash: string
  readonly etag?: string
  readonly lastModified?: string
}

/** One stored value, ready to serve. */
export interface Item extends Publication {
  /** The finished response, brotli. */
  readonly body: Uint8Array
  readonly validator?: Validator
  /** The source does not know the key: the body is none, and the times are short. */
  readonly isAbsent?: boolean
}

/** One row of what was. Times are milliseconds since the Unix epoch. */
export interface HistoryRow {
  readonly kind: string
  readonly entity: string
  readonly at: number
  readonly data: JsonValue
  readonly expiresAt: number
}
