import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { fixedResponse } from '#test/support/process/scripted-upstream.ts'
import { inTurn, onTheWire } from './wire-world.ts'

const MIB = 1024 * 1024
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const good = fixedResponse(200, 'application/json', JSON.stringify(globalBody()))

type Body = string | Buffer
type Headers = Record<string, string>

const encoded = (coding: string, body: Body): [Body, Headers] => [body, { 'content-encoding': coding }]

/** Bodies of an error response; none of them may matter. */
const BODIES: [string, [Body, Headers]][] = [
  ['HTML', ['<html>Too Many Requests</html>', { 'content-type': 'text/html' }]],
  ['text', ['slow down', {}]],
  ['JSON of another provider', ['{"code":-1121,"retCode":10001,"error":"no"}', {}]],
  ['JSON with an unknown code', ['{"status":{"error_code":77777,"error_message":"?"}}', {}]],
  ['nothing', ['', {}]],
  ['text that claims to be gzip', encoded('gzip', '<html>429</html> (not gzip)')],
  ['gzip that ends too early', encoded('gzip', gzipSync('x'.repeat(1_000)).subarray(0, 20))],
  ['zstd', encoded('zstd', 'plain text')],
  ['two codings', encoded('gzip, br', 'plain text')],
  ['one that is over the size cap', ['x'.repeat(2 * MIB), {}]],
]

/** A run whose upstream answers once like this, then well; and what it stored about the provider. */
async function runAgainst(answer: RequestListener, then = good) {
  const world = await onTheWire(globalMarketWorld())
  world.upstream.respondWith(inTurn(answer, then))
  const run = await world.tick(TICK)
  const { coolDown } = await world.store.upstreams.get('coingecko')
  return { world, run, coolDown }
}

const respond =
  (status: number, body: Body, headers: Headers): RequestListener =>
  (_, response) => {
    response.writeHead(status, headers).end(body)
  }

describe('status and headers hold whatever the body is', () => {
  test.each(BODIES)(
    'a 429 with %s stores the cool-down that its header states (F80)',
    async (_, [body, more]) => {
      const { world, run, coolDown } = await runAgainst(
        respond(429, body, { ...more, 'retry-after': '3600' }),
      )

      expect(run).toMatchObject({ status: 'failed', reason: 'rate-limited', attempts: 1 })
      expect(world.upstream.calls).toHaveLength(1)
      expect(coolDown?.reason).toBe('rate-limited')
      expect(Math.abs(Number(coolDown?.until) - Number(run.endedAt) - HOUR)).toBeLessThan(2_000)
    },
  )

  test.each(BODIES)(
    'a 403 with %s is a refusal of the provider: 15 minutes without a call (F80)',
    async (_, [body, more]) => {
      const { run, coolDown } = await runAgainst(respond(403, body, more))

      expect(run).toMatchObject({ status: 'failed', reason: 'refused', attempts: 1 })
      expect(Math.abs(Number(coolDown?.until) - Number(run.endedAt) - 15 * MINUTE)).toBeLessThan(2_000)
    },
  )

  test.each([
    [418, 'rate-limited'],
    [451, 'forbidden-region'],
    [404, 'not-found'],
    [400, 'bad-request'],
    [304, 'upstream-fault'],
  ])('a %i in zstd is %s, as with any other body (F80)', async (status, reason) => {
    const { run } = await runAgainst(respond(status, 'plain', { 'content-encoding': 'zstd' }))

    expect(run).toMatchObject({ status: 'failed', reason, attempts: 1 })
  })

  test('a 503 in broken gzip is a server error, which is retried (F80)', async () => {
    const { run } = await runAgainst(respond(503, 'plain', { 'content-encoding': 'gzip' }))

    expect(run).toMatchObject({ status: 'succeeded', attempts: 2 })
  })

  test.each(['resetAndDestroy', 'destroy'] as const)(
    'a 429 whose body is cut by %s is a 429, not a broken connection (F80)',
    async (end) => {
      const { run, coolDown } = await runAgainst((_, response) => {
        response.writeHead(429, { 'content-length': 999, 'retry-after': '3600' }).write('{"status":')
        setTimeout(() => response.socket?.[end](), 20)
      })

      expect(run).toMatchObject({ status: 'failed', reason: 'rate-limited', attempts: 1 })
      expect(coolDown?.reason).toBe('rate-limited')
    },
  )

  test('an endless error body is read to 64 KiB, and its connection closed (F80)', async () => {
    const closed = Promise.withResolvers<void>()
    let writtenBytes = 0
    const { run } = await runAgainst((_, response) => {
      response.writeHead(403)
      const write = () => {
        do writtenBytes += 16_384
        while (response.write('x'.repeat(16_384)))
      }
      response.on('drain', write).on('close', closed.resolve)
      write()
    })
    await closed.promise

    expect(run.reason).toBe('refused')
    expect(writtenBytes).toBeLessThan(8 * MIB)
  })

  test.each([
    [
      'JSON',
      {
        type: 'about:blank',
        title: 'Error 1015: You are being rate limited',
        error_code: 1015,
        error_name: 'rate_limited',
        retry_after: 3_600,
      },
    ],
    ['text', 'error code: 1015'],
    ['HTML', '<html><h1><span>Error</span> <span>1015</span></h1></html>'],
  ])('Cloudflare’s rate limit as %s under 200 is a rate limit (F80)', async (_, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)

    const { run, coolDown } = await runAgainst(respond(200, text, { 'retry-after': '3600' }))

    expect(run).toMatchObject({ status: 'failed', reason: 'rate-limited' })
    expect(Math.abs(Number(coolDown?.until) - Number(run.endedAt) - HOUR)).toBeLessThan(2_000)
  })
})

