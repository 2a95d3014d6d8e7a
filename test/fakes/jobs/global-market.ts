import { job } from '#functions/jobs/global-market/job.ts'
import { type GlobalMarket, refresh } from '#functions/jobs/global-market/refresh.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { type World, type WorldOptions, world } from '#test/fakes/world/world.ts'

/** The moment of the documented example. */
export const TICK = Date.parse('2025-10-11T07:33:00Z')
export const AT = Date.parse('2025-10-11T07:40:48Z')
export const UPDATED_AT = 1_760_168_400

interface BodyChange {
  readonly cap?: unknown
  readonly volume?: unknown
  readonly btc?: unknown
  readonly eth?: unknown
  readonly updatedAt?: unknown
  readonly more?: object
}

/** A CoinGecko body in the documented example's numbers, with changes; `null` leaves a member out. */
export function globalBody(change: BodyChange = {}): object {
  const { cap = 3_840_000_000_000, volume = 150_000_000_000.5, btc = 58.21, eth = 12.05 } = change
  const member = (name: string, value: unknown) => (value === null ? {} : { [name]: value })
  return {
    data: {
      active_cryptocurrencies: 17_000,
      markets: 1_300,
      total_market_cap: { eur: 1, ...member('usd', cap) },
      total_volume: { eur: 1, ...member('usd', volume) },
      market_cap_percentage: { ...member('btc', btc), ...member('eth', eth), usdt: 4 },
      updated_at: change.updatedAt ?? UPDATED_AT,
      ...change.more,
    },
  }
}

/** The documented `data` for the unchanged body. */
export const globalData = {
  total_market_cap_usd: '3840000000000',
  total_volume_24h_usd: '150000000000.5',
  btc_dominance_percentage: '58.21',
  eth_dominance_percentage: '12.05',
  active_cryptocurrencies: 17_000,
  markets: 1_300,
  updated_at: UPDATED_AT,
}

/** The job over fakes, at the documented moment. */
export function globalMarketWorld(
  settings: SettingTexts = {},
  more: Partial<Pick<WorldOptions<GlobalMarket>, 'faults' | 'secrets' | 'start'>> = {},
): World<GlobalMarket> {
  return world({
    job: resolveJob(job, settings),
    upstream: resolveUpstream(coingecko, settings),
    refresh,
    start: AT,
    ...more,
  })
}
