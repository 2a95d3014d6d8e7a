import { DAY_MS, MINUTE_MS } from '../duration.ts'
import { type FreshnessTimes, MAX_KEEP_MS } from '../freshness.ts'
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
  /** What the job keeps for its next run and never serves: JSON as brotli bytes. */
  readonly memory?: Uint8Array
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

/** Clocks of processes differ: a time that is later than the reader's clock by more than this is not believed. */
export const MAX_CLOCK_SKEW_MS = 15 * MINUTE_MS

/** How far a source's own time may lie ahead: it may name the end of the period that a value describes. */
const MAX_AS_OF_AHEAD_MS = DAY_MS

/** An entity tag that a header can contain. */
const ETAG = /^[\x21\x23-\x7e]+$/

/**
 * Why a stored publication cannot be believed: a number that is no time, a time in the future, times that contradict
 * each other. `undefined` when it can. Such a record counts as missing.
 */
export function publicationFlaw(publication: Publication, now: number): string | undefined {
  const {
    fence,
    etag,
    fetchedAt,
    checkedAt,
    freshUntil,
    staleUntil,
    expiresAt,
    invalidatedAt = 0,
  } = publication
  if (!Number.isSafeInteger(fence) || fence < 0) return `expected a fence, got ${fence}`
  if (!ETAG.test(etag)) return `expected an entity tag, got ${JSON.stringify(etag)}`
  const flaw = confirmedFlaw(publication, now)
  if (flaw !== undefined) return flaw
  const latest = checkedAt + MAX_KEEP_MS
  return firstFlaw([
    ['freshUntil', freshUntil, latest],
    ['staleUntil', staleUntil, latest],
    ['expiresAt', expiresAt, latest + MINUTE_MS],
    ['invalidatedAt', invalidatedAt, now + MAX_CLOCK_SKEW_MS],
    ['fetchedAt', fetchedAt, checkedAt + MAX_CLOCK_SKEW_MS],
  ])
}

/** Why the times of a confirmed value cannot be believed, as far as the value itself has them. */
export function confirmedFlaw(
  { asOf, fetchedAt, checkedAt }: Pick<Publication, 'asOf' | 'fetchedAt' | 'checkedAt'>,
  now: number,
): string | undefined {
  return firstFlaw([
    ['asOf', asOf, now + MAX_AS_OF_AHEAD_MS],
    ['fetchedAt', fetchedAt, now + MAX_CLOCK_SKEW_MS],
    ['checkedAt', checkedAt, now + MAX_CLOCK_SKEW_MS],
  ])
}

function firstFlaw(
  times: readonly (readonly [name: string, at: number, latest: number])[],
): string | undefined {
  // a comparison with NaN is false
  const flawed = times.find(([, at, latest]) => !(at >= 0 && at <= latest))
  return flawed && `expected ${flawed[0]} between 0 and ${flawed[2]}, got ${flawed[1]}`
}

/** Why a row of history cannot be believed. `undefined` when it can. */
export function historyFlaw({ at, expiresAt }: Pick<HistoryRow, 'at' | 'expiresAt'>): string | undefined {
  return firstFlaw([
    ['at', at, Number.MAX_SAFE_INTEGER],
    ['expiresAt', expiresAt, Number.MAX_SAFE_INTEGER],
  ])
}
