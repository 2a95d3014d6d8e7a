import { describe, expect, it } from 'vitest'
import { joinedProviders, playedSample } from '#infra/local/simulated/model/played-sample.ts'
import { jsonResponse, type SimulatedProvider } from '#infra/local/simulated/model/provider.ts'

const AT = Date.UTC(2026, 10, 28, 10)
const HOUR = 3_600_000

const provider = playedSample({
  path: '/tickers',
  sample: {
    data: [
      {
        symbol: 'BTC',
        bid: '91230.10',
        ask: '91238.90',
        trades: 184_233,
        time: AT / 1_000,
        listed: '2013-04-28',
      },
      {
        symbol: 'ETH',
        bid: '3050.00',
        ask: '3051.00',
        trades: 5,
        time: AT / 1_000 - 60,
        listed: '2015-08-07',
      },
    ],
    next: 'cursor-of-the-sample',
    generated: '2026-11-28T10:00:00.000Z',
    ms: String(AT),
  },
  figures: ['data.*.bid', 'data.*.ask', 'data.*.trades'],
  times: { 'data.*.time': 's', 'data.*.listed': 'date', generated: 'iso', ms: 'ms' },
  sampleAt: '2026-11-28T10:00:00Z',
})

function bodyOf(played: SimulatedProvider, now: number, query = '') {
  return JSON.parse(played(1, now, '/tickers', new URLSearchParams(query)).body)
}

describe('a played sample', () => {
  it('moves its times with the clock, in the forms of the sample', () => {
    const { data, generated, ms } = bodyOf(provider, AT + 50 * HOUR)

    expect(data[0].time).toBe((AT + 50 * HOUR) / 1_000)
    expect(data[1].time).toBe((AT + 50 * HOUR) / 1_000 - 60)
    expect([data[0].listed, generated, ms]).toEqual([
      '2013-04-30',
      '2026-11-30T12:00:00.000Z',
      String(AT + 50 * HOUR),
    ])
  })

  it('moves its figures a little, those of a row together, with as many decimals', () => {
    const bodies = Array.from({ length: 200 }, (_, hours) => bodyOf(provider, AT + hours * HOUR))
    const bids = bodies.map(({ data }) => Number(data[0].bid))

    expect(Math.max(...bids)).toBeGreaterThan(Math.min(...bids))
    expect(bids.every((bid) => Math.abs(bid / 91_230.1 - 1) <= 0.02)).toBe(true)
    expect(bodies.every(({ data }) => Number(data[0].bid) < Number(data[0].ask))).toBe(true)
    expect(
      bodies.every(({ data }) => /^\d+\.\d\d$/.test(data[1].bid) && Number.isInteger(data[0].trades)),
    ).toBe(true)
  })

  it('leaves everything else as it is, and is the same within a minute', () => {
    expect(bodyOf(provider, AT)).toEqual(bodyOf(provider, AT + 59_000))
    expect(bodyOf(provider, AT)).toMatchObject({
      data: [{ symbol: 'BTC' }, { symbol: 'ETH' }],
      next: 'cursor-of-the-sample',
    })
  })

  it('keeps absent values and exponents, and has figures under names with points', () => {
    const station = playedSample({
      path: '/tickers',
      sample: { 'air.pressure': 1_013.25, ozone: '3.1e-7', wind: '', ice: null },
      figures: [String.raw`air\.pressure`, 'ozone', 'wind', 'ice'],
    })
    const bodies = Array.from({ length: 50 }, (_, hours) => bodyOf(station, AT + hours * HOUR))

    expect(new Set(bodies.map((body) => body['air.pressure'])).size).toBeGreaterThan(1)
    expect(bodies.every(({ ozone }) => Math.abs(Number(ozone) / 3.1e-7 - 1) <= 0.04)).toBe(true)
    expect(bodies.every(({ wind, ice }) => wind === '' && ice === null)).toBe(true)
  })

  it('divides its rows between two pages, of which the second has no cursor', () => {
    const paged = playedSample({
      path: '/tickers',
      sample: { data: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], meta: { next: null } },
      figures: [],
      pages: { rows: 'data', cursor: 'meta.next', parameter: 'after' },
    })

    expect(bodyOf(paged, AT)).toEqual({ data: [{ id: 'a' }, { id: 'b' }], meta: { next: 'next' } })
    expect(bodyOf(paged, AT, 'after=next')).toEqual({ data: [{ id: 'c' }], meta: { next: null } })
  })

  it('of a call with a query answers that query alone', () => {
    const sample = { path: '/tickers', figures: [] }
    const spot = playedSample({ ...sample, query: { venue: 'spot' }, sample: { venue: 'spot' } })
    const both = joinedProviders(spot, playedSample({ ...sample, sample: { venue: 'any' } }))

    expect(bodyOf(both, AT, 'venue=spot&page=2')).toEqual({ venue: 'spot' })
    expect(bodyOf(both, AT, 'venue=futures')).toEqual({ venue: 'any' })
  })

  it('is joined to the other paths of its provider', () => {
    const others: SimulatedProvider = (_seed, _now, path) => jsonResponse(path === '/other' ? 200 : 404, {})
    const joined = joinedProviders(provider, others)
    const statusOf = (path: string) => joined(1, AT, path, new URLSearchParams()).status

    expect([statusOf('/tickers'), statusOf('/other'), statusOf('/none')]).toEqual([200, 200, 404])
  })
})
