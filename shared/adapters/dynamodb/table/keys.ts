import { encodeTime } from 'ulid'
import { tickText } from '#shared/domain/ids.ts'
import { isoText } from '#shared/domain/time.ts'

/** The key of one record. */
export interface TableKey {
  readonly pk: string
  readonly sk: string
}

/*
 * The partition key contains family, job and kind, because the leading-key condition of an IAM policy matches nothing
 * else. `#` is the delimiter: job ids cannot contain it, and keys are encoded.
 */

export const itemKey = (job: string, key: string): TableKey => ({ pk: itemsOf(job, key), sk: 'value' })

export const headKey = (job: string, key: string): TableKey => ({ pk: itemsOf(job, key), sk: 'head' })

export const pageKey = (job: string, key: string, version: string, page: number): TableKey => ({
  pk: itemsOf(job, key),
  sk: `page#${version}#${String(page).padStart(4, '0')}`,
})

export const rejectedKey = (job: string, key: string): TableKey => ({
  pk: `job#${job}#rejected`,
  sk: encodeURIComponent(key),
})

/** Rows of an entity are ordered by time: milliseconds in 13 digits, which suffice until the year 2286. */
export const historyKey = (job: string, kind: string, entity: string, at: number): TableKey => ({
  pk: `job#${job}#history#${kind}#${encodeURIComponent(entity)}`,
  sk: String(at).padStart(13, '0'),
})

/** Sort keys around those of all rows of an entity, whatever time a row has. */
export const ALL_HISTORY = { first: ' ', last: '~' } as const

/** The listing of an entity that has rows of history. */
export const historyEntityKey = (job: string, kind: string, entity: string): TableKey => ({
  pk: `job#${job}#entities`,
  sk: `${kind}#${encodeURIComponent(entity)}`,
})

export const publishedKeysKey = (job: string): TableKey => ({ pk: `job#${job}#keys`, sk: 'keys' })

/** A run's id contains its partition and its sort key. */
export const runKey = (job: string, id: string): TableKey => ({
  pk: runsOf(job),
  sk: id.slice(job.length + 1),
})

export const controlKey = (job: string): TableKey => ({ pk: `job#${job}#control`, sk: 'control' })

/** An operator's `Idempotency-Key`, hashed. */
export const operatorClaimKey = (job: string, hash: string): TableKey => ({
  pk: `job#${job}#control`,
  sk: `key#${hash}`,
})

/** A value that a task stores between its steps, or a page of its result. */
export const taskKey = (job: string, run: string, name: string): TableKey => ({
  pk: `job#${job}#tasks#${run}`,
  sk: name,
})

/** The claim of submitted work, or of an `Idempotency-Key`, hashed. */
export const submissionClaimKey = (job: string, hash: string): TableKey => ({
  pk: `job#${job}#submissions`,
  sk: hash,
})

export const stateKey = (job: string): TableKey => ({ pk: `public#${job}`, sk: 'state' })

export const leaseKey = (job: string, key: string): TableKey => ({
  pk: `public#${job}`,
  sk: `lease#${encodeURIComponent(key)}`,
})

/** Of one key, or of the whole job. */
export const coldEndKey = (job: string, key: string | undefined): TableKey => ({
  pk: `public#${job}`,
  sk: key === undefined ? 'cold-end' : `cold-end#${encodeURIComponent(key)}`,
})

export const operatorKey = (name: string): TableKey => ({ pk: `operator#${name}`, sk: 'data' })

export const upstreamKey = (name: string): TableKey => ({ pk: `upstream#${name}`, sk: 'state' })

/** The id of an audit entry is a ULID, so entries are ordered by time. */
export const auditKey = (at: number, id: string): TableKey => ({ pk: auditsOf(monthOf(at)), sk: id })

export function auditsOf(month: string): string {
  return `audit#${month}`
}

/** The months of a time range, newest first: `2026-11`, `2026-10`, … */
export function auditMonths(from: number, to: number): string[] {
  const months: string[] = []
  const date = new Date(to)
  for (let month = monthOf(to); month >= monthOf(from); month = monthOf(date.getTime())) {
    months.push(month)
    date.setUTCDate(0)
  }
  return months
}

/** The key ranges of the runs of a time range: ticks by their scheduled time, other runs by the time of their ULID. */
export function runRanges(
  from: number,
  to: number,
): readonly { readonly first: string; readonly last: string }[] {
  return [
    { first: tickText(from), last: tickText(to) },
    { first: encodeTime(from, 10), last: `${encodeTime(to, 10)}~` },
  ]
}

export function runsOf(job: string): string {
  return `job#${job}#runs`
}

function itemsOf(job: string, key: string): string {
  return `job#${job}#items#${encodeURIComponent(key)}`
}

function monthOf(at: number): string {
  return isoText(at).slice(0, 7)
}
