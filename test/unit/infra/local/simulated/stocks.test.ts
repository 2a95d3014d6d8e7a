import { describe, expect, test } from 'vitest'
import { alphaVantage } from '#infra/local/simulated/alpha-vantage.ts'
import type { SimulatedProvider } from '#infra/local/simulated/model/provider.ts'
import { yahoo } from '#infra/local/simulated/yahoo.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { alphaVantage as alphaVantageUpstream } from '#shared/upstreams/alpha-vantage.ts'
import {
  alphaVantageBalanceSheetCall,
  parseAlphaVantageBalanceSheet,
} from '#shared/upstreams/stocks/alpha-vantage-balance-sheet.ts'
import { alphaVantageBarsCall, parseAlphaVantageBars } from '#shared/upstreams/stocks/alpha-vantage-bars.ts'
import {
  alphaVantageOverviewCall,
  parseAlphaVantageOverview,
} from '#shared/upstreams/stocks/alpha-vantage-overview.ts'
import { isFinalYahooBar, parseYahooChart, yahooChartCall } from '#shared/upstreams/stocks/yahoo-chart.ts'
import { yahoo as yahooUpstream } from '#shared/upstreams/yahoo.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
/** A Friday, 15:00 in New York. */
const NOW = Date.UTC(2026, 10, 27, 20)
/** The next Monday in the morning: every bar of Friday is published. */
const MONDAY = Date.UTC(2026, 10, 30, 12)

interface Call {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}

interface Options {
  readonly now?: number
  readonly seed?: number
  readonly calls?: readonly number[]
  readonly key?: string | null
}

function ask(
  provider: SimulatedProvider,
  call: Call,
  { now = NOW, seed = 1, calls = [], key = 'k' }: Options = {},
) {
  const query = new URLSearchParams(call.query)
  if (provider === alphaVantage && key !== null) query.set('apikey', key)
  const { status, headers, body } = provider(seed, now, call.path, query, calls)
  const upstream = provider === alphaVantage ? alphaVantageUpstream : yahooUpstream
  const classified = resolveUpstream(upstream, {}).classify({ status, headers, body }, now)
  return { status, body: JSON.parse(body), error: classified.kind === 'ok' ? undefined : classified.error }
}

function barsOf(symbol: string, options: Options = {}) {
  const { body } = ask(alphaVantage, alphaVantageBarsCall(symbol), options)
  return parseAlphaVantageBars(body, { symbol, now: options.now ?? NOW })
}

function chartOf(symbol: string, options: Options = {}) {
  const { body } = ask(yahoo, yahooChartCall(symbol), options)
  return parseYahooChart(body, { symbol, now: options.now ?? NOW })
}

const dates = (bars: readonly { readonly date: string }[]) => bars.map(({ date }) => date)

