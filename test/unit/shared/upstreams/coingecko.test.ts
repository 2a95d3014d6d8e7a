import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'

const NOW = Date.UTC(2026, 10, 20)
const upstream = resolveUpstream(coingecko, {})

function classOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return upstream.classify({ status, headers, body: text }, NOW)
}

describe('CoinGecko', () => {
  it.each([
    ['keyless', 'https://api.coingecko.com/api/v3', undefined],
    ['demo', 'https://api.coingecko.com/api/v3', 'x-cg-demo-api-key'],
    ['pro', 'https://pro-api.coingecko.com/api/v3', 'x-cg-pro-api-key'],
  ])('selects host and header together for the plan %s', (plan, base, header) => {
    const resolved = resolveUpstream(coingecko, { COINGECKO_PLAN: plan, COINGECKO_KEY_PARAMETER: '/k' })

    expect(resolved.baseUrls.map(({ href }) => href)).toEqual([base])
    expect(resolved.secret).toEqual(header && { parameter: '/k', header })
    expect(resolved.trustedOrigins).toEqual([])
  })

  it('takes other base URLs from its setting, in order, and trusts their origins', () => {
    const text = 'http://127.0.0.1:4000/cg, https://mirror.example/v3'

    const resolved = resolveUpstream(coingecko, { FRESHET_UPSTREAM_COINGECKO_URL: text })

    expect(resolved.baseUrls.map(({ href }) => href)).toEqual([
      'http://127.0.0.1:4000/cg',
      'https://mirror.example/v3',
    ])
    expect(resolved.trustedOrigins).toEqual(['http://127.0.0.1:4000', 'https://mirror.example'])
  })

  it.each([
    [200, { status: { error_code: 429 } }, 'rate-limited', true],
    [429, '<html>1015</html>', 'rate-limited', true],
    [418, '{}', 'rate-limited', false],
    [401, { status: { error_code: 10_002 } }, 'auth', false],
    [200, { error_code: 10_005 }, 'auth', false],
    [400, { status: { error_code: 10_010 } }, 'auth', false],
    [400, { status: { error_code: 10_011 } }, 'auth', false],
    [401, 'no', 'auth', false],
    [400, { status: { error_code: 10_012 } }, 'bad-request', false],
    [400, 'what', 'bad-request', false],
    [403, '<html>', 'refused', false],
    [200, { status: { error_code: 1_020 } }, 'refused', false],
    [200, { status: { error_code: 503 } }, 'upstream-fault', true],
    [500, { status: { error_code: 10_002 } }, 'upstream-fault', true],
    [502, '<html>', 'upstream-fault', true],
    [408, '', 'upstream-fault', true],
    [425, '', 'upstream-fault', true],
    [423, '', 'upstream-fault', false],
    [302, '', 'upstream-fault', false],
    [404, '{}', 'not-found', false],
    [402, '{}', 'quota-exhausted', false],
    [451, '{}', 'forbidden-region', false],
    [204, '', 'malformed', false],
    [200, '  ', 'malformed', false],
    [200, 'null', 'malformed', false],
    [200, '7', 'malformed', false],
    [200, '"text"', 'malformed', false],
    [200, [], 'malformed', false],
    [200, '{"data":', 'malformed', false],
    [200, '12345678901234567890', 'malformed', false],
  ])('status %i with %j is %s, retryable: %s', (status, body, reason, retryable) => {
    const classified = classOf(status, body)

    expect(classified.kind).toBe('failed')
    expect(classified.kind === 'failed' && [classified.error.reason, classified.error.retryable]).toEqual([
      reason,
      retryable,
    ])
  })

  it('takes a body that is nested deeper than the stack for malformed', () => {
    const classified = classOf(200, `{"data":${'['.repeat(50_000)}12345678901234567890${']'.repeat(50_000)}}`)

    expect(classified).toMatchObject({ kind: 'failed', error: { reason: 'malformed' } })
  })

  it('takes an object under 200 for success', () => {
    expect(classOf(200, { data: {} })).toEqual({ kind: 'ok', body: { data: {} } })
  })

  it.each([
    [{ 'retry-after': '119' }, 119_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 00:05:00 GMT' }, 300_000],
    [{ 'retry-after': '-5' }, 0],
    [{ 'retry-after': '864000' }, 72 * 3_600_000],
  ])('after %j cools down for %i ms', (headers, wait) => {
    const classified = classOf(429, '{}', headers as Record<string, string>)

    expect(classified.kind === 'failed' && classified.error.retryAfterMs).toBe(wait)
  })

  it.each([[{ 'retry-after': 'tomorrow' }], [{}]])('after %j a wait is chosen: a minute', (headers) => {
    const classified = classOf(429, '{}', headers as Record<string, string>)

    expect(classified).toMatchObject({ kind: 'failed', error: { coolDownMs: 60_000 } })
    expect(classified.kind === 'failed' && classified.error.retryAfterMs).toBeUndefined()
  })
})
