import { compress } from '#shared/domain/codec.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { SnapshotEntry, SnapshotHead } from '#shared/domain/records/snapshot.ts'

/** A whole second, so that nothing is lost to the table's clearance times. */
export const T0 = Date.UTC(2026, 10, 20, 12, 0, 0)

const HOUR = 3_600_000

/** What items and heads have in common. */
const PUBLISHED = {
  fence: 1,
  runId: 'job-one-20261120T120000Z',
  renderVersion: 1,
  fetchedAt: T0,
  checkedAt: T0,
  freshUntil: T0 + HOUR,
  staleUntil: T0 + 24 * HOUR,
  expiresAt: T0 + 48 * HOUR,
  degraded: false,
  source: 'numbers',
  dataSource: 'live',
} as const

export function sampleItem(change: Partial<Item> = {}): Item {
  return {
    ...PUBLISHED,
    key: 'BTC#USDT ✓',
    etag: 'abc',
    asOf: T0 - 60_000,
    body: new Uint8Array(compress('{"data":1}')),
    ...change,
  }
}

export function sampleRun(change: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'job-one-20261120T120000Z',
    job: 'job-one',
    cause: 'tick',
    tick: T0,
    status: 'running',
    owner: 'owner-1',
    startedAt: T0 + 500,
    leaseUntil: T0 + 60_000,
    duplicates: 0,
    expiresAt: T0 + 90 * 24 * HOUR,
    ...change,
  }
}

export function sampleEntry(key: string, change: Partial<SnapshotEntry> = {}): SnapshotEntry {
  return {
    key,
    asOf: T0 - 1_000,
    fetchedAt: T0,
    checkedAt: T0,
    degraded: false,
    etag: `etag-${key}`,
    body: JSON.stringify({ symbol: key }),
    ...change,
  }
}

export function sampleHead(change: Partial<SnapshotHead> = {}): Omit<SnapshotHead, 'pages'> {
  return {
    ...PUBLISHED,
    key: 'all',
    etag: 'set',
    asOf: T0 - 1_000,
    count: 2,
    version: '000000000001',
    pagesUntil: T0 + 96 * HOUR,
    ...change,
  }
}
