import { parseBars } from '#functions/jobs/hama/bars.ts'
import { binanceSpot } from '#infra/local/simulated/binance-spot.ts'
import { hamaAnalysis } from '#shared/analysis/hama.ts'
import { hamaRecord } from '#shared/analysis/hama-record.ts'
import { type Finding, failedFindings } from './findings.ts'
import { memoize, SEED } from './simulated-values.ts'

const BAR_MS = 15 * 60_000

/** The figures of a gainer that are taken from the exchange's list, by their names there. */
const FIGURES = {
  last_price: 'lastPrice',
  price_change_percent: 'priceChangePercent',
  open_price: 'openPrice',
  high_price: 'highPrice',
  low_price: 'lowPrice',
  quote_volume: 'quoteVolume',
} as const

type Gainer = Readonly<Record<keyof typeof FIGURES | 'rank', number>> & { readonly symbol: string }

interface AnalysisBody {
  readonly symbol: string
  readonly hama_analysis: {
    readonly symbol: string
    readonly signals: { readonly realtime_price: number | null }
    readonly technical_indicators: object
  }
  readonly conditions: object
  readonly cached_at: string
}

/**
 * What of the gainers the exchange's stand-in has not said of their moment.
 *
 * @param at - milliseconds since the epoch
 */
export function wrongGainers(gainers: readonly Gainer[], at: number): string[] {
  const truth = simulatedTickers(at)
  return gainers.flatMap((gainer, index) => {
    const { symbol, rank, price_change_percent: rise } = gainer
    const above = gainers[index - 1]
    return failedFindings([
      [rank === index + 1, `expected ${symbol} at rank ${index + 1}, got ${rank}`],
      [
        !above || above.price_change_percent >= rise,
        `expected ${symbol} not behind ${above?.symbol}, got ${rise}`,
      ],
      ...Object.entries(FIGURES).map(([ours, theirs]): Finding => {
        const got = gainer[ours as keyof typeof FIGURES]
        const expected = Number(truth.get(symbol)?.[theirs])
        return [
          got === expected,
          `expected ${ours} ${expected} of ${symbol}, as recorded for ${at}; got ${got}`,
        ]
      }),
    ])
  })
}

/**
 * What of an analysis does not follow from the bars that were closed when it was made. Where there was no running bar
 * the response was an old one, whose last bar is unfinished: then it cannot be checked.
 */
export function wrongAnalysis({ symbol, hama_analysis: got, conditions, cached_at }: AnalysisBody): string[] {
  const closed = Math.floor(Date.parse(cached_at) / BAR_MS) * BAR_MS
  const isTellable = got.signals.realtime_price !== null
  const actual = JSON.stringify(timelessPart({ hama_analysis: got, conditions }))
  const truth = isTellable ? simulatedAnalysis(symbol, closed) : actual
  return failedFindings([
    [got.symbol === symbol, `expected the analysis of ${symbol}, got that of ${got.symbol}`],
    [actual === truth, `expected ${symbol} as recorded for ${cached_at}: ${truth}; got ${actual}`],
  ])
}

const simulatedTickers = memoize((at: number) => {
  const { body } = binanceSpot(SEED, at, '/api/v3/ticker/24hr', new URLSearchParams())
  const rows = JSON.parse(body) as Readonly<Record<string, string>>[]
  return new Map(rows.map((row) => [row['symbol'], row]))
})

const simulatedAnalysis = memoize((symbol: string, at: number) => {
  const query = new URLSearchParams({ symbol, interval: '15m', limit: '1000' })
  const { body } = binanceSpot(SEED, at, '/api/v3/klines', query)
  const analysis = hamaAnalysis(parseBars(JSON.parse(body), at).candles, { preset: 'pine', now: at })
  return JSON.stringify(timelessPart(hamaRecord(analysis, { symbol, at })))
})

/** Without what moves while a bar runs, and when it was computed. */
function timelessPart({ hama_analysis, conditions }: Pick<AnalysisBody, 'hama_analysis' | 'conditions'>) {
  const moving = { realtime_price: 0, price_vs_ma: '' }
  const { signals, technical_indicators } = hama_analysis
  return {
    ...hama_analysis,
    timestamp: '',
    signals: { ...signals, ...moving },
    technical_indicators: { ...technical_indicators, realtime_price: 0 },
    conditions,
  }
}
