import { coins } from '#infra/local/simulated/model/coins.ts'
import { futuresQuote } from '#infra/local/simulated/model/futures-market.ts'
import { failedFindings } from './findings.ts'
import { SEED } from './recorded-truth.ts'
import { memoize } from './remembering.ts'

const COINS = 600

interface Rate {
  readonly symbol: string
  readonly exchange: string
  readonly funding_rate: string
  readonly mark_price: string
  readonly index_price: string | null
  readonly last_updated: string
}

/** What of a contract's rate its venue's stand-in has not said of its moment. */
export const wrongRate = ({ symbol, exchange, last_updated, ...got }: Rate): string[] => {
  const truth = simulatedQuote(symbol, exchange, Date.parse(last_updated))
  if (!truth) return [`expected a contract of ${exchange}, got ${symbol}`]
  const said = (name: string, expected: string, value: string | null) =>
    `expected ${name} ${expected} of ${symbol}, as ${exchange} has it for ${last_updated}; got ${value}`
  const is = (expected: string, value: string | null) => value === null || Number(value) === Number(expected)
  return failedFindings([
    [Number(got.funding_rate) === Number(truth.rate), said('a rate', truth.rate, got.funding_rate)],
    [is(truth.markPrice, got.mark_price), said('a mark price', truth.markPrice, got.mark_price)],
    [is(truth.indexPrice, got.index_price), said('an index price', truth.indexPrice, got.index_price)],
  ])
}

const coinOf = new Map(coins(SEED, COINS).map((coin) => [coin.base, coin]))

const simulatedQuote = memoize((symbol: string, venue: string, at: number) => {
  const base = symbol.replace(/USD[TC]$/, '')
  const coin = coinOf.get(base)
  return coin && futuresQuote(SEED, venue, coin, at)
})
