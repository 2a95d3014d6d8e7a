import { describe, expect, it } from 'vitest'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { binanceSpot } from '#shared/upstreams/binance.ts'
import { bybit } from '#shared/upstreams/bybit.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { okx } from '#shared/upstreams/okx.ts'

const NOW = Date.UTC(2026, 10, 20)
const PROVIDERS = [coingecko, binanceSpot, bybit, okx].map((declared) => resolveUpstream(declared, {}))

const json = (code: number, more: object = {}) =>
  JSON.stringify({
    type: 'about:blank',
    title: `Error ${code}: no`,
    error_code: code,
    error_name: 'no',
    ...more,
  })
const line = (code: number) => `error code: ${code}\n`
const page = (code: number) =>
  `<!DOCTYPE html><html><h1><span data-translate="error">Error</span>\n<span>${code}</span></h1></html>`

describe.each(PROVIDERS)('Cloudflare’s errors in place of $title', ({ classify }) => {
  const errorOf = (status: number, body: string, headers: Record<string, string> = {}) => {
    const classified = classify({ status, headers, body }, NOW)
    if (classified.kind === 'ok') throw new Error('expected a failure, got a success')
    return classified.error
  }

  it.each([200, 403, 409, 429, 503, 520, 530])(
    'are recognised under %i in all three forms (F80)',
    (status) => {
      for (const form of [json, line, page]) {
        expect(errorOf(status, form(1015))).toMatchObject({ reason: 'rate-limited', scope: 'provider' })
        expect(errorOf(status, form(1020))).toMatchObject({ reason: 'refused', scope: 'provider' })
      }
    },
  )

  it.each([
    [1003, 'refused'],
    [1005, 'refused'],
    [1006, 'refused'],
    [1007, 'refused'],
    [1008, 'refused'],
    [1009, 'forbidden-region'],
    [1010, 'refused'],
    [1012, 'refused'],
    [1106, 'refused'],
    [1000, 'upstream-fault'],
    [1013, 'upstream-fault'],
    [1014, 'upstream-fault'],
    [1016, 'upstream-fault'],
    [1018, 'upstream-fault'],
    [1101, 'upstream-fault'],
    [1299, 'upstream-fault'],
  ])('%i is %s', (code, reason) => {
    for (const form of [json, line, page]) expect(errorOf(530, form(code)).reason).toBe(reason)
  })

  it('retry a fault under 5xx, and under 200 only where Cloudflare says so', () => {
    expect(errorOf(530, page(1016)).retryable).toBe(true)
    expect(errorOf(200, page(1016)).retryable).toBe(false)
    expect(errorOf(200, page(1033)).retryable).toBe(true)
  })

  it('state their wait in the body when the header is missing (F5)', () => {
    expect(errorOf(429, json(1015, { retry_after: 30 })).retryAfterMs).toBe(30_000)
    expect(errorOf(429, json(1015, { retry_after: '30' })).retryAfterMs).toBe(30_000)
    expect(errorOf(429, json(1015, { retry_after: 30 }), { 'retry-after': '90' }).retryAfterMs).toBe(90_000)
    expect(errorOf(429, json(1015, { retry_after: 'soon' })).retryAfterMs).toBeUndefined()
  })

  it('never make a rate limit weaker: a fault of the edge under 429 stays one (F80)', () => {
    expect(errorOf(429, page(1016))).toMatchObject({ reason: 'rate-limited', scope: 'provider' })
  })

  it('are not found in JSON that only mentions them', () => {
    const texts = {
      note: 'Error 1015',
      retCode: 0,
      code: '0',
      error_code: undefined,
      list: [{ title: 'Error 1015' }],
    }

    expect(classify({ status: 200, headers: {}, body: JSON.stringify(texts) }, NOW).kind).toBe('ok')
  })

  it.each(['Error 1015 was seen', '<html>Error 4015</html>', '<html>Error 10155</html>', 'error code: 2015'])(
    'are not found in %j',
    (body) => {
      expect(errorOf(200, body).reason).toBe('malformed')
    },
  )
})
