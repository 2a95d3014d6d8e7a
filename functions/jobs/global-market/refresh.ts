import * as z from 'zod/mini'
import type { AcceptContext, Refresh, Verdict } from '#shared/engine/refresh.ts'
import { decimalNumber, wholeNumber } from '#shared/upstreams/fields.ts'

/** One reading. Amounts are decimal strings in USD or percent; `updated_at` is Unix seconds. */
export interface GlobalMarket {
  readonly total_market_cap_usd: string
  readonly total_volume_24h_usd: string
  readonly btc_dominance_percentage: string
  readonly eth_dominance_percentage: string | null
  readonly active_cryptocurrencies: number | null
  readonly markets: number | null
  readonly updated_at: number
}

/** Above it no amount of money is believed, first reading or not. */
const MOST_USD = 1e17

const OLDEST_S = 86_400
const FURTHEST_AHEAD_S = 300

/** A jump over half is only believed when two runs agree, or when the stored value is too old to compare with. */
const JUMP = 0.5
const AGREEMENT = 0.1
const COMPARABLE_FOR_MS = 2 * 3_600_000

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
  looksAside: true,

  plan: () => [{ key: 'global', calls: [{ path: '/global' }] }],

  parse: ([answer]) => {
    const { data } = body.parse(answer)
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

  accept: (value, context) => firstRejection(inRange(value, context.now), noJump(value, context)),

  item: (value) => ({
    data: { ...value },
    asOf: value.updated_at * 1_000,
    degraded:
      value.eth_dominance_percentage === null ||
      value.active_cryptocurrencies === null ||
      value.markets === null,
  }),

  say: (value) =>
    `Successfully updated global market stats: Market Cap: $${Number(value.total_market_cap_usd).toFixed(2)}, ` +
    `BTC Dominance: ${Number(value.btc_dominance_percentage).toFixed(2)}%`,
}

function inRange(value: GlobalMarket, now: number): Verdict {
  const cap = Number(value.total_market_cap_usd)
  const volume = Number(value.total_volume_24h_usd)
  const btc = Number(value.btc_dominance_percentage)
  const eth = Number(value.eth_dominance_percentage ?? '0')
  const nowSeconds = Math.floor(now / 1_000)
  const age = nowSeconds - value.updated_at
  return firstRejection(
    expect(cap > 0 && cap <= MOST_USD, `expected a market capitalisation in (0, ${MOST_USD}], got ${cap}`),
    expect(volume >= 0 && volume <= MOST_USD, `expected a volume in [0, ${MOST_USD}], got ${volume}`),
    expect(btc > 0 && btc <= 100, `expected a BTC share in (0, 100], got ${btc}`),
    expect(eth >= 0 && eth <= 100, `expected an ETH share in [0, 100], got ${eth}`),
    expect(btc + eth <= 100.5, `expected BTC and ETH to share at most 100.5 percent, got ${btc + eth}`),
    expect(
      age <= OLDEST_S && age >= -FURTHEST_AHEAD_S,
      `expected updated_at in seconds, from ${OLDEST_S} s ago to ${FURTHEST_AHEAD_S} s ahead; got ${value.updated_at}`,
    ),
  )
}

function noJump(value: GlobalMarket, { previous, aside, now }: AcceptContext<GlobalMarket>): Verdict {
  if (!previous || now - previous.checkedAt >= COMPARABLE_FOR_MS) return { accepted: true }
  const cap = Number(value.total_market_cap_usd)
  const before = Number((previous.data as { total_market_cap_usd: string }).total_market_cap_usd)
  if (share(cap, before) <= JUMP) return { accepted: true }
  if (aside && share(cap, Number(aside.value.total_market_cap_usd)) <= AGREEMENT) return { accepted: true }
  return {
    accepted: false,
    message: `expected a market capitalisation within ${JUMP * 100} % of the stored ${before}, got ${cap}`,
  }
}

function share(value: number, reference: number): number {
  return Math.abs(value - reference) / reference
}

function expect(holds: boolean, message: string): Verdict {
  return holds ? { accepted: true } : { accepted: false, message }
}

function firstRejection(...verdicts: readonly Verdict[]): Verdict {
  return verdicts.find((verdict) => !verdict.accepted) ?? { accepted: true }
}
