import type * as z from 'zod'
import type { schemas } from '#functions/jobs/global-market/schema.ts'
import { coingecko } from '#infra/local/simulated/coingecko.ts'
import { coins } from '#infra/local/simulated/model/coins.ts'
import { futuresQuote } from '#infra/local/simulated/model/futures-market.ts'
import type { STATS_PATH } from '#test/support/process/local-process.ts'
import { type Finding, failedFindings } from './findings.ts'

/** The world that the stand-ins of a local run show. */
export const SEED = 1

type StatsBody = z.infer<(typeof schemas)[typeof STATS_PATH]>

/** What of a served reading the stand-in has never said of its moment: a missing member is `null` and owned up to. */
export function wrongStats({ data, meta }: Pick<StatsBody, 'data' | 'meta'>): string[] {
  const truth = Object.entries(simulatedStats(data.updated_at))
  const served: Readonly<Record<string, string | number | null | undefined>> = data
  const isMissing = Object.values(data).includes(null)
  return failedFindings([
    ...truth.map(
      ([name, value]): Finding => [
        served[name] === null || Number(served[name]) === value,
        `expected ${name} ${value}, as recorded for ${data.updated_at}; got ${served[name]}`,
      ],
    ),
    [meta.degraded === isMissing, `expected degraded to be ${isMissing}, got ${meta.degraded}`],
  ])
}

/**
 * What the stand-in for CoinGecko truthfully says at a moment, as numbers, under the names by which it is served.
 *
 * @param at - Unix seconds
 */
export function simulatedStats(at: number) {
  const { body } = coingecko(SEED, at * 1_000, '/global', new URLSearchParams())
  const { data } = JSON.parse(body)
  return {
    total_market_cap_usd: data.total_market_cap.usd as number,
    total_volume_24h_usd: data.total_volume.usd as number,
    btc_dominance_percentage: data.market_cap_percentage.btc as number,
    eth_dominance_percentage: data.market_cap_percentage.eth as number,
    active_cryptocurrencies: data.active_cryptocurrencies as number,
    markets: data.markets as number,
    updated_at: data.updated_at as number,
  }
}

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
  const mismatch = (name: string, expected: string, value: string | null) =>
    `expected ${name} ${expected} of ${symbol}, as ${exchange} has it for ${last_updated}; got ${value}`
  const is = (expected: string, value: string | null) => value === null || Number(value) === Number(expected)
  return failedFindings([
    [Number(got.funding_rate) === Number(truth.rate), mismatch('a rate', truth.rate, got.funding_rate)],
    [is(truth.markPrice, got.mark_price), mismatch('a mark price', truth.markPrice, got.mark_price)],
    [is(truth.indexPrice, got.index_price), mismatch('an index price', truth.indexPrice, got.index_price)],
  ])
}

const coinOf = new Map(coins(SEED, COINS).map((coin) => [coin.base, coin]))

const simulatedQuote = memoize((symbol: string, venue: string, at: number) => {
  const base = symbol.replace(/USD[TC]$/, '')
  const coin = coinOf.get(base)
  return coin && futuresQuote(SEED, venue, coin, at)
})

const MAX_MEMOIZED = 20_000

/** The same function, which computes once what it is asked again and again; by its arguments as text. */
export function memoize<A extends readonly (string | number)[], T>(
  compute: (...given: A) => T,
): (...given: A) => T {
  const results = new Map<string, { readonly value: T }>()
  return (...given) => {
    const name = given.join(' ')
    const before = results.get(name)
    if (before) return before.value
    const value = compute(...given)
    if (results.size >= MAX_MEMOIZED) results.clear()
    results.set(name, { value })
    return value
  }
}
