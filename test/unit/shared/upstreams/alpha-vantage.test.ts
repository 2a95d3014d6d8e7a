import { describe, expect, it, test } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { intervalMs } from '#shared/engine/rate-limit/pacing.ts'
import { alphaVantage } from '#shared/upstreams/alpha-vantage.ts'
import { priceBody, pricesUpstream, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'

/** 15:00 in New York. */
const NOW = Date.UTC(2026, 10, 20, 20)
const HOUR = 3_600_000
const upstream = resolveUpstream(alphaVantage, {})

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

function errorOf(...answer: Parameters<typeof classOf>) {
  const classified = classOf(...answer)
  if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
  return classified.error
}

const information = (text: string) => ({ Information: text })

const BURST =
  'Please consider spreading out your requests more sparingly (1 request per second), 25 per day. premium'
const DAILY =
  'We have detected your API key as K and our rate limit is 25 requests per day. See our premium plans.'
const MINUTE =
  'Minute-level rate limit exceed. Stay under the number of requests per minute of your premium plan.'

describe('Alpha Vantage', () => {
  it('has no key and is off by default; with the name of a key it sends it in the query', () => {
    const keyed = resolveUpstream(alphaVantage, { ALPHA_VANTAGE_KEY_PARAMETER: '/k' })

    expect([upstream.secret, upstream.off]).toEqual([undefined, 'ALPHA_VANTAGE_KEY_PARAMETER is not set'])
    expect([keyed.secret, keyed.off]).toEqual([{ parameter: '/k', query: 'apikey' }, undefined])
  })

  it('allows the calls of the plan a day in New York, all of them to scheduled runs', () => {
    const paid = resolveUpstream(alphaVantage, { ALPHA_VANTAGE_DAILY_BUDGET: '500' })

    expect(upstream.limits).toMatchObject({
      perDay: 25,
      scheduledShare: 1,
      zone: 'America/New_York',
      concurrency: 1,
    })
    expect(paid.limits.perDay).toBe(500)
    expect(() => resolveUpstream(alphaVantage, { ALPHA_VANTAGE_DAILY_BUDGET: '0' })).toThrow(
      'ALPHA_VANTAGE_DAILY_BUDGET',
    )
  })

  it('makes as many calls a minute as a paid plan allows, still a second apart if one of them is late by a second', () => {
    const paid = resolveUpstream(alphaVantage, { ALPHA_VANTAGE_CALLS_PER_MINUTE: '30' })

    expect(paid.limits.perMinute).toBe(30)
    expect(intervalMs(paid.limits) - 1_000).toBeGreaterThanOrEqual(1_000)
    expect(() => resolveUpstream(alphaVantage, { ALPHA_VANTAGE_CALLS_PER_MINUTE: '31' })).toThrow(
      'ALPHA_VANTAGE_CALLS_PER_MINUTE',
    )
  })

  it('starts two calls at least 1.2 s apart by default, even if the first is late by a second and two clocks differ by one', () => {
    expect(intervalMs(upstream.limits) - 2_000).toBeGreaterThanOrEqual(1_200)
  })

  it.each<[number, unknown, string, boolean, string]>([
    [200, information(BURST), 'rate-limited', false, 'provider'],
    [200, information('Burst pattern detected.'), 'rate-limited', false, 'provider'],
    [200, information(MINUTE), 'rate-limited', false, 'provider'],
    [200, { Note: '5 calls per minute and 500 calls per day' }, 'rate-limited', false, 'provider'],
    [200, { Note: 'Thank you for using our service' }, 'rate-limited', false, 'provider'],
    [200, { Note: 'call us more sparingly' }, 'rate-limited', false, 'provider'],
    [200, information(DAILY), 'quota-exhausted', false, 'provider'],
    [429, information(DAILY), 'quota-exhausted', false, 'provider'],
    [200, information('The **demo** API key is for demo purposes only.'), 'auth', false, 'provider'],
    [200, information('This is a premium endpoint.'), 'refused', false, 'item'],
    [200, information('Hello.'), 'upstream-fault', false, 'provider'],
    [200, { 'Error Message': 'the parameter apikey is invalid or missing.' }, 'auth', false, 'provider'],
    [200, { 'Error Message': 'Invalid API call.' }, 'not-found', false, 'item'],
    [200, { feed: [] }, 'malformed', false, 'item'],
    [200, { Information: 7 }, 'malformed', false, 'item'],
    [200, [], 'malformed', false, 'item'],
    [200, 'null', 'malformed', false, 'item'],
    [200, '', 'malformed', false, 'item'],
    [200, '<html>', 'malformed', false, 'item'],
    [500, information(DAILY), 'upstream-fault', true, 'item'],
    [503, '', 'upstream-fault', true, 'item'],
    [429, '', 'rate-limited', true, 'provider'],
    [403, '<html>', 'refused', false, 'provider'],
    [404, {}, 'not-found', false, 'item'],
    [400, { feed: [] }, 'bad-request', false, 'item'],
  ])('status %i with %j is %s, retryable: %s, of the %s', (status, body, reason, retryable, scope) => {
    expect(errorOf(status, body)).toMatchObject({ reason, retryable, scope })
  })

  it.each([
    [{ 'Meta Data': {}, 'Time Series (Daily)': {} }],
    [{ Symbol: 'IBM' }],
    [{ symbol: 'IBM', quarterlyReports: [] }],
    [{}],
  ])('takes %j for success', (body) => {
    expect(classOf(200, body)).toEqual({ kind: 'ok', body })
  })

  it.each([
    ['two seconds after a burst, although the message quotes the day', BURST, undefined, 2_000],
    ['two seconds after a burst pattern', 'Burst pattern detected.', undefined, 2_000],
    ['a minute after the limit of a minute, although the message names premium', MINUTE, undefined, 60_000],
    ['until ten minutes after midnight in New York after the day', DAILY, 9 * HOUR + 600_000, undefined],
  ])('cools down %s', (_, text, retryAfterMs, coolDownMs) => {
    const error = errorOf(200, information(text))

    expect([error.retryAfterMs, error.coolDownMs]).toEqual([retryAfterMs, coolDownMs])
  })

  it('counts the midnight of a day on which clocks change', () => {
    // 2026-11-01 has 25 hours in New York; at 12:00Z it is 07:00 there
    const now = Date.UTC(2026, 10, 1, 12)

    const classified = upstream.classify(
      { status: 200, headers: {}, body: JSON.stringify(information(DAILY)) },
      now,
    )

    expect(classified).toMatchObject({ error: { retryAfterMs: 17 * HOUR + 600_000 } })
  })

  it('repeats nothing of a message, because it has the key', () => {
    expect(errorOf(200, information(DAILY)).message).not.toContain('as K')
  })
})

test('the 26th call of a day in New York is not made, and the first one of the next day is', async () => {
  const world = pricesWorld('items', symbolNames(30), NOW)
  const { classify } = resolveUpstream(pricesUpstream, {})
  const { off: _, ...limited } = upstream
  Object.assign(world.work, { upstream: { ...limited, name: 'prices', classify } })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, NOW) }))

  await world.tick(NOW)
  const calls = world.calls.length
  const later = await world.tick(NOW + HOUR)
  const callsOfDay = world.calls.length
  await world.tick(NOW + 10 * HOUR)

  expect([calls, callsOfDay]).toEqual([25, 25])
  expect(later).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
  expect(world.calls.length).toBeGreaterThan(25)
})
