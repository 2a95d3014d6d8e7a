import { exchangeSuffix, quoteUnit } from '#shared/analysis/portfolio/quote-units.ts'
import { lastFinishedSession } from '#shared/analysis/portfolio/sessions.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { shown } from '#shared/domain/text.ts'
import { isoText } from '#shared/domain/time.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'
import { alphaVantageBarsCall, parseAlphaVantageBars } from '#shared/upstreams/stocks/alpha-vantage-bars.ts'
import { isFinalYahooBar, parseYahooChart, yahooChartCall } from '#shared/upstreams/stocks/yahoo-chart.ts'

/** The daily bars of one answer. */
export interface DailyAnswer {
  /** Oldest first; of finished sessions only. */
  readonly bars: readonly DailyBar[]
  /** Unit of the prices as the provider writes it, such as `GBp`; `null` if it names none. */
  readonly quoteCurrency: string | null
  /** Dates of sessions without prices. */
  readonly undelivered: readonly string[]
  readonly lost: readonly LostRow[]
}

/** What is requested. */
export interface Question {
  /** As the provider spells it. */
  readonly symbol: string
  /** Unit of the prices where the provider names none; `null` if the settings name none either. */
  readonly configuredUnit: string | null
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
      const { bars, undelivered, lost } = parseAlphaVantageBars(body, question)
      const last = lastFinishedDate(question)
      const finished = bars.filter(({ date }) => date <= last)
      const isListedInNewYork = exchangeSuffix(question.symbol) === null
      const quoteCurrency = question.configuredUnit ?? (isListedInNewYork ? 'USD' : null)
      return withoutWeekends({ bars: finished, quoteCurrency, undelivered, lost }, question)
    },
  },
  yahoo: {
    call: yahooChartCall,
    parse: (body, question) => {
      const chart = parseYahooChart(body, question)
      const { undelivered, lost } = chart
      const quoteCurrency = chart.quoteCurrency ?? question.configuredUnit
      const bars = chart.bars.filter((bar) => isFinalYahooBar(bar, chart, question.now))
      return withoutWeekends(withValidCurrency({ bars, quoteCurrency, undelivered, lost }), question)
    },
  },
}

/**
 * The newest date of which a symbol should have a bar. A session of New York counts from 16:30 on. Of other exchanges the
 * hours are not known: theirs count from the next day (UTC) on.
 */
export function lastFinishedDate({ symbol, now }: Pick<Question, 'symbol' | 'now'>): string {
  if (exchangeSuffix(symbol) === null) return lastFinishedSession(now)
  let day = Math.floor(now / DAY_MS) - 1
  while (isWeekend(day)) day -= 1
  return isoText(day * DAY_MS).slice(0, 10)
}

/** Suffixes of exchanges with sessions on some Saturdays or Sundays: Mumbai, Cairo, Kuwait, Doha, Riyadh, Tel Aviv. */
const WITH_WEEKENDS: ReadonlySet<string> = new Set(['BO', 'BSE', 'CA', 'KW', 'NS', 'QA', 'SR', 'TA'])

function withoutWeekends(answer: DailyAnswer, { symbol }: Pick<Question, 'symbol'>): DailyAnswer {
  if (WITH_WEEKENDS.has(exchangeSuffix(symbol) ?? '')) return answer
  const isSession = ({ date }: DailyBar) => !isWeekend(Date.parse(date) / DAY_MS)
  const lost = answer.bars
    .filter((bar) => !isSession(bar))
    .map(({ date }) => ({ name: date, message: `expected a session on a weekday, got one on ${date}` }))
  return { ...answer, bars: answer.bars.filter(isSession), lost: [...answer.lost, ...lost] }
}

/** A currency that is no code of one is lost. */
function withValidCurrency(answer: DailyAnswer): DailyAnswer {
  const { quoteCurrency: code, lost } = answer
  if (code === null || quoteUnit(code) !== null) return answer
  const message = `expected a code such as USD or GBp, got ${shown(code)}`
  return { ...answer, quoteCurrency: null, lost: [...lost, { name: 'the currency', message }] }
}

/** Days are counted from the Unix epoch, a Thursday. */
function isWeekend(day: number): boolean {
  return [2, 3].includes(day % 7)
}
