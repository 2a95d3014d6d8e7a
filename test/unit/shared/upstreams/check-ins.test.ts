import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { GRACE_MS, intervalMs, SKEW_MS } from '#shared/engine/rate-limit/pacing.ts'
import { checkIns } from '#shared/upstreams/check-ins.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const MINUTE = 60_000
const upstream = resolveUpstream(checkIns, {})
const ON = {
  CHECKINS_ENABLED: 'true',
  CHECKINS_TOKEN_PARAMETER: '/k',
  CHECKINS_GROUP_ID: '7',
  CHECKINS_TERMS_ACKNOWLEDGED: 'true',
}

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

function errorOf(...answer: Parameters<typeof classOf>) {
  const classified = classOf(...answer)
  if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
  return classified.error
}

const failed = (code: unknown, more: object = {}) => ({ succeeded: false, code, info: '', ...more })

describe('the check-in provider', () => {
  it('is off by default, and on with its token, group and acknowledgement', () => {
    expect(upstream.off).toBe('CHECKINS_ENABLED is false')
    expect(resolveUpstream(checkIns, ON).off).toBeUndefined()
  })

  it('sends its token in the header of the settings', () => {
    expect(resolveUpstream(checkIns, ON).secret).toEqual({
      parameter: '/k',
      header: 'authorization',
      extraHeaders: true,
    })
    expect(resolveUpstream(checkIns, { ...ON, CHECKINS_AUTH_HEADER: 'x-token' }).secret).toEqual({
      parameter: '/k',
      header: 'x-token',
      extraHeaders: true,
    })
  })

  it.each([1_000, 2_500, 3_000, 7_123, 30_000, 60_000])(
    'starts two calls at least %i ms apart, also if one is late and two clocks differ, one at a time',
    (spacingMs) => {
      const { limits } = resolveUpstream(checkIns, { CHECKINS_MIN_SPACING_MS: String(spacingMs) })

      expect(limits.concurrency).toBe(1)
      expect(intervalMs(limits) - GRACE_MS - SKEW_MS).toBeGreaterThanOrEqual(spacingMs)
    },
  )

  it('makes 12 calls a minute at most, and two attempts of each', () => {
    expect([upstream.limits.perMinute, upstream.maxAttempts, upstream.attemptTimeoutMs]).toEqual([
      12, 2, 10_000,
    ])
  })

  it.each<[number, unknown, string, boolean, string]>([
    [401, failed(401), 'auth', false, 'provider'],
    [401, failed(1059), 'auth', false, 'provider'],
    [200, failed(1005), 'auth', false, 'provider'],
    [200, failed(14_210), 'auth', false, 'provider'],
    [200, failed(1059), 'refused', false, 'item'],
    [200, failed('1059'), 'refused', false, 'item'],
    [200, failed(1059, { info: 'any other text', resp_data: { topics: [] } }), 'refused', false, 'item'],
    [200, failed(1030), 'refused', false, 'item'],
    [200, failed(52_010, { error: 'a text' }), 'refused', false, 'item'],
    [403, '', 'refused', false, 'provider'],
    [200, failed(1002), 'bad-request', false, 'item'],
    [200, failed(1004), 'bad-request', false, 'item'],
    [200, failed(429), 'rate-limited', true, 'provider'],
    [200, failed('429'), 'rate-limited', true, 'provider'],
    [200, { succeeded: false, error: { code: '429' } }, 'rate-limited', true, 'provider'],
    [429, '', 'rate-limited', true, 'provider'],
    [200, { succeeded: false, error: { code: 1059, message: '' } }, 'refused', false, 'item'],
    [200, failed(1004, { error: { code: 1059 } }), 'bad-request', false, 'item'],
    [200, { succeeded: false, error: { code: 10_001 } }, 'upstream-fault', false, 'item'],
    [200, failed(40_001), 'upstream-fault', false, 'item'],
    [200, { succeeded: false }, 'upstream-fault', false, 'item'],
    [200, { succeeded: false, error: 'a text' }, 'upstream-fault', false, 'item'],
    [400, failed(40_001), 'bad-request', false, 'item'],
    [500, failed(1059), 'upstream-fault', true, 'item'],
    [404, failed(40_001), 'not-found', false, 'item'],
    [404, 'no such page', 'not-found', false, 'item'],
    [200, failed(404), 'not-found', false, 'item'],
    [200, { resp_data: {} }, 'malformed', false, 'item'],
    [200, { succeeded: 'true', resp_data: {} }, 'malformed', false, 'item'],
    [200, { succeeded: null }, 'malformed', false, 'item'],
    [200, '<html>', 'malformed', false, 'item'],
    [200, [], 'malformed', false, 'item'],
    [200, '', 'malformed', false, 'item'],
  ])('status %i with %j is %s, retryable: %s, of the %s', (status, body, reason, retryable, scope) => {
    expect(errorOf(status, body)).toMatchObject({ reason, retryable, scope })
  })

  it('stops after three refusals of an unofficial tool in a row, and after no other refusal of an item', () => {
    expect(upstream.escalation).toEqual({ failures: 3, coolDownMs: 15 * MINUTE, maxCoolDownMs: 360 * MINUTE })
    expect([1059, 1030, 52_010].map((code) => errorOf(200, failed(code)).escalates)).toEqual([
      true,
      false,
      false,
    ])
    expect(errorOf(403, '').escalates).toBe(false)
  })

  it('sends a request id, and has personal data in its bodies', () => {
    expect([upstream.requestIdHeader, upstream.hasPersonalData]).toEqual(['x-request-id', true])
  })

  it('waits a minute after a limit, whether a status or a code states it', () => {
    expect(errorOf(200, failed(429)).coolDownMs).toBe(MINUTE)
    expect(errorOf(429, '').coolDownMs).toBe(MINUTE)
    expect(errorOf(200, failed(429), { 'retry-after': '90' }).retryAfterMs).toBe(90_000)
  })

  it('confirms an unknown project by its own envelope only: the 404 of a proxy does not', () => {
    expect(errorOf(200, failed(404)).isExplicit).toBe(true)
    expect(errorOf(404, failed(undefined)).isExplicit).toBe(true)
    expect(errorOf(404, '<html>').isExplicit).toBe(false)
  })

  it('names the code in its message, never the text of the answer', () => {
    expect(errorOf(200, failed(52_010, { error: 'member-name' })).message).toBe(
      'zsxq error 52010 (status 200)',
    )
    expect(errorOf(200, failed(9, { info: 'member-name' })).message).toBe('unknown zsxq error 9 (status 200)')
  })

  it('takes an empty list for a success', () => {
    expect(classOf(200, { succeeded: true, resp_data: { topics: [] } })).toMatchObject({ kind: 'ok' })
  })
})
