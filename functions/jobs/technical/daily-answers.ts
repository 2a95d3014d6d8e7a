import { exchangeSuffix } from '#shared/analysis/portfolio/quote-units.ts'
import { lastFinishedSession } from '#shared/analysis/portfolio/sessions.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { isoText } from '#shared/domain/time.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'
import { alphaVantageBarsCall, parseAlphaVantageBars } from '#shared/upstreams/stocks/alpha-vantage-bars.ts'
import { isFinalYahooBar, parseYahooChart, yahooChartCall } from '#shared/upstreams/stocks/yahoo-chart.ts'

/** The daily bars of one answer. */
interface DailyAnswer {
  /** Oldest first; of finished sessions only. */
  readonly bars: readonly DailyBar[]
  /** Unit of the prices as the provider writes it, such as `GBp`; `null` if it names none. */
  readonly quoteCurrency: string | null
  readonly lost: readonly LostRow[]
}

interface Question {
  readonly symbol: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

interface DailyProvider {
  call(symbol: string): Call
  parse(body: unknown, question: Question): DailyAnswer
}

/** Where daily bars come from, by the name of the upstream. */
export const dailyProviders: Readonly<Record<string, DailyProvider>> = {
  'alpha-vantage': {
    call: alphaVantageBarsCall,
    parse: (body, question) => {
      const { bars, lost } = parseAlphaVantageBars(body, question)
      const last = lastFinishedDate(question)
      return {
        bars: bars.filter(({ date }) => date <= last),
        quoteCurrency: exchangeSuffix(question.symbol) === null ? 'USD' : null,
        lost,
      }
    },
  },
  yahoo: {
    call: yahooChartCall,
    parse: (body, question) => {
      const chart = parseYahooChart(body, question)
      return {
        bars: chart.bars.filter((bar) => isFinalYahooBar(bar, chart, question.now)),
        quoteCurrency: chart.quoteCurrency,
        lost: chart.lost,
      }
    },
  },
}

/**
 * The newest date of which a symbol should have a bar. A session of New York counts from 16:30 on. Of other exchanges the
 * hours are not known: theirs count from the next day (UTC) on.
 */
export function lastFinishedDate({ symbol, now }: Question): string {
  if (exchangeSuffix(symbol) === null) return lastFinishedSession(now)
  let day = Math.floor(now / DAY_MS) - 1
  while (isWeekend(day)) day -= 1
  return isoText(day * DAY_MS).slice(0, 10)
}

/** Days are counted from the Unix epoch, a Thursday. */
function isWeekend(day: number): boolean {
  return [2, 3].includes(day % 7)
}
