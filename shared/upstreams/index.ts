import type { UpstreamDeclaration } from '#shared/declare/upstream.ts'
import { aiSummaries } from './ai-summaries.ts'
import { alphaVantage } from './alpha-vantage.ts'
import { binanceFutures, binanceSpot, binanceSpotApi } from './binance.ts'
import { bybit } from './bybit.ts'
import { checkIns } from './check-ins.ts'
import { coingecko } from './coingecko.ts'
import { fred } from './fred.ts'
import { gdelt } from './gdelt.ts'
import { newsApi } from './news-api.ts'
import { okx } from './okx.ts'
import { yahoo } from './yahoo.ts'

/** All providers, one line each. */
export const upstreams: readonly UpstreamDeclaration[] = [
  coingecko,
  binanceFutures,
  bybit,
  okx,
  binanceSpot,
  binanceSpotApi,
  alphaVantage,
  yahoo,
  fred,
  gdelt,
  newsApi,
  aiSummaries,
  checkIns,
]
