import { describe, expect, it } from 'vitest'
import { parseBars } from '#functions/jobs/hama/bars.ts'
import { binanceSpot } from '#infra/local/simulated/binance-spot.ts'
import { hamaAnalysis } from '#shared/analysis/hama.ts'

const NOW = Date.UTC(2026, 10, 20, 15, 7, 30)
const BAR = 900_000

function klines(symbol: string, now = NOW, more: Record<string, string> = {}) {
  const query = new URLSearchParams({ symbol, interval: '15m', limit: '1000', ...more })
  const { status, body } = binanceSpot(1, now, '/api/v3/klines', query)
  return { status, body: JSON.parse(body) }
}

describe('the simulation of Binance’s spot market', () => {
  it('gives a thousand bars without a gap, of which the last one is running', () => {
    const candles = parseBars(klines('1000PEPEUSDT').body, NOW).candles

    const { bars, gaps, realtimePrice, asOf } = hamaAnalysis(candles, { preset: 'pine', now: NOW })
    expect([candles.length, bars, gaps]).toEqual([1_000, 999, 0])
    expect(asOf).toBe(Math.floor(NOW / BAR) * BAR - 1)
    expect(realtimePrice).toBe(candles.at(-1)?.close)
  })

  it('never changes a bar that has closed', () => {
    const before = klines('BTCUSDT').body.slice(1, 999)
    const after = klines('BTCUSDT', NOW + BAR).body.slice(0, 998)

    expect(after.map((bar: unknown[]) => bar.slice(0, 8))).toEqual(
      before.map((bar: unknown[]) => bar.slice(0, 8)),
    )
  })

  it.each([
    ['NOPE', {}, -1121],
    ['BTCUSDT', { interval: '7m' }, -1120],
    ['BTCUSDT', { limit: 'many' }, -1100],
  ])('answers %s with %j as the exchange would', (symbol, more, code) => {
    const answer = klines(symbol, NOW, more as Record<string, string>)

    expect(answer).toMatchObject({ status: 400, body: { code } })
  })

  it('has every side of the market, so that each recommendation occurs', () => {
    const { body } = binanceSpot(1, NOW, '/api/v3/exchangeInfo', new URLSearchParams())
    const symbols = (JSON.parse(body) as { symbols: { symbol: string }[] }).symbols.slice(0, 60)

    const ranges = symbols.map(
      ({ symbol }) =>
        hamaAnalysis(parseBars(klines(symbol).body, NOW).candles, { preset: 'pine', now: NOW })
          .recommendation,
    )

    expect(new Set(ranges)).toEqual(new Set(['BUY', 'SELL', 'HOLD']))
  })
})
