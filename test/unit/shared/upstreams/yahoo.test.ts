import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { intervalMs } from '#shared/engine/rate-limit/pacing.ts'
import { yahoo } from '#shared/upstreams/yahoo.ts'

const NOW = Date.UTC(2026, 10, 20)
const upstream = resolveUpstream(yahoo, {})

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

function errorOf(...answer: Parameters<typeof classOf>) {
  const classified = classOf(...answer)
  if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
  return classified.error
}

const chartError = (code: string, description = '') => ({
  chart: { result: null, error: { code, description } },
})

describe('Yahoo', () => {
  it('is off until its terms are accepted, with nothing but the word true', () => {
    expect(upstream.off).toBe('YAHOO_TERMS_ACCEPTED is false')
    expect(resolveUpstream(yahoo, { YAHOO_TERMS_ACCEPTED: 'true' }).off).toBeUndefined()
    expect(() => resolveUpstream(yahoo, { YAHOO_TERMS_ACCEPTED: 'yes' })).toThrow('YAHOO_TERMS_ACCEPTED')
  })

  it('starts two calls at least two seconds apart, even if the first is late and two clocks differ', () => {
    expect(upstream.limits.concurrency).toBe(1)
    expect(intervalMs(upstream.limits) - 2_000).toBeGreaterThanOrEqual(2_000)
  })

  it.each<[number, unknown, string, boolean, string]>([
    [429, 'Too Many Requests', 'rate-limited', false, 'provider'],
    [429, 'Edge: Too Many Requests', 'rate-limited', false, 'provider'],
    [200, 'Edge: Too Many Requests', 'rate-limited', false, 'provider'],
    [429, chartError('Not Found'), 'rate-limited', false, 'provider'],
    [404, chartError('Not Found', 'No data found, symbol may be delisted'), 'not-found', false, 'item'],
    [200, chartError('Not Found'), 'not-found', false, 'item'],
    [404, '', 'not-found', false, 'item'],
    [401, chartError('Unauthorized', 'Invalid Crumb'), 'refused', false, 'provider'],
    [200, chartError('Unauthorized', 'Invalid Crumb'), 'refused', false, 'provider'],
    [401, '', 'refused', false, 'provider'],
    [403, '<html>', 'refused', false, 'provider'],
    [400, 'Invalid Crumb', 'refused', false, 'provider'],
    [422, chartError('Unprocessable Entity'), 'bad-request', false, 'item'],
    [200, chartError('Bad Request'), 'bad-request', false, 'item'],
    [200, chartError('constructor'), 'upstream-fault', false, 'item'],
    [200, { chart: { error: 'down' } }, 'upstream-fault', false, 'item'],
    [500, chartError('Not Found'), 'upstream-fault', true, 'item'],
    [200, '<html>', 'malformed', false, 'item'],
    [200, [], 'malformed', false, 'item'],
    [200, '', 'malformed', false, 'item'],
  ])('status %i with %j is %s, retryable: %s, of the %s', (status, body, reason, retryable, scope) => {
    expect(errorOf(status, body)).toMatchObject({ reason, retryable, scope })
  })

  it('takes a chart without an error for success', () => {
    const body = { chart: { result: [], error: null } }

    expect(classOf(200, body)).toEqual({ kind: 'ok', body })
  })

  it('cools down for an hour after a limit', () => {
    expect(errorOf(429, 'Too Many Requests').coolDownMs).toBe(3_600_000)
  })
})
