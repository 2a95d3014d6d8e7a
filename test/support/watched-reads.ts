import * as z from 'zod'
import { schemas as rateSchemas } from '#functions/jobs/funding-rates/schema.ts'
import { schemas as marketSchemas } from '#functions/jobs/global-market/schema.ts'
import { schemas as hamaSchemas } from '#functions/jobs/hama/schema.ts'
import { schemas as universeSchemas } from '#functions/jobs/symbol-universe/schema.ts'
import { schemas as gainerSchemas } from '#functions/jobs/top-gainers/schema.ts'
import { findings } from './findings.ts'
import { STATS } from './local-process.ts'
import { untrueRate } from './rates-truth.ts'
import { untruths } from './recorded-truth.ts'
import { untrueAnalysis, untrueGainers } from './spot-truth.ts'
import { type Meta, type Reading, saidOf, type WatchedRead } from './watched-read.ts'

const HAMA = '/api/gainer-analysis'
const RATES = '/funding_monitor'
const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S

/** Of the pairs that are analysed by schedule: more than the number of which each is asked for by itself when stale. */
const SYMBOLS = [
  'BTC',
  'ETH',
  'SOL',
  'XRP',
  'DOGE',
  'BNB',
  '1000PEPE',
  'ADA',
  'LTC',
  'COINU',
  'FIOR',
  'BARO',
].map((base) => `${base}USDT`)
const ALONE = SYMBOLS.slice(0, 3)

/** Settings that the watched reads go by, in seconds. */
export interface Lasting {
  readonly GLOBAL_STATS_CACHE_TTL: string
  readonly HAMA_CACHE_TTL: string
  readonly CACHE_DURATION: string
}

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
const ofCode = z.strictObject({ code: z.literal(0), msg: z.string().regex(/^[a-z ]+$/i), data: z.null() })
const ofStatus = z.strictObject({
  status: z.literal('error'),
  message: z.literal('Funding rates are not available'),
  timestamp: time,
})

/** Every public read of every job that tells anything of its data. */
export function watchedReads(settings: Lasting): readonly WatchedRead[] {
  return [stats(settings), ...hama(settings), symbols, gainers(20), gainers(100), ...rates(settings)]
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

type HamaRecord = Parameters<typeof untrueAnalysis>[0]
interface Batch {
  readonly data: { readonly results: Readonly<Record<string, HamaRecord | object>> }
  readonly meta: Meta
}

function hama({ HAMA_CACHE_TTL }: Lasting): readonly WatchedRead[] {
  const lasting = { freshFor: Number(HAMA_CACHE_TTL), serveStaleFor: 6 * HOUR_S }
  const common = { job: 'hama', refusal: ofCode, retryAfter: /^60$/ }
  const of = (symbol: string) => `hama ${symbol}`
  const one = (symbol: string): WatchedRead => ({
    ...common,
    name: `analyze-symbol ${symbol}`,
    target: `${HAMA}/analyze-symbol`,
    sent: { method: 'POST', body: JSON.stringify({ symbol }) },
    schema: schemaOf(hamaSchemas, `${HAMA}/analyze-symbol`),
    label: {
      ...lasting,
      read: ({ data, meta }: { readonly data: HamaRecord; readonly meta: Meta }) => ({
        said: [{ key: of(symbol), asOf: Date.parse(meta.as_of), fetchedAt: Date.parse(data.cached_at) }],
        publishedAt: Date.parse(meta.fetched_at),
        untruths: [
          ...untrueAnalysis(data),
          ...findings([
            [data.symbol === symbol, `expected ${symbol}, got ${data.symbol}`],
            [
              data.cached_at <= meta.fetched_at,
              `expected cached_at before fetched_at, got ${data.cached_at}`,
            ],
          ]),
        ],
      }),
    },
  })
  const many: WatchedRead = {
    ...common,
    name: 'analyze-batch',
    target: `${HAMA}/analyze-batch`,
    sent: { method: 'POST', body: JSON.stringify({ symbols: SYMBOLS }) },
    schema: schemaOf(hamaSchemas, `${HAMA}/analyze-batch`),
    label: {
      ...lasting,
      read: ({ data, meta }: Batch) => {
        const records = Object.values(data.results).filter((result) => 'hama_analysis' in result)
        return {
          publishedAt: Date.parse(meta.fetched_at),
          said: records.map(({ symbol, cached_at }) => ({
            key: of(symbol),
            fetchedAt: Date.parse(cached_at),
          })),
          untruths: records.flatMap(untrueAnalysis),
          lacking: SYMBOLS.filter((symbol) => !('hama_analysis' in (data.results[symbol] ?? {}))).map(of),
        }
      },
    },
  }
  const ofNow = (path: string): WatchedRead => ({
    ...common,
    name: path,
    target: `${HAMA}/${path}`,
    schema: schemaOf(hamaSchemas, `${HAMA}/${path}`),
  })
  return [...ALONE.map(one), many, ofNow('cache-stats'), ofNow('scheduler/status')]
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

type Contract = Parameters<typeof untrueRate>[0]
interface Rates {
  readonly contracts: Readonly<Record<string, Contract>> | readonly Contract[]
  readonly meta: Meta
}

function rates({ CACHE_DURATION }: Lasting): readonly WatchedRead[] {
  const common = { job: 'funding-rates', refusal: ofStatus, retryAfter: /^60$/ }
  const ofSet = (
    path: string,
    schema: string,
    contractsIn: (body: Rates) => readonly Contract[],
  ): WatchedRead => ({
    ...common,
    name: path,
    target: `${RATES}/${path}`,
    schema: schemaOf(rateSchemas, `${RATES}/${schema}`),
    label: {
      freshFor: Number(CACHE_DURATION),
      serveStaleFor: 8 * HOUR_S,
      read: (body: Rates) => {
        const contracts = contractsIn(body)
        return {
          publishedAt: Date.parse(body.meta.fetched_at),
          said: [
            { key: 'rates', fetchedAt: Date.parse(body.meta.fetched_at) },
            ...contracts.map(({ symbol, exchange, last_updated }) => ({
              key: `rate ${symbol} of ${exchange}`,
              asOf: Date.parse(last_updated),
              fetchedAt: Date.parse(body.meta.fetched_at),
            })),
          ],
          untruths: contracts.flatMap(untrueRate),
        }
      },
    },
  })
  const ofNow = (path: string): WatchedRead => ({
    ...common,
    name: path,
    target: `${RATES}/${path}`,
    schema: schemaOf(rateSchemas, `${RATES}/${path}`),
  })
  const all = ({ contracts }: Rates) => Object.values(contracts)
  const none = () => []
  return [
    ofSet('latest-rates', 'latest-rates', all),
    ofSet('latest-rates?fast_mode=true', 'latest-rates', all),
    ofSet('contracts-by-interval/8h', 'contracts-by-interval/{interval}', all),
    ofSet('pool', 'pool', none),
    ofSet('cache-status', 'cache-status', none),
    ofNow('health'),
    ofNow('task-stats'),
  ]
}

/** @throws {TypeError} for a path without one */
function schemaOf(schemas: Readonly<Record<string, z.ZodType>>, path: string): z.ZodType {
  const schema = schemas[path]
  if (schema) return schema
  throw new TypeError(`expected a schema of ${path}, got none`)
}
