import { describe, expect, it } from 'vitest'
import { bodyLimit, defineUpstream, resolveUpstream } from '#shared/declare/upstream.ts'
import { upstreams } from '#shared/upstreams/index.ts'

const MIB = 1024 * 1024

const declare = (maxBytes: number, endpointMaxBytes: Record<string, number> = {}) =>
  defineUpstream({
    name: 'example',
    title: 'Example',
    settings: {},
    baseUrls: () => ['https://api.example'],
    limits: () => ({ perMinute: 60, concurrency: 2 }),
    attemptTimeout: '10 seconds',
    maxBytes,
    endpointMaxBytes,
    attribution: { text: 'Example', url: 'https://api.example' },
    classify: () => ({ kind: 'ok', body: {} }),
  })

describe('the largest body of a call', () => {
  it('is that of its path, else that of the provider', () => {
    const upstream = resolveUpstream(declare(MIB, { '/list': 8 * MIB }), {})

    expect(bodyLimit(upstream, '/list')).toBe(8 * MIB)
    expect(bodyLimit(upstream, '/other')).toBe(MIB)
    expect(bodyLimit(upstream, 'constructor')).toBe(MIB)
  })

  it.each([
    [17 * MIB, {}, 'maxBytes: expected at most 16777216 bytes, got 17825792'],
    [MIB, { '/list': 17 * MIB }, 'endpointMaxBytes["/list"]: expected at most 16777216 bytes'],
    [MIB, { list: MIB }, 'a path that begins with /'],
    [MIB, { '/list': 1.5 }, 'endpointMaxBytes["/list"]'],
  ])('of %j and %j is refused', (maxBytes, endpoints, message) => {
    expect(() => declare(maxBytes, endpoints)).toThrow(message)
  })

  it('of a kline call is near the 200 KB that the provider sends, on every host of Binance (F81)', () => {
    const binance = upstreams.filter(({ name }) => name.startsWith('binance'))

    expect(binance).toHaveLength(3)
    for (const declared of binance) {
      const path = declared.name === 'binance-futures' ? '/fapi/v1/klines' : '/api/v3/klines'
      expect(bodyLimit(resolveUpstream(declared, {}), path)).toBe(MIB / 2)
    }
  })
})
