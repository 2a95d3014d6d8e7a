import * as z from 'zod'
import { schemas } from '#functions/jobs/technical/schema.ts'
import { alphaVantage } from '#infra/local/simulated/alpha-vantage.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { parseAlphaVantageBars } from '#shared/upstreams/stocks/alpha-vantage-bars.ts'
import { failedFindings } from './findings.ts'
import { type Meta, metaValue, type ReadSpec, schemaOf } from './read-spec.ts'
import { memoize, SEED } from './simulated-values.ts'

const DAY_S = 86_400

/** `CACHE_TTL_TECHNICAL_HOURS` by default. */
const FRESH_FOR_S = 1.25 * 3_600

/** Values are rounded for the response. */
const MAX_ROUNDING = 1e-3

const errorSchema = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.union([z.literal(429), z.literal(503)]),
  detail: z.enum(['not available yet', 'too many records are requested at once']),
})

interface TechnicalData {
  readonly symbol: string
  readonly date: string
  readonly close: number | null
  readonly volume: number | null
  readonly ma5: number | null
}

/** The reads of technical indicators, one for each symbol of the portfolio. */
export function technicalReadSpecs(symbols: readonly string[]): readonly ReadSpec[] {
  return symbols.map((symbol) => ({
    job: 'technical',
    name: `technical ${symbol}`,
    target: `/api/v1/positions/${symbol}/technical`,
    schema: schemaOf(schemas, '/api/v1/positions/{symbol}/technical'),
    errorSchema,
    retryAfter: /^60$/,
    freshness: {
      freshFor: FRESH_FOR_S,
      serveStaleFor: 7 * DAY_S,
      read: ({ data, meta }: { readonly data: TechnicalData; readonly meta: Meta }) => ({
        values: [metaValue(`technical ${symbol}`, meta)],
        publishedAt: Date.parse(meta.fetched_at),
        wrongValues: [
          ...wrongIndicators(data),
          ...failedFindings([[data.symbol === symbol, `expected ${symbol}, got ${data.symbol}`]]),
        ],
      }),
    },
  }))
}

/** What of a record differs from the sessions that the simulated provider has published. */
function wrongIndicators({ symbol, date, close, volume, ma5 }: TechnicalData): string[] {
  const week = lastBars(symbol, date)
  const [last] = week
  if (!last) return [`expected the date of a session of ${symbol}, got ${date}`]
  const mean = week.reduce((sum, bar) => sum + bar.close, 0) / week.length
  const isClose = (value: number | null, expected: number) =>
    value !== null && Math.abs(value - expected) <= MAX_ROUNDING * expected
  return failedFindings([
    [isClose(close, last.close), `expected a close of ${last.close} on ${date}, got ${close}`],
    [volume === last.volume, `expected a volume of ${last.volume} on ${date}, got ${volume}`],
    [isClose(ma5, mean), `expected a mean of ${mean} up to ${date}, got ${ma5}`],
  ])
}

/** The bars of a date and of the four sessions before it, newest first. */
const lastBars = memoize((symbol: string, date: string): readonly DailyBar[] => {
  // its bar is published in the evening
  const now = Date.parse(date) + 2 * DAY_MS
  const query = new URLSearchParams({ function: 'TIME_SERIES_DAILY', symbol, apikey: 'any' })
  const { body } = alphaVantage(SEED, now, '/query', query)
  const { bars } = parseAlphaVantageBars(JSON.parse(body), { symbol, now })
  const newestFirst = bars.toReversed()
  const index = newestFirst.findIndex((bar) => bar.date === date)
  return index < 0 ? [] : newestFirst.slice(index, index + 5)
})
