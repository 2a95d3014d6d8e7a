import { DAY_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { localDate } from '#shared/domain/time.ts'
import { jsonResponse, type SimulatedProvider, type SimulatedResponse } from './model/provider.ts'
import { drift, hashFraction } from './model/seeded-values.ts'
import { publishedAt, type Stock, sessions, stockPrices, stocks } from './model/stock-market.ts'

const ZONE = 'America/New_York'

/** The free plan. */
const CALLS_A_DAY = 25
const BARS = 100

/**
 * Alpha Vantage under the free plan: daily bars, fundamentals and balance sheets. A bar appears in the evening of its
 * session. Limits and errors come under 200; the calls of a day are counted from midnight in New York.
 *
 * @see https://www.alphavantage.co/documentation/
 */
export const alphaVantage: SimulatedProvider = (seed, now, path, query, earlierCalls = []) => {
  if (path !== '/query') return jsonResponse(404, { detail: `no simulation of ${path}` })
  const refusal = refuse(query.get('apikey'), now, earlierCalls)
  if (refusal) return refusal
  const answer = ANSWERS[query.get('function') ?? '']
  const symbol = query.get('symbol')?.toUpperCase()
  const stock = stocks.find((one) => spelled(one) === symbol)
  if (!answer || !stock) return errorResponse('Invalid API call. Please check the function and its symbol.')
  if (query.get('outputsize') === 'full')
    return informationResponse(
      'The full output size is a premium feature. Please subscribe to a premium plan.',
    )
  return jsonResponse(200, answer(seed, now, stock))
}

/** Exchanges outside of the United States have names of their own. */
function spelled({ symbol }: Stock): string {
  return symbol.replace(/\.L$/, '.LON')
}

function refuse(
  key: string | null,
  now: number,
  earlierCalls: readonly number[],
): SimulatedResponse | undefined {
  if (!key)
    return errorResponse('the parameter apikey is invalid or missing. Please claim your free API key.')
  if (key === 'demo')
    return informationResponse(
      'The **demo** API key is for demo purposes only. Please claim your free API key.',
    )
  const today = localDate(ZONE, now)
  if (earlierCalls.filter((at) => localDate(ZONE, at) === today).length >= CALLS_A_DAY)
    return informationResponse(
      `We have detected your API key as ${key} and our standard API rate limit is ${CALLS_A_DAY} requests per day. Please subscribe to a premium plan.`,
    )
  if (earlierCalls.some((at) => at <= now && now - at < SECOND_MS))
    return informationResponse(
      `Please consider spreading out your free API requests more sparingly (1 request per second). A premium plan lifts the free key rate limit (${CALLS_A_DAY} requests per day).`,
    )
  return undefined
}

const errorResponse = (message: string) => jsonResponse(200, { 'Error Message': message })
const informationResponse = (message: string) => jsonResponse(200, { Information: message })

const ANSWERS: Readonly<Record<string, (seed: number, now: number, stock: Stock) => object>> = {
  TIME_SERIES_DAILY: dailySeries,
  OVERVIEW: overview,
  BALANCE_SHEET: balanceSheet,
}

/** Newest first, as prices were at the time. */
function dailySeries(seed: number, now: number, stock: Stock) {
  const prices = stockPrices(seed, stock)
  const published = sessions(stock.exchange, now, BARS + 2)
    .filter((session) => publishedAt(seed, stock, session) <= now)
    .slice(-BARS)
    .reverse()
  return {
    'Meta Data': {
      '1. Information': 'Daily Prices (open, high, low, close) and Volumes',
      '2. Symbol': spelled(stock),
      '3. Last Refreshed': published[0]?.date ?? '',
      '4. Output Size': 'Compact',
      '5. Time Zone': 'US/Eastern',
    },
    'Time Series (Daily)': Object.fromEntries(
      published.map((session) => {
        const { open, high, low, close, volume } = prices(session, session.closesAt)
        const bar = {
          '1. open': open.toFixed(4),
          '2. high': high.toFixed(4),
          '3. low': low.toFixed(4),
          '4. close': close.toFixed(4),
          '5. volume': String(volume),
        }
        return [session.date, bar]
      }),
    ),
  }
}

/** Funds have no fundamentals. One company in four makes a loss, so that its price has no ratio to its earnings. */
function overview(seed: number, now: number, stock: Stock): object {
  if (stock.kind === 'fund') return {}
  const { symbol } = stock
  const quarter = quarterEnds(now, 1)[0] ?? ''
  const value = (name: string, from: number, to: number, digits = 4) =>
    (from + (to - from) * hashFraction(`${symbol} ${name} ${quarter} ${seed}`)).toFixed(digits)
  const hasLoss = hashFraction(`${symbol} loss ${seed}`) < 0.25
  return {
    Symbol: spelled(stock),
    AssetType: 'Common Stock',
    Currency: stock.exchange.quoteCurrency.toUpperCase(),
    Sector: stock.kind === 'bank' ? 'FINANCIAL SERVICES' : 'TECHNOLOGY',
    Industry: stock.kind === 'bank' ? 'BANKS - DIVERSIFIED' : 'SOFTWARE & SERVICES',
    LatestQuarter: quarter,
    PERatio: hasLoss ? 'None' : value('pe', 8, 45, 2),
    ForwardPE: hasLoss ? '-' : value('forward', 8, 40, 2),
    PEGRatio: hasLoss ? 'None' : value('peg', 0.6, 3.5, 3),
    PriceToBookRatio: value('pb', 0.8, 14, 2),
    Beta: value('beta', 0.4, 1.9, 3),
    ReturnOnEquityTTM: hasLoss ? value('loss', -0.2, 0) : value('roe', 0.04, 0.6),
    ReturnOnAssetsTTM: value('roa', -0.02, 0.2),
    ProfitMargin: hasLoss ? value('margin', -0.15, 0) : value('margin', 0.02, 0.35),
    QuarterlyRevenueGrowthYOY: value('revenue', -0.1, 0.35),
    QuarterlyEarningsGrowthYOY: hasLoss ? 'None' : value('earnings', -0.3, 0.6),
    DividendYield: value('yield', 0, 0.04),
  }
}

const QUARTERS = 8
const YEARS = 3

/** Banks report no current assets and liabilities. */
function balanceSheet(seed: number, now: number, stock: Stock): object {
  if (stock.kind === 'fund') return {}
  const quarters = quarterEnds(now, QUARTERS)
  const years = quarterEnds(now, QUARTERS + 4 * YEARS).filter((date) => date.endsWith('12-31'))
  const report = (fiscalDateEnding: string) => reportOf(seed, stock, fiscalDateEnding)
  return {
    symbol: spelled(stock),
    annualReports: years.slice(0, YEARS).map(report),
    quarterlyReports: quarters.map(report),
  }
}

function reportOf(seed: number, { symbol, kind, volume, exchange }: Stock, fiscalDateEnding: string) {
  const hours = Date.parse(fiscalDateEnding) / 3_600_000
  const size = volume * 2_000 * drift(seed, `${symbol} size`, 0.1, hours)
  const part = (name: string, from: number, to: number) =>
    (size * (from + (to - from) * hashFraction(`${symbol} ${name} ${seed}`))).toFixed(0)
  const isBank = kind === 'bank'
  return {
    fiscalDateEnding,
    reportedCurrency: exchange.quoteCurrency.toUpperCase(),
    totalAssets: size.toFixed(0),
    totalCurrentAssets: isBank ? 'None' : part('current assets', 0.2, 0.5),
    totalCurrentLiabilities: isBank ? 'None' : part('current liabilities', 0.15, 0.4),
    shortTermDebt: part('short', 0.01, 0.05),
    longTermDebt: part('long', 0.1, 0.3),
    shortLongTermDebtTotal: hashFraction(`${symbol} total ${seed}`) < 0.5 ? 'None' : part('debt', 0.1, 0.35),
    totalShareholderEquity: part('equity', 0.2, 0.5),
  }
}

/** A quarter is reported 40 days after its end. */
const REPORT_DELAY_MS = 40 * DAY_MS

/** The ends of the newest reported quarters, newest first. */
function quarterEnds(now: number, count: number): string[] {
  const reported = new Date(now - REPORT_DELAY_MS)
  const first = reported.getUTCFullYear() * 4 + Math.floor(reported.getUTCMonth() / 3)
  return Array.from({ length: count }, (_, index) => {
    const quarter = first - index
    // day 0 of a month is the last of the month before
    return new Date(Date.UTC(Math.floor(quarter / 4), (quarter % 4) * 3, 0)).toISOString().slice(0, 10)
  })
}
