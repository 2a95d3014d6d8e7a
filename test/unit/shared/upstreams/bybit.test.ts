import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { bybit } from '#shared/upstreams/bybit.ts'

const NOW = Date.UTC(2026, 10, 20)
const upstream = resolveUpstream(bybit, {})

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

function errorOf(...answer: Parameters<typeof classOf>) {
  const classified = classOf(...answer)
  if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
  return classified.error
}

const envelope = (retCode: number, retMsg = '') => ({
  retCode,
  retMsg,
  result: {},
  retExtInfo: {},
  time: NOW,
})

describe('Bybit', () => {
  it.each<[number, unknown, string, boolean, string]>([
    [403, 'access too frequent, please try again', 'rate-limited', false, 'provider'],
    [403, { retCode: 403, retMsg: 'Access too frequent' }, 'rate-limited', false, 'provider'],
    [403, '<html>', 'forbidden-region', false, 'provider'],
    [451, '', 'forbidden-region', false, 'provider'],
    [200, envelope(10_009), 'forbidden-region', false, 'provider'],
    [200, envelope(10_024), 'forbidden-region', false, 'provider'],
    [200, envelope(10_006, 'Too many visits!'), 'rate-limited', true, 'provider'],
    [200, envelope(10_429), 'rate-limited', true, 'provider'],
    [200, envelope(429), 'rate-limited', true, 'provider'],
    [429, 'slow down', 'rate-limited', true, 'provider'],
    [429, envelope(99_999), 'rate-limited', true, 'provider'],
    [200, envelope(10_001, 'params error: limit'), 'bad-request', false, 'item'],
    [200, envelope(10_001, 'Symbol is invalid'), 'not-found', false, 'item'],
    [200, envelope(10_029), 'not-found', false, 'item'],
    [200, envelope(10_003), 'auth', false, 'provider'],
    [200, envelope(10_004), 'auth', false, 'provider'],
    [200, envelope(10_005), 'auth', false, 'provider'],
    [200, envelope(10_007), 'auth', false, 'provider'],
    [200, envelope(10_010), 'auth', false, 'provider'],
    [401, '', 'auth', false, 'provider'],
    [200, envelope(10_000, 'Server timeout'), 'upstream-fault', true, 'item'],
    [400, envelope(10_016), 'upstream-fault', true, 'item'],
    [200, envelope(99_999), 'upstream-fault', false, 'item'],
    [500, envelope(10_006), 'upstream-fault', true, 'item'],
    [200, {}, 'malformed', false, 'item'],
    [200, { retCode: '0' }, 'malformed', false, 'item'],
    [200, [], 'malformed', false, 'item'],
    [200, '<html>', 'malformed', false, 'item'],
    [404, {}, 'not-found', false, 'item'],
  ])('status %i with %j is %s, retryable: %s, of the %s', (status, body, reason, retryable, scope) => {
    expect(errorOf(status, body)).toMatchObject({ reason, retryable, scope })
  })

  it('takes retCode 0 for success', () => {
    expect(classOf(200, envelope(0))).toEqual({ kind: 'ok', body: envelope(0) })
  })

  const RESET = 'x-bapi-limit-reset-timestamp'

  it.each([
    [
      'until the reset of the header',
      200,
      envelope(10_006),
      { [RESET]: String(NOW + 1_500) },
      1_500,
      undefined,
    ],
    ['five seconds without a header', 200, envelope(10_006), {}, undefined, 5_000],
    [
      'five seconds with a reset that is past',
      200,
      envelope(10_006),
      { [RESET]: String(NOW) },
      undefined,
      5_000,
    ],
    ['five seconds with a reset that is none', 429, envelope(10_429), { [RESET]: 'soon' }, undefined, 5_000],
    ['ten minutes when too frequent', 403, 'access too frequent', {}, undefined, 600_000],
  ])('cools down %s', (_, status, body, headers, retryAfterMs, coolDownMs) => {
    const error = errorOf(status, body, headers as Record<string, string>)

    expect([error.retryAfterMs, error.coolDownMs]).toEqual([retryAfterMs, coolDownMs])
  })
})
