import { expect, test } from 'vitest'
import { SIMULATED_KEY } from '#infra/local/data/secrets.ts'
import { binanceSpot } from '#infra/local/simulated/binance-spot.ts'
import { coins } from '#infra/local/simulated/model/coins.ts'
import { futuresQuote } from '#infra/local/simulated/model/futures-market.ts'
import { secretScanner } from '#test/support/chaos/output-checks.ts'
import { readSpecs } from '#test/support/expectations/read-specs.ts'
import { checkResponse, parseReading, type TimedResponse } from '#test/support/expectations/response-check.ts'
import { wrongGainers } from '#test/support/expectations/simulated-spot.ts'
import { wrongRate } from '#test/support/expectations/simulated-values.ts'

const AT = Date.UTC(2026, 10, 20, 10, 5)
const SYMBOL = 'BTCUSDT'

const tickers: readonly Readonly<Record<string, string>>[] = JSON.parse(
  binanceSpot(1, AT, '/api/v3/ticker/24hr', new URLSearchParams()).body,
)

function gainer(rank: number, ticker: Readonly<Record<string, string>> = {}) {
  const figure = (name: string) => Number(ticker[name])
  return {
    rank,
    symbol: ticker['symbol'] ?? '',
    last_price: figure('lastPrice'),
    price_change_percent: figure('priceChangePercent'),
    open_price: figure('openPrice'),
    high_price: figure('highPrice'),
    low_price: figure('lowPrice'),
    quote_volume: figure('quoteVolume'),
  }
}

const risen = tickers.toSorted((a, b) => Number(b['priceChangePercent']) - Number(a['priceChangePercent']))
const gainers = risen.slice(0, 3).map((ticker, index) => gainer(index + 1, ticker))

test('gainers as the exchange sent them pass; with another figure, rank or time they do not', () => {
  type Gainer = ReturnType<typeof gainer>
  const [first, second, third] = gainers as [Gainer, Gainer, Gainer]

  expect(wrongGainers(gainers, AT)).toEqual([])
  expect(wrongGainers(gainers, AT + 60_000)).not.toEqual([])
  expect(wrongGainers([{ ...first, last_price: first.last_price + 1 }], AT)).toHaveLength(1)
  expect(wrongGainers([{ ...second, rank: 1 }, { ...first, rank: 2 }, third], AT)).toHaveLength(1)
})

test('a rate as its venue sent it passes; that of another venue, time or contract does not', () => {
  const [bitcoin] = coins(1, 1)
  if (!bitcoin) throw new TypeError('expected a coin')
  const { rate, markPrice, indexPrice } = futuresQuote(1, 'bybit', bitcoin, AT)
  const quoted = {
    symbol: SYMBOL,
    exchange: 'bybit',
    funding_rate: rate,
    mark_price: markPrice,
    index_price: indexPrice,
    last_updated: new Date(AT).toISOString(),
  }

  expect(wrongRate(quoted)).toEqual([])
  expect(wrongRate({ ...quoted, index_price: null })).toEqual([])
  expect(wrongRate({ ...quoted, exchange: 'okx' })).not.toEqual([])
  expect(wrongRate({ ...quoted, symbol: 'ETHUSDT' })).not.toEqual([])
  expect(wrongRate({ ...quoted, symbol: 'NOPEUSDT' })).toHaveLength(1)
  expect(wrongRate({ ...quoted, last_updated: new Date(AT + 3_600_000).toISOString() })).not.toEqual([])
})

test('a secret in any text is reported, and not quoted', () => {
  const leaks = secretScanner()
  leaks.addSecret('token-1')
  leaks.onText('nothing')
  leaks.onText(`{"detail":"the call ?key=${SIMULATED_KEY} failed"}`)
  leaks.onText('Bearer token-1')

  expect(leaks.leaks()).toHaveLength(2)
  expect(leaks.leaks().join()).not.toMatch(new RegExp(`${SIMULATED_KEY}|token-1`))
})

test('a batch may lack a symbol that was never served, and must have each that was served before', () => {
  const batch = readSpecs({
    GLOBAL_STATS_CACHE_TTL: '10',
    HAMA_CACHE_TTL: '10',
    CACHE_DURATION: '10',
  }).find(({ name }) => name === 'analyze-batch')
  if (!batch) throw new TypeError('expected the read of the batch')
  const summary = { total: 12, success: 0, failed: 0, cached: 0, pending: 12 }
  const meta = { as_of: '2026-11-20T10:05:00Z', fetched_at: '2026-11-20T10:05:00Z', degraded: false }
  const body = {
    code: 1,
    msg: 'success',
    data: { results: { [SYMBOL]: { status: 'pending' } }, summary },
    meta,
  }
  const headers = {
    age: '0',
    'x-cache': 'MISS',
    'last-modified': 'Fri, 20 Nov 2026 10:05:00 GMT',
    'cache-control': 'no-store',
  }
  const sent = { sentAt: AT, receivedAt: AT + 10 }
  const answer: TimedResponse = { status: 200, headers, body: Buffer.from(JSON.stringify(body)), ...sent }
  const faults = (warm: string) =>
    checkResponse(answer, {
      read: batch,
      isWarm: (key) => key === warm,
      memory: new Map(),
      readingOf: parseReading,
    }).faults

  expect(faults('nothing')).toEqual([])
  expect(faults(`hama ${SYMBOL}`)).toEqual([`expected hama ${SYMBOL}, which was served before; got none`])
})
