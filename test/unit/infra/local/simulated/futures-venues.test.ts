import { describe, expect, test } from 'vitest'
import { binanceFutures } from '#infra/local/simulated/binance-futures.ts'
import { bybit } from '#infra/local/simulated/bybit.ts'
import { coins } from '#infra/local/simulated/model/coins.ts'
import type { SimulatedProvider } from '#infra/local/simulated/model/provider.ts'
import { okx } from '#infra/local/simulated/okx.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

function bodyOf(
  provider: SimulatedProvider,
  path: string,
  query: Record<string, string> = {},
  at = NOW,
  seed = 1,
  // biome-ignore lint/suspicious/noExplicitAny: bodies of three providers
): any {
  const { status, body } = provider(seed, at, path, new URLSearchParams(query))
  expect(status).toBe(200)
  return JSON.parse(body)
}

const calls: readonly (readonly [string, SimulatedProvider, string, Record<string, string>])[] = [
  ['Binance', binanceFutures, '/fapi/v1/premiumIndex', {}],
  ['Binance', binanceFutures, '/fapi/v1/ticker/24hr', {}],
  ['Bybit', bybit, '/v5/market/tickers', { category: 'linear' }],
  ['OKX', okx, '/api/v5/market/tickers', { instType: 'SWAP' }],
  ['OKX', okx, '/api/v5/public/mark-price', { instType: 'SWAP' }],
]

test.each(calls)('%s repeats its answer, and changes it with time or in another world', (...call) => {
  const [, provider, path, query] = call
  const bodyOf = (seed: number, at: number) => provider(seed, at, path, new URLSearchParams(query)).body

  expect(bodyOf(1, NOW)).toBe(bodyOf(1, NOW + 2_999))
  expect(bodyOf(1, NOW + MINUTE_MS)).not.toBe(bodyOf(1, NOW))
  expect(bodyOf(2, NOW)).not.toBe(bodyOf(1, NOW))
})

test('no two coins have one name', () => {
  const names = coins(1, 660).map(({ base }) => base)

  expect(names).toHaveLength(660)
  expect(new Set(names).size).toBe(660)
  expect(names).toEqual(expect.arrayContaining(['BTC', '1000PEPE', '示例']))
})

describe('Binance', () => {
  test('has dated contracts without a rate, some not traded, some in USDC, about six hundred in all', () => {
    const { symbols } = bodyOf(binanceFutures, '/fapi/v1/exchangeInfo')
    const rows = bodyOf(binanceFutures, '/fapi/v1/premiumIndex')

    const dated = rows.filter((row: { nextFundingTime: number }) => row.nextFundingTime === 0)
    expect(rows).toHaveLength(600)
    expect(symbols).toHaveLength(600)
    expect(dated.map((row: { lastFundingRate: string }) => row.lastFundingRate)).toContain('')
    expect(rows[597].symbol).toMatch(/^BTCUSDT_\d{6}$/)
    const words = new Set(
      symbols.map((one: Record<string, string>) => `${one['status']} ${one['quoteAsset']}`),
    )
    expect([...words].sort()).toEqual([
      'PENDING_TRADING USDT',
      'SETTLING USDT',
      'TRADING USDC',
      'TRADING USDT',
    ])
  })

  test('settles every contract at whole intervals from midnight', () => {
    const info = bodyOf(binanceFutures, '/fapi/v1/fundingInfo')
    const hours = new Map(
      info.map((one: { symbol: string; fundingIntervalHours: number }) => [
        one.symbol,
        one.fundingIntervalHours,
      ]),
    )
    const rows = bodyOf(binanceFutures, '/fapi/v1/premiumIndex')

    expect([...new Set(hours.values())].sort()).toEqual([1, 2, 4, 8])
    expect(hours.has('BTCUSDT')).toBe(false)
    for (const { symbol, nextFundingTime } of rows) {
      if (nextFundingTime === 0) continue
      const interval = Number(hours.get(symbol) ?? 8) * HOUR_MS
      expect(nextFundingTime % interval).toBe(0)
      expect(nextFundingTime > NOW && nextFundingTime <= NOW + interval).toBe(true)
    }
  })

  test.each([1, 2, 3])(
    'has rates that come above 0.3 % and fall below it within two hours (world %i)',
    (seed) => {
      const high = (at: number) => {
        const volumes = new Map<string, number>(
          bodyOf(binanceFutures, '/fapi/v1/ticker/24hr', {}, at, seed).map(
            (row: Record<string, string>) => [row['symbol'] ?? '', Number(row['quoteVolume'])] as const,
          ),
        )
        const rows: Record<string, string>[] = bodyOf(binanceFutures, '/fapi/v1/premiumIndex', {}, at, seed)
        const symbols = rows
          .filter((row) => Math.abs(Number(row['lastFundingRate'])) >= 0.003)
          .map((row) => row['symbol'] ?? '')
        return new Set(symbols.filter((symbol) => (volumes.get(symbol) ?? 0) >= 1_000_000))
      }

      const checks = Array.from({ length: 13 }, (_, index) => high(NOW + index * 10 * MINUTE_MS))

      const moves = checks.slice(1).map((now, index) => {
        const before = checks[index] ?? new Set()
        return { entered: now.difference(before).size, left: before.difference(now).size }
      })
      expect(moves.reduce((sum, { entered }) => sum + entered, 0)).toBeGreaterThan(0)
      expect(moves.reduce((sum, { left }) => sum + left, 0)).toBeGreaterThan(0)
      expect(Math.max(...checks.map(({ size }) => size))).toBeLessThanOrEqual(20)
    },
  )

  test('does not know other paths', () => {
    const { status, body } = binanceFutures(1, NOW, '/fapi/v1/klines', new URLSearchParams())

    expect([status, JSON.parse(body).code]).toEqual([404, -5000])
  })
})