describe('the simulation of Alpha Vantage', () => {
  test('repeats its bytes, and gives others for another seed', () => {
    const bytes = (seed: number) =>
      JSON.stringify(ask(alphaVantage, alphaVantageBarsCall('IBM'), { seed }).body)

    expect(bytes(1)).toBe(bytes(1))
    expect(bytes(2)).not.toBe(bytes(1))
  })

  test('has a hundred bars without weekends and holidays, that all parse', () => {
    const { bars, lost, undelivered, zone } = barsOf('IBM', { now: MONDAY })

    expect([bars.length, lost, undelivered, zone]).toEqual([100, [], [], 'US/Eastern'])
    expect(dates(bars).slice(-3)).toEqual(['2026-11-24', '2026-11-25', '2026-11-27'])
    expect(dates(bars).some((date) => [0, 6].includes(new Date(date).getUTCDay()))).toBe(false)
  })

  test('publishes the bar of a session in its evening, not of all symbols at once', () => {
    const symbols = ['AAPL', 'MSFT', 'GOOGL', 'AMZN', 'IBM', 'KO', 'XOM', 'JPM']
    const published = (now: number) =>
      symbols.filter((symbol) => dates(barsOf(symbol, { now }).bars).includes('2026-11-27')).length

    const [atClose, atFive, atNine] = [21, 22, 26].map((hour) => published(Date.UTC(2026, 10, 27, hour)))

    expect([atClose, atNine]).toEqual([0, symbols.length])
    expect(atFive).toBeGreaterThan(0)
    expect(atFive).toBeLessThan(symbols.length)
  })

  test('never changes a bar that is published', () => {
    const before = barsOf('KO', { now: MONDAY }).bars.slice(1)
    const after = barsOf('KO', { now: MONDAY + DAY }).bars.slice(0, -1)

    expect(after).toEqual(before)
  })

  test('does not adjust prices for a split, which Yahoo does', () => {
    const stepOf = (
      bars: readonly { readonly date: string; readonly open: number; readonly close: number }[],
    ) => {
      const index = bars.findIndex(({ date }) => date >= '2026-10-12')
      return (bars[index - 1]?.close ?? 0) / (bars[index]?.open ?? 1)
    }

    const [raw, adjusted] = [stepOf(barsOf('NVDA').bars), stepOf(chartOf('NVDA').bars)]

    expect(raw).toBeGreaterThan(3.84)
    expect(raw).toBeLessThan(4.16)
    expect(adjusted).toBeGreaterThan(0.96)
    expect(adjusted).toBeLessThan(1.04)
  })

  test('has fundamentals of companies, some without a value, and none of funds', () => {
    const overview = (symbol: string) =>
      parseAlphaVantageOverview(ask(alphaVantage, alphaVantageOverviewCall(symbol)).body, {
        symbol,
        now: NOW,
      })
    const companies = ['AAPL', 'MSFT', 'GOOGL', 'AMZN', 'NVDA', 'IBM', 'KO', 'XOM', 'JPM', 'BRK.B'].map(
      overview,
    )

    const peRatios = companies.flatMap((one) => (one.kind === 'company' ? [one.peRatio] : []))
    const lost = companies.flatMap((one) => (one.kind === 'company' ? one.lost : []))
    expect([peRatios.length, lost]).toEqual([10, []])
    expect(peRatios).toContain(null)
    expect(peRatios.filter((value) => value !== null).length).toBeGreaterThan(4)
    expect(overview('SPY')).toEqual({ kind: 'no-fundamentals', cause: 'empty' })
    expect(ask(alphaVantage, alphaVantageOverviewCall('SPY')).error).toBeUndefined()
  })

  test('has balance sheets of the newest quarter, and of a bank no current assets', () => {
    const sheet = (symbol: string) =>
      parseAlphaVantageBalanceSheet(ask(alphaVantage, alphaVantageBalanceSheetCall(symbol)).body, {
        symbol,
        now: NOW,
      })

    expect(sheet('IBM')).toMatchObject({ fiscalDate: '2026-09-30', lost: [] })
    expect(['IBM', 'KO', 'AAPL', 'MSFT'].map((symbol) => sheet(symbol)?.debt)).not.toContain(null)
    expect(sheet('IBM')?.currentAssets).toMatch(/^\d+$/)
    expect(sheet('JPM')).toMatchObject({ currentAssets: null, currentLiabilities: null })
  })

  test.each<[string, Call, Options, string]>([
    ['without a key', alphaVantageBarsCall('IBM'), { key: null }, 'auth'],
    ['with the key for demonstrations', alphaVantageBarsCall('IBM'), { key: 'demo' }, 'auth'],
    ['an unknown symbol', alphaVantageBarsCall('NOPE'), {}, 'not-found'],
    ['an unknown function', { path: '/query', query: { function: 'NOPE', symbol: 'IBM' } }, {}, 'not-found'],
    [
      'the full series',
      { path: '/query', query: { ...alphaVantageBarsCall('IBM').query, outputsize: 'full' } },
      {},
      'refused',
    ],
    ['a second call within a second', alphaVantageBarsCall('IBM'), { calls: [NOW - 999] }, 'rate-limited'],
    ['an unknown path', { path: '/other', query: {} }, {}, 'not-found'],
  ])('answers %s as the provider would', (_, call, options, reason) => {
    expect(ask(alphaVantage, call, options).error?.reason).toBe(reason)
  })

  test('answers 25 calls a day of New York, then names the key in a refusal under 200', () => {
    const calls = Array.from({ length: 25 }, (_, index) => NOW - HOUR + index * 2_000)
    const call = alphaVantageBarsCall('IBM')

    const last = ask(alphaVantage, call, { calls: calls.slice(1) })
    const refused = ask(alphaVantage, call, { calls, key: 'canary' })
    const nextDay = ask(alphaVantage, call, { calls, now: Date.UTC(2026, 10, 28, 5) })

    expect([last.error, nextDay.error]).toEqual([undefined, undefined])
    expect([refused.status, refused.error?.reason]).toEqual([200, 'quota-exhausted'])
    expect(JSON.stringify(refused.body)).toContain('canary')
  })
})

