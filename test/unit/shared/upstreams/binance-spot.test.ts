import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { binanceSpot, binanceSpotApi } from '#shared/upstreams/binance.ts'

const KLINES_WEIGHT = 2
const A_MINUTE = 6_000

describe.each([
  [binanceSpot, 'https://data-api.binance.vision'],
  [binanceSpotApi, 'https://api.binance.com'],
])('Binance spot as %o', (declared, origin) => {
  const upstream = resolveUpstream(declared, {})

  it('is called at its own address', () => {
    expect(upstream.baseUrls.map((url) => url.origin)).toEqual([origin])
  })

  it('stays within half of the weight that a minute allows', () => {
    expect(upstream.limits.perMinute * KLINES_WEIGHT).toBeLessThanOrEqual(A_MINUTE / 2)
  })

  it.each([
    [400, '{"code":-1121,"msg":"Invalid symbol."}', 'not-found', 'item'],
    [418, '{"code":-1003,"msg":"banned"}', 'rate-limited', 'provider'],
    [
      451,
      '{"code":0,"msg":"Service unavailable from a restricted location"}',
      'forbidden-region',
      'provider',
    ],
    [403, '<html>', 'refused', 'provider'],
  ])('takes status %i with %s for %s of the %s', (status, body, reason, scope) => {
    const classified = upstream.classify({ status, headers: {}, body }, 0)

    expect(classified).toMatchObject({ kind: 'failed', error: { reason, scope } })
  })

  it.each(['[]', '[[1]]', '{"symbols":[]}'])('takes %s for success', (body) => {
    expect(upstream.classify({ status: 200, headers: {}, body }, 0).kind).toBe('ok')
  })
})
