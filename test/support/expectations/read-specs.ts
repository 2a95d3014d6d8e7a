import * as z from 'zod'
import { schemas as marketSchemas } from '#functions/jobs/global-market/schema.ts'
import { schemas as universeSchemas } from '#functions/jobs/symbol-universe/schema.ts'
import { schemas as gainerSchemas } from '#functions/jobs/top-gainers/schema.ts'
import { STATS_PATH } from '#test/support/process/local-process.ts'
import { failedFindings } from './findings.ts'
import { fundingReadSpecs } from './funding-read-specs.ts'
import { hamaReadSpecs } from './hama-read-specs.ts'
import {
  codeErrorSchema,
  metaValue,
  type Reading,
  type ReadSpec,
  schemaOf,
  type TtlSettings,
} from './read-spec.ts'
import { wrongGainers } from './simulated-spot.ts'
import { wrongStats } from './simulated-values.ts'
import { technicalReadSpecs } from './technical-read-specs.ts'

const HAMA = '/api/gainer-analysis'
const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S

const time = z.iso.datetime()

const successErrorSchema = z.strictObject({
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
export function readSpecs(settings: TtlSettings): readonly ReadSpec[] {
  return [
    stats(settings),
    ...hamaReadSpecs(settings),
    symbols,
    gainers(20),
    gainers(100),
    ...fundingReadSpecs(settings),
    ...technicalReadSpecs(settings.PORTFOLIO_SYMBOLS?.split(',') ?? []),
  ]
}

function stats({ GLOBAL_STATS_CACHE_TTL: freshFor }: TtlSettings): ReadSpec {
  return {
    job: 'global-market',
    name: 'market',
    target: STATS_PATH,
    schema: schemaOf(marketSchemas, STATS_PATH),
    errorSchema: successErrorSchema,
    retryAfter: /^(30|[1-9])$/,
    freshness: {
      freshFor: Number(freshFor),
      serveStaleFor: DAY_S,
      read: ({ data, meta, timestamp }: z.infer<(typeof marketSchemas)[typeof STATS_PATH]>): Reading => ({
        values: [metaValue('global', meta)],
        publishedAt: Date.parse(meta.fetched_at),
        wrongValues: [
          ...wrongStats({ data, meta }),
          ...failedFindings([
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

const symbols: ReadSpec = {
  job: 'symbol-universe',
  name: 'symbols',
  target: `${HAMA}/symbols`,
  schema: schemaOf(universeSchemas, `${HAMA}/symbols`),
  errorSchema: codeErrorSchema,
  retryAfter: /^60$/,
  freshness: {
    freshFor: 26 * HOUR_S,
    serveStaleFor: 7 * DAY_S,
    read: ({ data, meta }: z.infer<(typeof universeSchemas)[`${typeof HAMA}/symbols`]>): Reading => ({
      values: [metaValue('symbols', meta)],
      publishedAt: Date.parse(meta.fetched_at),
      wrongValues: data.symbols.flatMap(({ symbol, rank, base_asset, quote_asset, status }, index) =>
        failedFindings([
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

function gainers(limit: number): ReadSpec {
  return {
    job: 'top-gainers',
    name: `top-gainers ${limit}`,
    target: `${HAMA}/top-gainers?limit=${limit}`,
    schema: schemaOf(gainerSchemas, `${HAMA}/top-gainers`),
    errorSchema: codeErrorSchema,
    retryAfter: /^60$/,
    freshness: {
      freshFor: 60,
      serveStaleFor: HOUR_S,
      read: ({ data, meta }: z.infer<(typeof gainerSchemas)[`${typeof HAMA}/top-gainers`]>): Reading => ({
        values: [metaValue('gainers', meta)],
        publishedAt: Date.parse(meta.fetched_at),
        wrongValues: wrongGainers(data.gainers, Date.parse(meta.as_of)),
      }),
    },
  }
}
