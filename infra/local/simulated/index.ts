import { aiSummaries } from './ai-summaries.ts'
import { alphaVantage } from './alpha-vantage.ts'
import { binanceFutures } from './binance-futures.ts'
import { binanceSpot } from './binance-spot.ts'
import { bybit } from './bybit.ts'
import { checkIns } from './check-ins.ts'
import { coingecko } from './coingecko.ts'
import { fred } from './fred.ts'
import { gdelt } from './gdelt.ts'
import type { SimulatedProvider } from './model/provider.ts'
import { newsApi } from './news-api.ts'
import { okx } from './okx.ts'
import { yahoo } from './yahoo.ts'

/** Every simulated provider, by the name of its upstream. */
export const simulatedProviders: Readonly<Record<string, SimulatedProvider>> = {
  coingecko,
  'binance-futures': binanceFutures,
  bybit,
  okx,
  'binance-spot': binanceSpot,
  'binance-spot-api': binanceSpot,
  'alpha-vantage': alphaVantage,
  yahoo,
  fred,
  gdelt,
  'news-api': newsApi,
  'ai-summaries': aiSummaries,
  'check-ins': checkIns,
}
