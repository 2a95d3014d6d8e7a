import * as z from 'zod/mini'
import { HOUR_MS } from '#shared/domain/duration.ts'
import type { AcceptContext, Refresh, Verdict } from '#shared/engine/model/refresh.ts'
import { changesAtMost, firstRejection, inRange } from '#shared/engine/validate/verdicts.ts'
import { decimalNumber, wholeNumber } from '#shared/upstreams/fields.ts'

/** The figures of one response. Amounts are decimal strings in USD or percent; `updated_at` is Unix seconds. */
export interface GlobalMarket {
  readonly total_market_cap_usd: string
  readonly total_volume_24h_usd: string
  readonly btc_dominance_percentage: string
  readonly eth_dominance_percentage: string | null
  readonly active_cryptocurrencies: number | null
  readonly markets: number | null
  readonly updated_at: number
}

/** Larger amounts are rejected, also without a stored value. */
const MAX_USD = 1e17

const MAX_AGE_S = 86_400
const MAX_AHEAD_S = 300

/** A larger change is accepted only if two runs agree, or if the stored value is too old to compare with. */
const MAX_CHANGE = 0.5
const MAX_CHANGE_BETWEEN_RUNS = 0.1
const COMPARABLE_AGE_MS = 2 * HOUR_MS

const body = z.object({
  data: z.object({
    total_market_cap: z.object({ usd: decimalNumber() }),
    total_volume: z.object({ usd: decimalNumber() }),
    market_cap_percentage: z.object({ btc: decimalNumber(), eth: z.nullish(decimalNumber()) }),
    active_cryptocurrencies: z.nullish(wholeNumber()),
    markets: z.nullish(wholeNumber()),
    updated_at: wholeNumber(),
  }),
})

/** @see https://docs.coingecko.com/reference/crypto-global */
export const refresh: Refresh<GlobalMarket> = {
  renderVersion: 1,
  comparesRejected: true,

  plan: () => [{ key: 'global', calls: [{ path: '/global' }] }],

  parse: ([response]) => {
    const { data } = body.parse(response)
    return {
      total_market_cap_usd: data.total_market_cap.usd,
      total_volume_24h_usd: data.total_volume.usd,
      btc_dominance_percentage: data.market_cap_percentage.btc,
      eth_dominance_percentage: data.market_cap_percentage.eth ?? null,
      active_cryptocurrencies: data.active_cryptocurrencies ?? null,
      markets: data.markets ?? null,
      updated_at: data.updated_at,
    }
  },

  accept: (value, context) => firstRejection(checkRanges(value, context.now), checkChange(value, context)),

  item: (value) => ({
    data: { ...value },
    asOf: value.updated_at * 1_000,
    degraded:
      value.eth_dominance_percentage === null ||
      value.active_cryptocurrencies === null ||
      value.markets === null,
  }),

  logMessage: (value) =>
    `Successfully updated global market stats: Market Cap: $${Number(value.total_market_cap_usd).toFixed(2)}, ` +
    `BTC Dominance: ${Number(value.btc_dominance_percentage).toFixed(2)}%`,
}

function checkRanges(value: GlobalMarket, now: number): Verdict {
  const btc = Number(value.btc_dominance_percentage)
  const eth = Number(value.eth_dominance_percentage ?? '0')
  const ageS = Math.floor(now / 1_000) - value.updated_at
  return firstRejection(
    inRange('a market capitalisation', Number(value.total_market_cap_usd), { exclusiveMin: 0, max: MAX_USD }),
    inRange('a volume', Number(value.total_volume_24h_usd), { min: 0, max: MAX_USD }),
    inRange('a BTC share', btc, { exclusiveMin: 0, max: 100 }),
    inRange('an ETH share', eth, { min: 0, max: 100 }),
    inRange('a sum of BTC and ETH shares', btc + eth, { min: 0, max: 100.5 }),
    inRange('an age of updated_at in seconds', ageS, { min: -MAX_AHEAD_S, max: MAX_AGE_S }),
  )
}

/** A large change is accepted if two runs agree on it. */
function checkChange(value: GlobalMarket, { previous, rejected, now }: AcceptContext<GlobalMarket>): Verdict {
  if (!previous || now - previous.checkedAt >= COMPARABLE_AGE_MS) return { accepted: true }
  const what = 'a market capitalisation'
  const cap = Number(value.total_market_cap_usd)
  const before = Number((previous.data as { total_market_cap_usd: string }).total_market_cap_usd)
  const verdict = changesAtMost(what, MAX_CHANGE, cap, before)
  if (verdict.accepted || !rejected) return verdict
  const agrees = changesAtMost(
    what,
    MAX_CHANGE_BETWEEN_RUNS,
    cap,
    Number(rejected.value.total_market_cap_usd),
  )
  return agrees.accepted ? agrees : verdict
}
