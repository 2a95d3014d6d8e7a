import { type Job, storesRecords } from '#shared/declare/job.ts'
import { compress, hashOf } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { freshnessTimes, withJitter } from '#shared/domain/freshness.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import type { SnapshotEntry } from '#shared/domain/records/snapshot.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { ValidItem } from '../fetch/fetch-results.ts'
import type { ItemBody } from '../model/refresh.ts'
import { type LeasedRun, sourceName, type Work } from '../model/run-state.ts'

/** Largest body that fits a table item (400 KB) with its other attributes. */
const MAX_BODY_BYTES = 300 * 1024

/** Largest UTF-8 size of a UTF-16 unit: a short text is not compressed only to measure it. */
const MAX_BYTES_PER_UNIT = 3

/**
 * One item with its entity tag. The body, JSON as brotli bytes, is rendered once, at publication: the finished response
 * in its documented envelope, which reads return unchanged; or, where every route of the job names a view, the bare
 * record, which the views wrap.
 *
 * @throws {RefreshError} `too-large` with the size
 */
export function renderItem<V>(
  key: string,
  {
    body,
    upstream,
    dataSource,
    answeredAt,
    validator,
  }: Pick<ValidItem, 'body' | 'upstream' | 'dataSource' | 'answeredAt' | 'validator'>,
  state: LeasedRun,
  { job, refresh, ports }: Work<V>,
): Item {
  const fetchedAt = Math.min(answeredAt, ports.clock.now())
  const { emptyForMs } = job.freshness
  const policy =
    body.isEmpty && emptyForMs !== undefined
      ? { ...job.freshness, freshForMs: emptyForMs }
      : withJitter(job.freshness, ports.random)
  return {
    key,
    ...freshnessTimes(fetchedAt, policy, body.asOf),
    fence: state.fence,
    runId: state.record.id,
    etag: hashOf(JSON.stringify(body.identity ?? body.data)),
    renderVersion: refresh.renderVersion,
    asOf: body.asOf,
    fetchedAt,
    degraded: body.degraded,
    source: upstream,
    dataSource,
    body: renderBody(body, { asOf: body.asOf, fetchedAt }, job),
    ...defined({ validator, memory: body.memory === undefined ? undefined : compressed(body.memory) }),
  }
}

/**
 * The bytes of a body that shows these times.
 *
 * @throws {RefreshError} `too-large` with the size
 */
export function renderBody(
  { data, degraded }: ItemBody,
  { asOf, fetchedAt }: Pick<Item, 'asOf' | 'fetchedAt'>,
  job: Job,
): Uint8Array {
  const content = storesRecords(job)
    ? data
    : envelopeOf(job.envelope).wrap(data, { asOf, fetchedAt, degraded })
  return checkedSize(compress(JSON.stringify(content)))
}

/** The item of a key that the source does not have: no data, no source time, stored for a short time. */
export function renderAbsent<V>(key: string, notFoundForMs: number, state: LeasedRun, work: Work<V>): Item {
  const { refresh, ports } = work
  const now = ports.clock.now()
  const policy = { freshForMs: notFoundForMs, serveStaleForMs: notFoundForMs, keepForMs: notFoundForMs }
  return {
    key,
    ...freshnessTimes(now, policy, now),
    fence: state.fence,
    runId: state.record.id,
    etag: hashOf('absent'),
    renderVersion: refresh.renderVersion,
    asOf: 0,
    fetchedAt: now,
    degraded: false,
    source: sourceName(work),
    dataSource: 'live',
    body: compress('null'),
    isAbsent: true,
  }
}

/**
 * Checks that a member of a snapshot fits into a page.
 *
 * @throws {RefreshError} `too-large` with the size
 */
export function expectFits({ data }: ItemBody): void {
  const text = JSON.stringify(data)
  if (text.length * MAX_BYTES_PER_UNIT > MAX_BODY_BYTES) checkedSize(compress(text))
}

/** The entry of one member of a snapshot. */
export function renderEntry(
  key: string,
  { body, upstream, validator }: Pick<ValidItem, 'body' | 'upstream' | 'validator'>,
  now: number,
): SnapshotEntry {
  const text = JSON.stringify(body.data)
  return {
    key,
    asOf: body.asOf,
    fetchedAt: now,
    checkedAt: now,
    degraded: body.degraded,
    etag: hashOf(text),
    source: upstream,
    body: text,
    ...defined({ validator }),
  }
}

function compressed(memory: JsonValue): Uint8Array {
  return checkedSize(compress(JSON.stringify(memory)))
}

function checkedSize(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAX_BODY_BYTES) return bytes
  throw new RefreshError(
    'too-large',
    `expected at most ${MAX_BODY_BYTES} compressed bytes, got ${bytes.length}`,
  )
}
