import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { binanceFutures } from '#shared/upstreams/binance.ts'

const NOW = Date.UTC(2026, 10, 20)
const upstream = resolveUpstream(binanceFutures, {})

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

function errorOf(...answer: Parameters<typeof classOf>) {
  const classified = classOf(...answer)
  if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
  return classified.error
}

const RESTRICTED = "Service unavailable from a restricted location according to 'b. Eligibility'."

describe('Binance futures', () => {
  it('stay within the weight of a minute when every call is the heaviest', () => {
    expect(upstream.limits.perMinute * 40).toBeLessThan(0.8 * 2_400)
  })

  it.each([
    [429, { code: -1003, msg: 'Too many requests.' }, 'rate-limited', true, 'provider'],
    [400, { code: -1003, msg: 'Too many requests.' }, 'rate-limited', true, 'provider'],
    [429, '<html>', 'rate-limited', true, 'provider'],
    [418, { code: -1003, msg: 'IP banned.' }, 'rate-limited', false, 'provider'],
    [418, '<html>', 'rate-limited', false, 'provider'],
    [451, { code: 0, msg: RESTRICTED }, 'forbidden-region', false, 'provider'],
    [403, { code: 0, msg: RESTRICTED }, 'forbidden-region', false, 'provider'],
    [200, { code: 0, msg: RESTRICTED }, 'forbidden-region', false, 'provider'],
    [403, `<html>${RESTRICTED}</html>`, 'forbidden-region', false, 'provider'],
    [451, '', 'forbidden-region', false, 'provider'],
    [403, '<html>ERROR</html>', 'refused', false, 'provider'],
    [400, { code: -1121, msg: 'Invalid symbol.' }, 'not-found', false, 'item'],
    [400, { code: -1102, msg: 'Mandatory parameter.' }, 'bad-request', false, 'item'],
    [400, { code: -4000, msg: 'What.' }, 'bad-request', false, 'item'],
    [200, { code: -1000, msg: 'Unknown.' }, 'upstream-fault', true, 'item'],
    [400, { code: -1001, msg: 'Disconnected.' }, 'upstream-fault', true, 'item'],
    [408, { code: -1007, msg: 'Timeout.' }, 'upstream-fault', true, 'item'],
    [503, { code: -1008, msg: 'Overloaded.' }, 'upstream-fault', true, 'item'],
    [502, '<html>', 'upstream-fault', true, 'item'],
    [200, { code: -4001, msg: 'What.' }, 'upstream-fault', false, 'item'],
    [200, '<html>', 'malformed', false, 'item'],
    [200, '', 'malformed', false, 'item'],
    [200, '7', 'malformed', false, 'item'],
    [200, 'null', 'malformed', false, 'item'],
  ])('status %i with %j is %s, retryable: %s, of the %s', (status, body, reason, retryable, scope) => {
    expect(errorOf(status, body)).toMatchObject({ reason, retryable, scope })
  })

  it.each([[[]], [[{ symbol: 'BTCUSDT' }]], [{ symbols: [] }]])('takes %j for success', (body) => {
    expect(classOf(200, body)).toEqual({ kind: 'ok', body })
  })

  const BANNED = { code: -1003, msg: `Way too much; IP banned until ${NOW + 7 * 60_000}. Use the stream.` }

  it.each([
    ['the header, when there is one', 418, BANNED, { 'retry-after': '90' }, { retryAfterMs: 90_000 }],
    ['the message', 418, BANNED, {}, { retryAfterMs: 7 * 60_000 }],
    ['the message of a 429', 429, BANNED, {}, { retryAfterMs: 7 * 60_000 }],
    ['ten minutes after a ban without end', 418, '<html>', {}, { coolDownMs: 600_000 }],
    [
      'ten minutes after a ban whose end is past',
      418,
      { code: -1003, msg: 'IP banned until 1660090423228.' },
      {},
      { coolDownMs: 600_000 },
    ],
    ['a minute after a limit', 429, { code: -1003, msg: 'Too many.' }, {}, { coolDownMs: 60_000 }],
    [
      'three days at most',
      418,
      { code: -1003, msg: 'IP banned until 9999999999999' },
      {},
      { retryAfterMs: 72 * 3_600_000 },
    ],
  ])('cool down after: %s', (_, status, body, headers, wait) => {
    const { retryAfterMs, coolDownMs } = errorOf(status, body, headers as Record<string, string>)

    expect({ retryAfterMs, coolDownMs }).toEqual({ retryAfterMs: undefined, coolDownMs: undefined, ...wait })
  })
})
