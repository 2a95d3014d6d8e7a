import { brotliDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schemas } from '#functions/jobs/global-market/schema.ts'
import { globalData } from '#test/fakes/jobs/global-market.ts'
import { sendRequest, type WireResponse } from '#test/support/http/exchange.ts'
import {
  type LocalProcess,
  STATS_PATH,
  start,
  startAndWait,
  waitForOrigin,
} from '#test/support/process/local-process.ts'
import { scriptedUpstream } from '#test/support/process/scripted-upstream.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

/** Every header of a fresh answer, and no other; the last three are the connection's and the gateway's. */
const DOCUMENTED = {
  age: expect.stringMatching(/^\d+$/),
  etag: expect.stringMatching(/^W\/"[^"]+"$/),
  'last-modified': expect.stringMatching(/ GMT$/),
  'cache-control': expect.stringMatching(
    /^public, max-age=\d+, stale-while-revalidate=600, stale-if-error=86\d{3}$/,
  ),
  vary: 'Accept-Encoding',
  'x-cache': 'HIT',
  'x-data-source': 'live',
  'x-content-type-options': 'nosniff',
  connection: 'close',
  date: expect.stringMatching(/ GMT$/),
  'apigw-requestid': expect.stringMatching(/./),
}
const CONTENT = { 'content-type': 'application/json', 'content-length': expect.stringMatching(/^[1-9]\d+$/) }

/** Whole seconds from a time until now. */
function secondsSince(time: string): number {
  return Math.floor((Date.now() - Date.parse(time)) / 1_000)
}

/** What stays the same of two answers a moment apart: all but the clock's and the gateway's, ages as differences. */
function lasting({ headers }: WireResponse) {
  const { date, 'apigw-requestid': id, age, 'cache-control': control, ...rest } = headers
  const [, maxAge, directives] = /^public, max-age=(\d+), (.*)$/.exec(control ?? '') ?? []
  return { ...rest, freshSeconds: Number(maxAge) - Number(age), directives }
}

test('from nothing to the first fresh answer it takes less than five seconds', async () => {
  const upstream = await scriptedUpstream()
  const data = await temporaryDirectory()
  const began = performance.now()

  const origin = await waitForOrigin(start({ FRESHET_DATA: data, ...upstream.setting }))
  const answer = await sendRequest(origin, STATS_PATH)

  const tookMs = performance.now() - began
  process.stdout.write(`first fresh answer ${Math.round(tookMs)} ms after the start of the process\n`)
  expect(answer.status).toBe(200)
  expect(answer.headers['x-cache']).toMatch(/^(?:MISS|HIT)$/)
  expect(schemas[STATS_PATH].parse(JSON.parse(answer.body.toString())).data).toMatchObject({
    total_market_cap_usd: globalData.total_market_cap_usd,
  })
  expect(tookMs).toBeLessThan(5_000)
})

describe('with a fresh value', () => {
  const clears: (() => Promise<void>)[] = []
  const atEnd: OnCleanup = (clear) => clears.unshift(clear)
  let system: LocalProcess
  let fresh: WireResponse

  beforeAll(async () => {
    const upstream = await scriptedUpstream(atEnd)
    system = await startAndWait({ FRESHET_DATA: await temporaryDirectory(atEnd), ...upstream.setting }, atEnd)
    await system.waitForLine(/global-market {2}succeeded/)
    fresh = await system.request()
  })
  afterAll(async () => {
    for (const clear of clears) await clear()
  })

  test('a fresh answer has the documented body and every documented header, and the two agree', async () => {
    expect(fresh.status).toBe(200)
    expect(fresh.headers).toEqual({ ...DOCUMENTED, ...CONTENT })
    const body = schemas[STATS_PATH].parse(JSON.parse(fresh.body.toString()))
    const { updated_at: updatedAt } = body.data
    expect(body.data).toEqual({ ...globalData, updated_at: updatedAt })
    expect(Date.parse(body.meta.as_of)).toBe(updatedAt * 1_000)
    expect(Date.parse(String(fresh.headers['last-modified']))).toBe(Date.parse(body.meta.fetched_at))
    expect(body.timestamp).toBe(body.meta.fetched_at)
    expect(body.meta.degraded).toBe(false)
    expect(lasting(fresh).freshSeconds).toBe(60)
    expect(Number(fresh.headers.age)).toBeLessThanOrEqual(secondsSince(body.meta.fetched_at))
    expect(secondsSince(body.meta.as_of)).toBeLessThan(60)
  })

  test('a reader who has the answer gets 304 with the same headers and no body', async () => {
    const etag = String(fresh.headers.etag)

    const same = await system.request(STATS_PATH, { headers: { 'if-none-match': `"other", ${etag}` } })
    const other = await system.request(STATS_PATH, { headers: { 'if-none-match': '"other"' } })

    expect(same.status).toBe(304)
    expect(same.body.length).toBe(0)
    expect(same.headers).toEqual(DOCUMENTED)
    expect({ ...lasting(same), ...CONTENT }).toEqual({ ...lasting(fresh), ...CONTENT })
    expect(other.status).toBe(200)
    expect(other.body).toEqual(fresh.body)
  })

  test('HEAD gives the headers of GET and no body', async () => {
    const head = await system.request(STATS_PATH, { method: 'HEAD' })

    expect(head.status).toBe(200)
    expect(head.body.length).toBe(0)
    expect(head.headers).toEqual({ ...DOCUMENTED, 'content-type': 'application/json' })
    expect(head.headers.etag).toBe(fresh.headers.etag)
  })

  test('brotli bytes go to readers who accept them and are the same body under the same tag', async () => {
    const packed = await system.request(STATS_PATH, { headers: { 'accept-encoding': 'gzip, br' } })
    const plain = await system.request(STATS_PATH, { headers: { 'accept-encoding': 'gzip, br;q=0' } })

    expect(packed.headers).toEqual({ ...DOCUMENTED, ...CONTENT, 'content-encoding': 'br' })
    expect(packed.headers.etag).toBe(fresh.headers.etag)
    expect(packed.body.length).toBeLessThan(fresh.body.length)
    expect(brotliDecompressSync(packed.body)).toEqual(fresh.body)
    expect(plain.headers).not.toHaveProperty('content-encoding')
    expect(plain.body).toEqual(fresh.body)
  })

  test('unknown paths and wrong methods are problem details, the latter with Allow', async () => {
    const nowhere = await system.request('/api/v1/currencies/other')
    const posted = await system.request(STATS_PATH, { method: 'POST', body: '{}' })
    const deleted = await system.request('/health', { method: 'DELETE' })

    const problemOf = ({ status, headers, body }: WireResponse) => ({
      status,
      type: headers['content-type'],
      caching: headers['cache-control'],
      allow: headers['allow'],
      body: JSON.parse(body.toString()),
    })
    const problem = { type: 'application/problem+json', caching: 'no-store' }
    expect(problemOf(nowhere)).toEqual({
      ...problem,
      status: 404,
      allow: undefined,
      body: {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'No dataset is served at this path',
      },
    })
    expect(problemOf(posted)).toMatchObject({
      ...problem,
      status: 405,
      allow: 'GET, HEAD',
      body: {
        type: 'about:blank',
        title: 'Method Not Allowed',
        status: 405,
        success: false,
        data: null,
        error: { code: 'INVALID_INPUT', details: null },
      },
    })
    expect(problemOf(deleted)).toMatchObject({
      ...problem,
      status: 405,
      allow: expect.stringContaining('GET'),
    })
  })
})
