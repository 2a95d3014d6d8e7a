import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { intervalMs } from '#shared/engine/rate-limit/pacing.ts'
import { newsApi } from '#shared/upstreams/news-api.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const HOUR = 3_600_000
const upstream = resolveUpstream(newsApi, {})
const ON = { EVENTS_PROVIDER: 'newsapi', NEWS_API_PLAN: 'paid', NEWS_API_KEY_PARAMETER: '/k' }

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

function errorOf(...answer: Parameters<typeof classOf>) {
  const classified = classOf(...answer)
  if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
  return classified.error
}

const stated = (code: unknown, message = '') => ({ status: 'error', code, message })
const DAY_LIMIT = 'Developer accounts are limited to 100 requests over a 24 hour period (50 every 12 hours).'

describe('NewsAPI', () => {
  it.each([
    [{}, 'EVENTS_PROVIDER is gdelt'],
    [{ ...ON, EVENTS_PROVIDER: 'gdelt' }, 'EVENTS_PROVIDER is gdelt'],
    [{ ...ON, NEWS_API_PLAN: 'developer' }, 'NEWS_API_PLAN is developer'],
    [{ EVENTS_PROVIDER: 'newsapi', NEWS_API_PLAN: 'paid' }, 'NEWS_API_KEY_PARAMETER is not set'],
    [ON, undefined],
  ])('under %j its reason to be off is %j', (settings, reason) => {
    expect(resolveUpstream(newsApi, settings).off).toBe(reason)
  })

  it('sends its key in a header', () => {
    expect(resolveUpstream(newsApi, ON).secret).toEqual({ parameter: '/k', header: 'x-api-key' })
  })

  it('starts two calls at least a second apart', () => {
    expect(upstream.limits.concurrency).toBe(1)
    expect(intervalMs(upstream.limits) - 2_000).toBeGreaterThanOrEqual(1_000)
  })

  it.each<[number, unknown, string, boolean, string]>([
    [401, stated('apiKeyInvalid'), 'auth', false, 'provider'],
    [200, stated('apiKeyMissing'), 'auth', false, 'provider'],
    [400, stated('apiKeyDisabled'), 'auth', false, 'provider'],
    [401, '', 'auth', false, 'provider'],
    [429, stated('apiKeyExhausted'), 'quota-exhausted', false, 'provider'],
    [429, stated('rateLimited', DAY_LIMIT), 'quota-exhausted', false, 'provider'],
    [200, stated('rateLimited', 'Limited for 12 hours.'), 'quota-exhausted', false, 'provider'],
    [429, stated('rateLimited', 'Too many requests.'), 'rate-limited', true, 'provider'],
    [200, stated('rateLimited'), 'rate-limited', true, 'provider'],
    [429, '', 'rate-limited', true, 'provider'],
    [426, stated('maximumResultsReached'), 'bad-request', false, 'item'],
    [400, stated('parameterInvalid'), 'bad-request', false, 'item'],
    [500, stated('parameterInvalid'), 'upstream-fault', true, 'item'],
    [200, stated('parametersMissing'), 'bad-request', false, 'item'],
    [400, stated('sourcesTooMany'), 'bad-request', false, 'item'],
    [400, stated('sourceDoesNotExist'), 'bad-request', false, 'item'],
    [426, stated('tooFarInThePast'), 'bad-request', false, 'item'],
    [400, stated('constructor'), 'bad-request', false, 'item'],
    [200, stated('constructor'), 'upstream-fault', false, 'item'],
    [200, stated(7), 'upstream-fault', false, 'item'],
    [500, stated('unexpectedError'), 'upstream-fault', true, 'item'],
    [200, stated('unexpectedError'), 'upstream-fault', true, 'item'],
    [200, '<html>', 'malformed', false, 'item'],
    [200, [], 'malformed', false, 'item'],
    [200, '', 'malformed', false, 'item'],
  ])('status %i with %j is %s, retryable: %s, of the %s', (status, body, reason, retryable, scope) => {
    expect(errorOf(status, body)).toMatchObject({ reason, retryable, scope })
  })

  it('waits 12 hours after the quota is used up, 15 minutes after another limit', () => {
    expect(errorOf(429, stated('rateLimited', DAY_LIMIT)).retryAfterMs).toBe(12 * HOUR)
    expect(errorOf(429, stated('rateLimited')).coolDownMs).toBe(HOUR / 4)
  })

  it('takes a list for success', () => {
    const body = { status: 'ok', totalResults: 0, articles: [] }

    expect(classOf(200, body)).toEqual({ kind: 'ok', body })
  })
})
