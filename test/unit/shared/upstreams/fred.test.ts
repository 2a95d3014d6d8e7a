import { describe, expect, it, test } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { intervalMs } from '#shared/engine/rate-limit/pacing.ts'
import { fred } from '#shared/upstreams/fred.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'

const NOW = Date.UTC(2026, 10, 20, 14)
const upstream = resolveUpstream(fred, {})

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

function errorOf(...answer: Parameters<typeof classOf>) {
  const classified = classOf(...answer)
  if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
  return classified.error
}

const stated = (error_code: unknown, error_message: string) => ({ error_code, error_message })
const xml = (code: number, message: string) =>
  `<?xml version="1.0" encoding="utf-8" ?>\n<error code="${code}" message="${message}"/>`

const UNREGISTERED = stated(400, 'Bad Request.  The value for variable api_key is not registered.')
const NO_SERIES = 'Bad Request.  The series does not exist.'

describe('FRED', () => {
  it('is off until its terms are accepted and its key is named; the key is sent in the query', () => {
    const keyOnly = resolveUpstream(fred, { FRED_KEY_PARAMETER: '/k' })
    const termsOnly = resolveUpstream(fred, { FRED_TERMS_ACCEPTED: 'true' })
    const both = resolveUpstream(fred, { FRED_TERMS_ACCEPTED: 'true', FRED_KEY_PARAMETER: '/k' })

    expect([upstream.off, upstream.secret]).toEqual(['FRED_TERMS_ACCEPTED is false', undefined])
    expect(keyOnly.off).toBe('FRED_TERMS_ACCEPTED is false')
    expect(termsOnly.off).toBe('FRED_KEY_PARAMETER is not set')
    expect([both.off, both.secret]).toEqual([undefined, { parameter: '/k', query: 'api_key' }])
    expect(() => resolveUpstream(fred, { FRED_TERMS_ACCEPTED: '1' })).toThrow('FRED_TERMS_ACCEPTED')
  })

  it('starts two calls at least 0.7 s apart, even if the first is late by a second and two clocks differ by one', () => {
    expect(upstream.limits.concurrency).toBe(1)
    expect(intervalMs(upstream.limits) - 2_000).toBeGreaterThanOrEqual(700)
  })

  it('has the notice that its terms require', () => {
    expect(upstream.attribution.text).toBe(
      'This product uses the FRED® API but is not endorsed or certified by the Federal Reserve Bank of St. Louis.',
    )
  })

  it.each<[number, unknown, string, boolean, string]>([
    [400, UNREGISTERED, 'auth', true, 'provider'],
    [400, stated('400', 'Bad Request.  Variable api_key has not been set.'), 'auth', false, 'provider'],
    [400, xml(400, 'Bad Request.  Variable api_key has not been set.'), 'auth', false, 'provider'],
    [401, '', 'auth', false, 'provider'],
    [403, '<html>', 'auth', false, 'provider'],
    [200, stated(403, 'Forbidden'), 'auth', false, 'provider'],
    [400, stated(400, NO_SERIES), 'not-found', false, 'item'],
    [404, stated(404, NO_SERIES), 'not-found', false, 'item'],
    [400, xml(400, NO_SERIES), 'not-found', false, 'item'],
    [400, { code: 400, message: NO_SERIES }, 'not-found', false, 'item'],
    [404, '', 'not-found', false, 'item'],
    [404, stated(404, 'Not Found'), 'not-found', false, 'item'],
    [400, stated(400, 'Bad Request.  Invalid value for variable units.'), 'bad-request', false, 'item'],
    [400, '', 'bad-request', false, 'item'],
    [429, stated(429, 'Too Many Requests'), 'rate-limited', true, 'provider'],
    [429, stated(400, NO_SERIES), 'rate-limited', true, 'provider'],
    [429, '<html>', 'rate-limited', true, 'provider'],
    [200, stated(429, 'Too Many Requests'), 'rate-limited', true, 'provider'],
    [423, '', 'upstream-fault', false, 'item'],
    [423, stated(423, 'Locked'), 'upstream-fault', false, 'item'],
    [200, stated(423, 'Locked'), 'upstream-fault', false, 'item'],
    [500, xml(500, 'Internal Server Error'), 'upstream-fault', true, 'item'],
    [200, xml(500, 'Internal Server Error'), 'upstream-fault', true, 'item'],
    [502, '<html>', 'upstream-fault', true, 'item'],
    [503, stated(400, NO_SERIES), 'upstream-fault', true, 'item'],
    [200, '<html>', 'malformed', false, 'item'],
    [200, xml(200, 'fine'), 'malformed', false, 'item'],
    [200, [], 'malformed', false, 'item'],
    [200, '', 'malformed', false, 'item'],
  ])('status %i with %j is %s, retryable: %s, of the %s', (status, body, reason, retryable, scope) => {
    expect(errorOf(status, body)).toMatchObject({ reason, retryable, scope })
  })

  it('takes a body with observations for success', () => {
    const body = { units: 'lin', observations: [] }

    expect(classOf(200, body)).toEqual({ kind: 'ok', body })
  })

  it('cools down for 20 seconds after a limit, and as long as it states', () => {
    expect(errorOf(429, '').coolDownMs).toBe(20_000)
    expect(errorOf(429, '', { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7_000 })
  })
})

/** A run over FRED's rules with three attempts and three minutes, as the job of the indicators. */
function fredWorld(symbols: readonly string[]) {
  const world = pricesWorld('items', symbols, NOW, {
    change: {
      run: { mode: 'plain', deadline: '3 minutes', attempts: 3, backoff: '2 seconds', concurrency: 1 },
    },
  })
  const times: number[] = []
  Object.assign(world.work, { upstream: { ...upstream, off: undefined, name: 'prices' } })
  return { world, times }
}

test('a key that is reported as not registered once is used again after a minute, and the run goes on', async () => {
  const { world, times } = fredWorld(['AAA', 'BBB'])
  world.script(({ url }, call) => {
    times.push(world.clock.now())
    return call === 1
      ? { status: 400, body: UNREGISTERED }
      : { status: 200, body: priceBody(url, 1, world.clock.now()) }
  })

  const run = await world.tick(NOW)

  expect(run).toMatchObject({ status: 'succeeded' })
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(60_000)
})

test('a key that is reported as not registered twice stops the provider: two calls, no further series', async () => {
  const { world } = fredWorld(['AAA', 'BBB', 'CCC'])
  world.script(() => ({ status: 400, body: UNREGISTERED }))

  const run = await world.tick(NOW)

  expect(run).toMatchObject({ status: 'failed', reason: 'auth' })
  expect(world.calls).toHaveLength(2)
})

test('after a limit the same run goes on with the rest of the series 20 seconds later', async () => {
  const { world, times } = fredWorld(['AAA', 'BBB', 'CCC'])
  world.script(({ url }, call) => {
    times.push(world.clock.now())
    return call === 2
      ? { status: 429, body: stated(429, 'Too Many Requests') }
      : { status: 200, body: priceBody(url, 1, world.clock.now()) }
  })

  const run = await world.tick(NOW)

  expect([run.status, times.length]).toEqual(['succeeded', 4])
  expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(20_000)
})