describe('a wait that the provider states', () => {
  const at = (ms: number) => new Date(TICK + ms)
  const [day = '', date = '', month = '', year = '', time = ''] = at(HOUR).toUTCString().split(/,? /)

  test.each([
    ['seconds', '3600'],
    ['an IMF-fixdate', at(HOUR).toUTCString()],
    [
      'an RFC 850 date',
      `${at(HOUR).toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' })}, ${date}-${month}-${year.slice(2)} ${time} GMT`,
    ],
    ['an asctime date', `${day} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`],
    ['epoch seconds', String((TICK + HOUR) / 1_000)],
    ['epoch milliseconds', String(TICK + HOUR)],
  ])('as %s is honoured: an hour without a call (F5)', async (_, header) => {
    const { run, coolDown } = await runAgainst(respond(429, '{}', { 'retry-after': header }))

    const startsAt = header.length === 4 ? run.startedAt : TICK
    expect(run).toMatchObject({ status: 'failed', reason: 'rate-limited', attempts: 1 })
    expect(Math.abs(Number(coolDown?.until) - startsAt - HOUR)).toBeLessThan(3_000)
  })

  test.each([
    ['0', '0'],
    ['a negative number', '-30'],
    ['a past date', at(-HOUR).toUTCString()],
    ['a past moment in epoch seconds', String((TICK - HOUR) / 1_000)],
  ])('as %s is at least the base of the backoff, stored as a cool-down (F5)', async (_, header) => {
    const limited = respond(429, '{}', { 'retry-after': header })
    const { world, run, coolDown } = await runAgainst(limited, limited)

    const { attempts, backoffMs } = world.work.job.run
    const waitedMs = world.waits.reduce((sum, wait) => sum + wait, 0)
    expect(run).toMatchObject({ status: 'failed', reason: 'rate-limited', attempts })
    // a wait counts from its response, which may be some milliseconds old when it begins
    expect(waitedMs).toBeGreaterThanOrEqual((attempts - 1) * (backoffMs - 50))
    expect(coolDown?.until).toBeGreaterThanOrEqual(run.startedAt + attempts * backoffMs)
  })

  test.each([
    ['garbage', 'soon'],
    ['decimals', '12.5'],
    ['20 digits', '12345678901234567890'],
    ['two values', '10, 20'],
    ['a number without a meaning', '99999999'],
  ])('as %s is the default cool-down of the provider (F5)', async (_, header) => {
    const limited = respond(429, '{}', { 'retry-after': header })
    const { run, coolDown } = await runAgainst(limited, limited)

    expect(Number(coolDown?.until) - run.startedAt).toBeGreaterThanOrEqual(MINUTE)
    expect(Number(coolDown?.until) - run.startedAt).toBeLessThan(10 * MINUTE)
  })

  test('by two headers is the default cool-down of the provider (F5)', async () => {
    const limited: RequestListener = (_, response) => {
      response.setHeader('retry-after', ['10', '7200'])
      response.writeHead(429).end('{}')
    }
    const { run, coolDown } = await runAgainst(limited, limited)

    expect(Number(coolDown?.until) - run.startedAt).toBeGreaterThanOrEqual(MINUTE)
    expect(Number(coolDown?.until) - run.startedAt).toBeLessThan(10 * MINUTE)
  })

  test('of 30 days is shortened to 72 hours (F5)', async () => {
    const header = String((TICK + 720 * HOUR) / 1_000)
    const { run, coolDown } = await runAgainst(respond(429, '{}', { 'retry-after': header }))

    expect(Math.abs(Number(coolDown?.until) - run.startedAt - 72 * HOUR)).toBeLessThan(3_000)
  })

  test('with a 503 is the wait before the next attempt when it fits into the run (F5)', async () => {
    const { world, run, coolDown } = await runAgainst(respond(503, '', { 'retry-after': '7' }))

    expect(run).toMatchObject({ status: 'succeeded', attempts: 2 })
    expect(world.waits).toEqual([7_000])
    expect(coolDown).toBeUndefined()
  })

  test('with a 503 is a cool-down when it does not fit into the run (F5)', async () => {
    const { run, coolDown } = await runAgainst(respond(503, '', { 'retry-after': '3600' }))

    expect(run).toMatchObject({ status: 'failed', reason: 'upstream-fault', attempts: 1 })
    expect(Math.abs(Number(coolDown?.until) - Number(run.endedAt) - HOUR)).toBeLessThan(2_000)
  })
})
