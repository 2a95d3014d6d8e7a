import { schemas } from '#functions/jobs/hama/schema.ts'
import { failedFindings } from './findings.ts'
import { codeErrorSchema, type Meta, type ReadSpec, schemaOf, type TtlSettings } from './read-spec.ts'
import { wrongAnalysis } from './simulated-spot.ts'

const HAMA = '/api/gainer-analysis'
const HOUR_S = 3_600

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
const SINGLE_SYMBOLS = SYMBOLS.slice(0, 3)

type HamaRecord = Parameters<typeof wrongAnalysis>[0]
interface Batch {
  readonly data: { readonly results: Readonly<Record<string, HamaRecord | object>> }
  readonly meta: Meta
}

/** The reads of analyses: of symbols alone and of many at once. */
export function hamaReadSpecs({ HAMA_CACHE_TTL }: TtlSettings): readonly ReadSpec[] {
  const lasting = { freshFor: Number(HAMA_CACHE_TTL), serveStaleFor: 6 * HOUR_S }
  const common = { job: 'hama', errorSchema: codeErrorSchema, retryAfter: /^60$/ }
  const of = (symbol: string) => `hama ${symbol}`
  const one = (symbol: string): ReadSpec => ({
    ...common,
    name: `analyze-symbol ${symbol}`,
    target: `${HAMA}/analyze-symbol`,
    request: { method: 'POST', body: JSON.stringify({ symbol }) },
    schema: schemaOf(schemas, `${HAMA}/analyze-symbol`),
    freshness: {
      ...lasting,
      read: ({ data, meta }: { readonly data: HamaRecord; readonly meta: Meta }) => ({
        values: [{ key: of(symbol), asOf: Date.parse(meta.as_of), fetchedAt: Date.parse(data.cached_at) }],
        publishedAt: Date.parse(meta.fetched_at),
        wrongValues: [
          ...wrongAnalysis(data),
          ...failedFindings([
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
  const many: ReadSpec = {
    ...common,
    name: 'analyze-batch',
    target: `${HAMA}/analyze-batch`,
    request: { method: 'POST', body: JSON.stringify({ symbols: SYMBOLS }) },
    schema: schemaOf(schemas, `${HAMA}/analyze-batch`),
    freshness: {
      ...lasting,
      read: ({ data, meta }: Batch) => {
        const records = Object.values(data.results).filter((result) => 'hama_analysis' in result)
        return {
          publishedAt: Date.parse(meta.fetched_at),
          values: records.map(({ symbol, cached_at }) => ({
            key: of(symbol),
            fetchedAt: Date.parse(cached_at),
          })),
          wrongValues: records.flatMap(wrongAnalysis),
          missingKeys: SYMBOLS.filter((symbol) => !('hama_analysis' in (data.results[symbol] ?? {}))).map(of),
        }
      },
    },
  }
  const uncached = (path: string): ReadSpec => ({
    ...common,
    name: path,
    target: `${HAMA}/${path}`,
    schema: schemaOf(schemas, `${HAMA}/${path}`),
  })
  return [...SINGLE_SYMBOLS.map(one), many, uncached('cache-stats'), uncached('scheduler/status')]
}