describe('the simulation of Yahoo', () => {
  test('has a year of bars, the last one of the running session, which moves by the minute', () => {
    const [now, soon, later] = [NOW, NOW + 59_999, NOW + 60_000].map((at) => chartOf('IBM', { now: at }))

    expect(now?.bars.length).toBeGreaterThan(240)
    expect(now?.bars.at(-1)?.date).toBe('2026-11-27')
    expect(soon?.bars).toEqual(now?.bars)
    expect(later?.bars.at(-1)).not.toEqual(now?.bars.at(-1))
    expect(later?.bars.slice(0, -1)).toEqual(now?.bars.slice(0, -1))
  })

  test('gives the same prices as the other provider for a session that is over', () => {
    const bars = new Map(chartOf('KO', { now: MONDAY }).bars.map((bar) => [bar.date, bar]))

    for (const bar of barsOf('KO', { now: MONDAY }).bars.slice(0, -2)) expect(bars.get(bar.date)).toEqual(bar)
  })

  test('quotes London in pence, with dates and session of London', () => {
    const chart = chartOf('TSCO.L', { now: Date.UTC(2026, 10, 27, 17) })
    const [last] = chart.bars.slice(-1)

    expect(chart).toMatchObject({ quoteCurrency: 'GBp', zone: 'Europe/London' })
    expect(chart.session).toMatchObject({ date: '2026-11-27', endAt: Date.UTC(2026, 10, 27, 16, 30) })
    expect(last && isFinalYahooBar(last, chart, Date.UTC(2026, 10, 27, 17))).toBe(true)
  })

  test('delivers the prices of some sessions days later', () => {
    const symbols = ['AAPL', 'MSFT', 'GOOGL', 'AMZN', 'IBM', 'KO', 'XOM', 'JPM', 'SPY', 'QQQ', 'GLD']
    const days = Array.from({ length: 20 }, (_, index) => NOW - index * DAY)
    const missing = days.flatMap((now) =>
      symbols.flatMap((symbol) =>
        chartOf(symbol, { now }).undelivered.map((date) => [symbol, date] as const),
      ),
    )

    expect(missing.length).toBeGreaterThan(0)
    for (const [symbol, date] of missing)
      expect(dates(chartOf(symbol, { now: Date.parse(date) + 10 * DAY }).bars)).toContain(date)
  })

  test('spells classes of shares with a hyphen', () => {
    expect(chartOf('BRK-B').symbol).toBe('BRK-B')
    expect(ask(yahoo, { ...yahooChartCall('IBM'), path: '/v8/finance/chart/BRK.B' }).error?.reason).toBe(
      'not-found',
    )
  })

  test.each<[string, Call, string]>([
    ['an unknown symbol', yahooChartCall('NOPE'), 'not-found'],
    [
      'a range that it does not have',
      { ...yahooChartCall('IBM'), query: { range: 'max', interval: '1d' } },
      'bad-request',
    ],
    ['another interval', { ...yahooChartCall('IBM'), query: { range: '1y', interval: '1m' } }, 'bad-request'],
    ['an unknown path', { path: '/v10/finance/quoteSummary/IBM', query: {} }, 'not-found'],
  ])('answers %s as the provider would', (_, call, reason) => {
    expect(ask(yahoo, call).error?.reason).toBe(reason)
  })
})
