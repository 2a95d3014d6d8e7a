import * as z from 'zod'
import { schemas as marketSchemas } from '#functions/jobs/global-market/schema.ts'
import { schemas as universeSchemas } from '#functions/jobs/symbol-universe/schema.ts'
import { schemas as gainerSchemas } from '#functions/jobs/top-gainers/schema.ts'
import { findings } from './findings.ts'
import { STATS } from './local-process.ts'
import { untruths } from './recorded-truth.ts'
import { untrueGainers } from './spot-truth.ts'
import { watchedHama } from './watched-hama.ts'
import { watchedRates } from './watched-rates.ts'
import { type Lasting, ofCode, type Reading, saidOf, schemaOf, type WatchedRead } from './watched-read.ts'

const HAMA = '/api/gainer-analysis'
const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S

const time = z.iso.datetime()

const ofSuccess = z.strictObject({
  success: z.literal(false),
  data: z.null(),
  error: z.strictObject({
    code: z.enum(['EXTERNAL_SERVICE_ERROR', 'RATE_LIMITED']),
    message: z.enum([
      'Global crypto market statistics are not available',
      'Too many datasets are asked for at once',
    ]),
    details: z.null(),
  }),
  timestamp: time,
})
/** Every public read of every job that tells anything of its data. */
export function watchedReads(settings: Lasting): readonly WatchedRead[] {
  return [
    stats(settings),
    ...watchedHama(settings),
    symbols,
    gainers(20),
    gainers(100),
    ...watchedRates(settings),
  ]
}

function stats({ GLOBAL_STATS_CACHE_TTL: freshFor }: Lasting): WatchedRead {
  return {
    job: 'global-market',
    name: 'market',
    target: STATS,
    schema: schemaOf(marketSchemas, STATS),
    refusal: ofSuccess,
    retryAfter: /^(30|[1-9])$/,
    label: {
      freshFor: Number(freshFor),
      serveStaleFor: DAY_S,
      read: ({ data, meta, timestamp }: z.infer<(typeof marketSchemas)[typeof STATS]>): Reading => ({
        said: [saidOf('global', meta)],
        publishedAt: Date.parse(meta.fetched_at),
        untruths: [
          ...untruths({ data, meta }),
          ...findings([
            [
              Date.parse(meta.as_of) === data.updated_at * 1_000,
              `expected as_of as updated_at, got ${meta.as_of}`,
            ],
            [timestamp === meta.fetched_at, `expected timestamp as fetched_at, got ${timestamp}`],
          ]),
        ],
      }),
    },
  }
}

const symbols: WatchedRead = {
  job: 'symbol-universe',
  name: 'symbols',
  target: `${HAMA}/symbols`,
  schema: schemaOf(universeSchemas, `${HAMA}/symbols`),
  refusal: ofCode,
  retryAfter: /^60$/,
  label: {
    freshFor: 26 * HOUR_S,
    serveStaleFor: 7 * DAY_S,
    read: ({ data, meta }: z.infer<(typeof universeSchemas)[`${typeof HAMA}/symbols`]>): Reading => ({
      said: [saidOf('symbols', meta)],
      publishedAt: Date.parse(meta.fetched_at),
      untruths: data.symbols.flatMap(({ symbol, rank, base_asset, quote_asset, status }, index) =>
        findings([
          [rank === index + 1, `expected ${symbol} at rank ${index + 1}, got ${rank}`],
          [
            symbol === base_asset + quote_asset,
            `expected a pair of ${base_asset} and ${quote_asset}, got ${symbol}`,
          ],
          [status === 'TRADING', `expected pairs that are traded, got ${symbol} in ${status}`],
        ]),
      ),
    }),
  },
}

function gainers(limit: number): WatchedRead {
  return {
    job: 'top-gainers',
    name: `top-gainers ${limit}`,
    target: `${HAMA}/top-gainers?limit=${limit}`,
    schema: schemaOf(gainerSchemas, `${HAMA}/top-gainers`),
    refusal: ofCode,
    retryAfter: /^60$/,
    label: {
      freshFor: 60,
      serveStaleFor: HOUR_S,
      read: ({ data, meta }: z.infer<(typeof gainerSchemas)[`${typeof HAMA}/top-gainers`]>): Reading => ({
        said: [saidOf('gainers', meta)],
        publishedAt: Date.parse(meta.fetched_at),
        untruths: untrueGainers(data.gainers, Date.parse(meta.as_of)),
      }),
    },
  }
}
