import type * as z from 'zod'
import type { schemas } from '#functions/jobs/global-market/schema.ts'
import { coingecko } from '#infra/local/simulated/coingecko.ts'
import { type Finding, failedFindings } from './findings.ts'
import type { STATS_PATH } from './local-process.ts'

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
