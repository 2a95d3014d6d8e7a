import * as z from 'zod/mini'
import { HOUR_MS } from '#shared/domain/duration.ts'
import type { AcceptContext, Refresh, Verdict } from '#shared/engine/model/refresh.ts'
import { changesAtMost, firstRejection, inRange } from '#shared/engine/validate/verdicts.ts'
import { count, instant, orNull, positiveAmount, RECENT, share } from '#shared/upstreams/fields.ts'

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

/** Largest ratio of the volume of a day to the market capitalisation: more was never traded. */
const MAX_TURNOVER = 1

/** A larger change is accepted only if two runs agree, or if the stored value is too old to compare with. */
const MAX_CHANGE = { market_cap: 0.5, volume: 3, dominance_points: 15, count: 0.5 } as const

/** Two runs agree on a large change if their values differ by at most this share. */
const MAX_CHANGE_BETWEEN_RUNS = 0.1
const COMPARABLE_AGE_MS = 2 * HOUR_MS

/** Any value beyond the bounds of its field rejects the body. */
const bodyAt = (now: number) =>
  z.object({
    data: z.object({
      total_market_cap: z.object({ usd: positiveAmount('number') }),
      total_volume: z.object({ usd: positiveAmount('number') }),
      market_cap_percentage: z.object({ btc: share('number'), eth: orNull(share('number')) }),
      active_cryptocurrencies: orNull(count()),
      markets: orNull(count()),
      updated_at: instant({ form: 'number', unit: 's', now, ...RECENT }),
    }),
  })

/** @see https://docs.coingecko.com/reference/crypto-global */
export const refresh: Refresh<GlobalMarket> = {
  renderVersion: 1,
  comparesRejected: true,

  plan: () => [{ key: 'global', calls: [{ path: '/global' }] }],

  parse: ([response], { now }) => {
    const { data } = bodyAt(now).parse(response)
    return {
      total_market_cap_usd: data.total_market_cap.usd,
      total_volume_24h_usd: data.total_volume.usd,
      btc_dominance_percentage: data.market_cap_percentage.btc,
      eth_dominance_percentage: data.market_cap_percentage.eth,
      active_cryptocurrencies: data.active_cryptocurrencies,
      markets: data.markets,
      updated_at: data.updated_at / 1_000,
    }
  },

  accept: (value, context) => firstRejection(checkAgreement(value), checkChange(value, context)),

  item: (value) => ({
    data: { ...value },
    asOf: value.updated_at * 1_000,
    degraded:
      value.eth_dominance_percentage === null ||
      value.active_cryptocurrencies === null ||
      value.markets === null,
  }),

  logMessages: {
    start: ({ cause }) => {
      if (cause === 'tick') return 'Running scheduled global market stats update'
      if (cause === 'first-run') return 'Starting initial global market stats update'
      return `Running global market stats update (${cause})`
    },
    retry: ({ attempt, attempts, reason, waitMs }) =>
      `Failed to update global market stats (attempt ${attempt}/${attempts}): ${reason}. ` +
      `Retrying in ${Math.round(waitMs / 100) / 10} seconds...`,
    success: (value) =>
      `Successfully updated global market stats: Market Cap: $${Number(value.total_market_cap_usd).toFixed(2)}, ` +
      `BTC Dominance: ${Number(value.btc_dominance_percentage).toFixed(2)}%`,
    failure: ({ attempts, reason }) =>
      `Failed to update global market stats after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: ${reason}. ` +
      'Will retry in next cycle.',
  },
}

/** Figures of one answer that contradict each other. */
function checkAgreement(value: GlobalMarket): Verdict {
  const btc = Number(value.btc_dominance_percentage)
  const eth = Number(value.eth_dominance_percentage ?? '0')
  const turnover = Number(value.total_volume_24h_usd) / Number(value.total_market_cap_usd)
  return firstRejection(
    inRange('a BTC share', btc, { exclusiveMin: 0, max: 100 }),
    inRange('a sum of BTC and ETH shares', btc + eth, { min: 0, max: 100.5 }),
    inRange('a volume as a share of the market capitalisation', turnover, { min: 0, max: MAX_TURNOVER }),
  )
}

/** A large change is accepted if two runs agree on it. */
function checkChange(value: GlobalMarket, { previous, rejected, now }: AcceptContext<GlobalMarket>): Verdict {
  if (!previous || now - previous.checkedAt >= COMPARABLE_AGE_MS) return { accepted: true }
  const verdict = checkChangeSince(value, previous.data as unknown as GlobalMarket)
  if (verdict.accepted || !rejected) return verdict
  return isConfirmedBy(value, rejected.value) ? { accepted: true } : verdict
}

function checkChangeSince(value: GlobalMarket, before: GlobalMarket): Verdict {
  const points = (name: 'btc_dominance_percentage' | 'eth_dominance_percentage') =>
    value[name] === null || before[name] === null
      ? []
      : [
          inRange(`a change of ${name} in points`, Math.abs(Number(value[name]) - Number(before[name])), {
            max: MAX_CHANGE.dominance_points,
          }),
        ]
  const counts = (name: 'active_cryptocurrencies' | 'markets') =>
    value[name] === null || before[name] === null
      ? []
      : [changesAtMost(name, MAX_CHANGE.count, value[name], before[name])]
  const cap = Number(value.total_market_cap_usd)
  const volume = Number(value.total_volume_24h_usd)
  const volumeBefore = Number(before.total_volume_24h_usd)
  return firstRejection(
    changesAtMost('a market capitalisation', MAX_CHANGE.market_cap, cap, Number(before.total_market_cap_usd)),
    inRange('a volume', volume, {
      min: volumeBefore / (1 + MAX_CHANGE.volume),
      max: volumeBefore * (1 + MAX_CHANGE.volume),
    }),
    ...points('btc_dominance_percentage'),
    ...points('eth_dominance_percentage'),
    ...counts('active_cryptocurrencies'),
    ...counts('markets'),
  )
}

/** Whether another run got about the same figures. */
function isConfirmedBy(value: GlobalMarket, other: GlobalMarket): boolean {
  const figures = ['total_market_cap_usd', 'total_volume_24h_usd', 'btc_dominance_percentage'] as const
  return figures.every(
    (name) => changesAtMost(name, MAX_CHANGE_BETWEEN_RUNS, Number(value[name]), Number(other[name])).accepted,
  )
}
