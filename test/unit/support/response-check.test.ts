import { brotliCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { ReadSpec } from '#test/support/expectations/read-spec.ts'
import { readSpecs } from '#test/support/expectations/read-specs.ts'
import type { ReadValue } from '#test/support/expectations/reader-memory.ts'
import {
  checkResponse,
  parseReading,
  type ResponseContext,
  type TimedResponse,
} from '#test/support/expectations/response-check.ts'
import { simulatedStats } from '#test/support/expectations/simulated-values.ts'

/** Asked for five seconds after the reading was published, ten minutes after the provider made it. */
const UPDATED_AT = Date.UTC(2026, 10, 20, 10, 0, 0) / 1_000
const FETCHED_AT = Date.UTC(2026, 10, 20, 10, 10, 0)
const SENT_AT = FETCHED_AT + 5_000

const [market] = readSpecs({ GLOBAL_STATS_CACHE_TTL: '10', HAMA_CACHE_TTL: '10', CACHE_DURATION: '10' })
if (!market?.freshness) throw new TypeError('expected the read of the market first')
const read: ReadSpec = { ...market, freshness: { ...market.freshness, serveStaleFor: 100 } }

const STANDARD: ResponseContext = { read, isWarm: () => true, memory: new Map(), readingOf: parseReading }

interface Change {
  readonly headers?: Record<string, string | undefined>
  readonly data?: object
  readonly meta?: object
  readonly body?: object
}

/** An answer as it should be, with changes. */
function reading({ headers = {}, data = {}, meta = {}, body = {} }: Change = {}): TimedResponse {
  const { updated_at, markets, active_cryptocurrencies, ...amounts } = simulatedStats(UPDATED_AT)
  const texts = Object.entries(amounts).map(([name, value]) => [name, String(value)])
  const whole = {
    success: true,
    data: { ...Object.fromEntries(texts), updated_at, markets, active_cryptocurrencies, ...data },
    error: null,
    timestamp: '2026-11-20T10:10:00Z',
    meta: { as_of: '2026-11-20T10:00:00Z', fetched_at: '2026-11-20T10:10:00Z', degraded: false, ...meta },
    ...body,
  }
  return {
    status: 200,
    headers: {
      age: '5',
      'x-cache': 'HIT',
      'x-data-source': 'simulated',
      'last-modified': 'Fri, 20 Nov 2026 10:10:00 GMT',
      'cache-control': 'public, max-age=9, stale-while-revalidate=600',
      ...headers,
    },
    body: Buffer.from(JSON.stringify(whole)),
    sentAt: SENT_AT,
    receivedAt: SENT_AT + 20,
  }
}

function refused(change: Partial<TimedResponse> = {}): TimedResponse {
  const error = {
    code: 'EXTERNAL_SERVICE_ERROR',
    message: 'Global crypto market statistics are not available',
    details: null,
  }
  const body = { success: false, data: null, error, timestamp: '2026-11-20T10:10:00Z' }
  return {
    ...reading(),
    status: 503,
    headers: { 'retry-after': '30', 'cache-control': 'no-store' },
    body: Buffer.from(JSON.stringify(body)),
    ...change,
  }
}

const faultsOf = (answer: TimedResponse, standard: Partial<ResponseContext> = {}) =>
  checkResponse(answer, { ...STANDARD, ...standard }).faults

const stale = { age: '10', 'x-cache': 'STALE', 'cache-control': 'public, max-age=10, x' }
const LATER = { sentAt: SENT_AT + 5_000, receivedAt: SENT_AT + 5_020 }

test('a true and rightly labelled answer has no fault, fresh, stale, degraded or compressed', () => {
  const good = reading()
  const degraded = reading({ data: { eth_dominance_percentage: null }, meta: { degraded: true } })
  const { body } = good

  expect(faultsOf(good)).toEqual([])
  expect(faultsOf({ ...reading({ headers: stale }), ...LATER })).toEqual([])
  expect(faultsOf(degraded)).toEqual([])
  expect(
    faultsOf({ ...reading({ headers: { 'content-encoding': 'br' } }), body: brotliCompressSync(body) }),
  ).toEqual([])
})

test.each<[string, Change, string]>([
  ['an absurd amount', { data: { total_market_cap_usd: '0' } }, 'total_market_cap_usd'],
  ['an amount that is off by a little', { data: { total_volume_24h_usd: '118000000000.1' } }, 'total_volume'],
  ['the amounts of another time', { data: { updated_at: UPDATED_AT + 600 } }, 'total_market_cap_usd'],
  ['a time at which the provider makes no reading', { data: { updated_at: UPDATED_AT + 1 } }, 'updated_at'],
  ['a time to come', { meta: { as_of: '2026-11-20T10:20:00Z' } }, 'in the past'],
  ['a missing member that is not owned up to', { data: { markets: null } }, 'degraded to be true'],
  ['a degraded answer with nothing missing', { meta: { degraded: true } }, 'degraded to be false'],
  ['an undocumented member', { data: { more: 1 } }, 'documented body'],
  ['an error page', { body: { success: false } }, 'documented body'],
  ['another time of the source', { meta: { as_of: '2026-11-20T10:00:01Z' } }, 'as_of'],
  ['another time of publication', { body: { timestamp: '2026-11-20T10:10:01Z' } }, 'timestamp'],
  [
    'another Last-Modified',
    { headers: { 'last-modified': 'Fri, 20 Nov 2026 10:09:59 GMT' } },
    'Last-Modified',
  ],
  ['an unlabelled answer', { headers: { 'x-cache': undefined } }, 'X-Cache'],
  ['a wait that was none', { headers: { 'x-cache': 'MISS' } }, 'got MISS'],
  ['fresh called stale', { headers: { 'x-cache': 'STALE' } }, 'expected HIT below'],
  ['stale called fresh', { headers: { ...stale, 'x-cache': 'HIT' } }, 'expected HIT below'],
  ['no age', { headers: { age: undefined } }, 'an age of less than'],
  ['an age that is no number', { headers: { age: '-1' } }, 'an age of less than'],
  ['an age from before the publication', { headers: stale }, 'expected an age since'],
  ['what may not be served any more', { headers: { ...stale, age: '100' } }, 'an age of less than 100'],
  ['a cache that may keep it too long', { headers: { 'cache-control': 'public, max-age=16, x' } }, 'max-age'],
  ['a stand-in that passes for the provider', { headers: { 'x-data-source': 'live' } }, 'expected simulated'],
])('%s is a fault', (_, change, what) => {
  const faults = faultsOf(reading(change))

  expect(faults.join('\n')).toContain(what)
})

test('the first reader may have waited', () => {
  expect(faultsOf(reading({ headers: { 'x-cache': 'MISS' } }), { isWarm: () => false })).toEqual([])
})

test.each<[string, Partial<ReadValue>]>([
  ['the source’s time of global', { key: 'global', asOf: UPDATED_AT * 1_000 + 1 }],
  ['fetched_at of global', { key: 'global', fetchedAt: FETCHED_AT + 1 }],
  ['what was confirmed of market', { key: 'market', checkedSince: SENT_AT }],
])('a response that goes back behind %s that was read before is a fault', (what, change) => {
  const { memory } = checkResponse(reading(), STANDARD)
  const value = { ...(memory.get(change.key ?? '') as ReadValue), ...change }

  const faults = faultsOf(reading(), { memory: new Map([[value.key, value]]) })

  expect(faults).toEqual([expect.stringContaining(what)])
})

test('a source’s time may go back once what was newer may not be served any more', () => {
  const newer = { key: 'global', asOf: UPDATED_AT * 1_000 + 1, fetchedAt: 0, servableUntil: SENT_AT }

  expect(faultsOf(reading(), { memory: new Map([['global', newer]]) })).toEqual([])
})

test('a reader remembers the latest of everything it was served', () => {
  const first = checkResponse(reading(), STANDARD).memory
  const older = checkResponse(reading({ headers: { age: '7' } }), { ...STANDARD, memory: first })

  const servableUntil = SENT_AT - 6_000 + 100_000
  expect([...first.values()]).toEqual([
    { key: 'market', fetchedAt: FETCHED_AT, checkedSince: SENT_AT - 6_000, servableUntil },
    { key: 'global', asOf: UPDATED_AT * 1_000, fetchedAt: FETCHED_AT, servableUntil },
  ])
  expect(older.memory).toEqual(first)
})

test('a documented 503 is right until there are data, and wrong from then on', () => {
  expect(faultsOf(refused(), { isWarm: () => false })).toEqual([])
  expect(faultsOf(refused())).toEqual(['expected data, which were served before; got 503'])
})

test.each<[string, Partial<TimedResponse>]>([
  ['the gateway’s own body', { body: Buffer.from('{"message":"Service Unavailable"}') }],
  ['no Retry-After', { headers: { 'cache-control': 'no-store' } }],
  ['leave to keep it', { headers: { 'retry-after': '30' } }],
])('a 503 with %s is a fault', (_, change) => {
  expect(faultsOf(refused(change), { isWarm: () => false })).toHaveLength(1)
})

test('any other status is a fault', () => {
  expect(faultsOf({ ...reading(), status: 500 })).toEqual([
    expect.stringContaining('expected 200, 429 or 503, got 500'),
  ])
})
