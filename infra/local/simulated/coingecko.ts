import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { jsonResponse, type SimulatedProvider } from './model/provider.ts'
import { drift } from './model/seeded-values.ts'

const STEP_MS = 10 * MINUTE_MS
const DAY_HOURS = 24

/**
 * CoinGecko with invented, plausible values that change every ten minutes, as the real ones do.
 *
 * @see https://docs.coingecko.com/reference/crypto-global
 */
export const coingecko: SimulatedProvider = (seed, now, path) => {
  const step = Math.floor(now / STEP_MS) * STEP_MS
  if (path === '/global') return jsonResponse(200, { data: globalData(seed, step) })
  return jsonResponse(404, { status: { error_code: 404, error_message: `no simulation of ${path}` } })
}

function globalData(seed: number, step: number) {
  const hours = step / HOUR_MS
  const cap = capitalisation(seed, hours)
  const volume = 118e9 * drift(seed, 'volume', 0.25, hours)
  const btcPrice = 92_000 * drift(seed, 'btc-price', 0.08, hours)
  const eur = 0.87 * drift(seed, 'eur', 0.02, hours)
  const days = Math.floor(hours / DAY_HOURS)
  return {
    active_cryptocurrencies: 18_000 + (days % 500),
    upcoming_icos: 0,
    ongoing_icos: 49,
    ended_icos: 3_376,
    markets: 1_400 + (days % 40),
    total_market_cap: { btc: rounded(cap / btcPrice, 6), usd: rounded(cap, 3), eur: rounded(cap * eur, 3) },
    total_volume: {
      btc: rounded(volume / btcPrice, 6),
      usd: rounded(volume, 3),
      eur: rounded(volume * eur, 3),
    },
    market_cap_percentage: {
      btc: rounded(57 * drift(seed, 'btc', 0.04, hours), 12),
      eth: rounded(12 * drift(seed, 'eth', 0.06, hours), 12),
      usdt: rounded(5.5 * drift(seed, 'usdt', 0.03, hours), 12),
    },
    market_cap_change_percentage_24h_usd: rounded(
      (cap / capitalisation(seed, hours - DAY_HOURS) - 1) * 100,
      12,
    ),
    updated_at: step / 1_000,
  }
}

function capitalisation(seed: number, hours: number): number {
  return 3.1e12 * drift(seed, 'cap', 0.12, hours)
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