describe('Bybit', () => {
  test('gives its contracts in pages, each once', () => {
    const path = '/v5/market/instruments-info'
    const whole = bodyOf(bybit, path, { category: 'linear', limit: '1000' }).result

    const symbols: string[] = []
    let cursor = ''
    do {
      const query = { category: 'linear', limit: '200', ...(cursor === '' ? {} : { cursor }) }
      const { result } = bodyOf(bybit, path, query)
      symbols.push(...result.list.map(({ symbol }: { symbol: string }) => symbol))
      cursor = result.nextPageCursor
    } while (cursor !== '')

    expect(whole.nextPageCursor).toBe('')
    expect(symbols).toEqual(whole.list.map(({ symbol }: { symbol: string }) => symbol))
    expect(symbols.length).toBeGreaterThan(500)
  })

  test('answers a wrong category and a wrong limit with its own code, and no other path', () => {
    expect(bodyOf(bybit, '/v5/market/tickers', { category: 'none' }).retCode).toBe(10_001)
    expect(bodyOf(bybit, '/v5/market/instruments-info', { category: 'linear', limit: '1001' }).retCode).toBe(
      10_001,
    )
    expect(bybit(1, NOW, '/v5/market/kline', new URLSearchParams()).status).toBe(404)
  })
})

describe('OKX', () => {
  test('has the rate of one swap, due at fundingTime', () => {
    const { data } = bodyOf(okx, '/api/v5/public/funding-rate', { instId: 'BTC-USDT-SWAP' })

    expect(data).toHaveLength(1)
    expect(Number(data[0].fundingTime)).toBe(Date.UTC(2026, 10, 20, 16))
    expect(Number(data[0].nextFundingTime)).toBe(Date.UTC(2026, 10, 21))
  })

  test('answers what it does not know with its own codes', () => {
    const wrongType = okx(1, NOW, '/api/v5/market/tickers', new URLSearchParams({ instType: 'SPOT' }))

    expect(bodyOf(okx, '/api/v5/public/funding-rate', { instId: 'NO-USDT-SWAP' }).code).toBe('51001')
    expect([wrongType.status, JSON.parse(wrongType.body).code]).toEqual([400, '51000'])
    expect(okx(1, NOW, '/api/v5/market/books', new URLSearchParams()).status).toBe(404)
  })
})
