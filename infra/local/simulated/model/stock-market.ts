import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { instantOf, localDate } from '#shared/domain/time.ts'
import { driftFunction, hashFraction } from './seeded-values.ts'

/** One listed share or fund. Names are real, all values are invented. */
export interface Stock {
  readonly symbol: string
  readonly exchange: Exchange
  /** Mean price, in the unit in which the exchange quotes it. */
  readonly price: number
  /** Mean number of shares traded in a session. */
  readonly volume: number
  readonly kind: 'company' | 'bank' | 'fund'
  /** Whether its shares are split four to one in October of even years, and merged back in odd ones. */
  readonly isSplit: boolean
}

export interface Exchange {
  readonly zone: string
  /** `GBp` where prices are in pence. */
  readonly quoteCurrency: string
  /** Local times of the regular session, in hours. */
  readonly opensAt: number
  readonly closesAt: number
}

const NEW_YORK: Exchange = {
  zone: 'America/New_York',
  quoteCurrency: 'USD',
  opensAt: 9.5,
  closesAt: 16,
}
const LONDON: Exchange = { zone: 'Europe/London', quoteCurrency: 'GBp', opensAt: 8, closesAt: 16.5 }

const ROWS: readonly (readonly [symbol: string, price: number, volume: number, kind?: Stock['kind']])[] = [
  ['AAPL', 245, 5e7],
  ['MSFT', 480, 2e7],
  ['GOOGL', 290, 3e7],
  ['AMZN', 225, 4e7],
  ['NVDA', 180, 1.8e8],
  ['IBM', 300, 4e6],
  ['KO', 71, 1.4e7],
  ['XOM', 116, 1.5e7],
  ['JPM', 305, 9e6, 'bank'],
  ['BRK.B', 505, 4e6],
  ['SPY', 675, 7e7, 'fund'],
  ['QQQ', 610, 5e7, 'fund'],
  ['GLD', 380, 1e7, 'fund'],
]

/** Every stock of the simulation. */
export const stocks: readonly Stock[] = [
  ...ROWS.map(([symbol, price, volume, kind = 'company']) => ({
    symbol,
    exchange: NEW_YORK,
    price,
    volume,
    kind,
    isSplit: symbol === 'NVDA',
  })),
  { symbol: 'TSCO.L', exchange: LONDON, price: 440, volume: 2e7, kind: 'company', isSplit: false },
]

/** One session, as prices were at the time: not adjusted for later splits. */
export interface Session {
  readonly date: string
  /** Milliseconds since the epoch. */
  readonly opensAt: number
  readonly closesAt: number
}

/** The newest sessions that have begun, oldest first: weekdays without the holidays. */
export function sessions({ zone, opensAt, closesAt }: Exchange, now: number, count: number): Session[] {
  const newestFirst: Session[] = []
  const today = Date.parse(localDate(zone, now))
  for (let day = today; newestFirst.length < count; day -= DAY_MS) {
    if (!isSessionDay(day)) continue
    const session = {
      date: new Date(day).toISOString().slice(0, 10),
      opensAt: instantOf(zone, day + opensAt * HOUR_MS),
      closesAt: instantOf(zone, day + closesAt * HOUR_MS),
    }
    if (session.opensAt <= now) newestFirst.push(session)
  }
  return newestFirst.reverse()
}

const SATURDAY = 6
const SUNDAY = 0
const THURSDAY = 4

/** Some of the real holidays: new year, 4 July, the fourth Thursday of November, 25 December. */
function isSessionDay(day: number): boolean {
  const date = new Date(day)
  const weekday = date.getUTCDay()
  if (weekday === SATURDAY || weekday === SUNDAY) return false
  const text = date.toISOString().slice(5, 10)
  if (['01-01', '07-04', '12-25'].includes(text)) return false
  const isFourthWeek = date.getUTCDate() >= 22 && date.getUTCDate() <= 28
  return !(date.getUTCMonth() === 10 && weekday === THURSDAY && isFourthWeek)
}

/** The prices of a session up to a time, and its volume. */
export interface SessionPrices {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** How far a session's extremes lie beyond its open and close. */
const WICK = 0.004

/**
 * The prices of stocks of one seed. A session that has ended never changes.
 *
 * @param until - milliseconds since the epoch; a running session ends here
 */
export function stockPrices(seed: number, stock: Stock): (session: Session, until: number) => SessionPrices {
  const { symbol, price, volume } = stock
  const [slow, fast] = [
    driftFunction(seed, `${symbol} price`, 0.12),
    driftFunction(seed, `${symbol} day`, 0.02),
  ]
  const trade = driftFunction(seed, `${symbol} volume`, 0.4)
  const at = (time: number) => price * slow(time / (12 * HOUR_MS)) * fast(time / HOUR_MS)
  return ({ date, opensAt, closesAt }, until) => {
    const scale = splitScale(stock, date)
    const end = Math.min(until, closesAt)
    const [open, close] = [at(opensAt) * scale, at(end) * scale]
    const wick = 1 + WICK * hashFraction(`${date} wick ${symbol} ${seed}`)
    const share = (end - opensAt) / (closesAt - opensAt)
    return {
      open,
      high: Math.max(open, close) * wick,
      low: Math.min(open, close) / wick,
      close,
      volume: Math.round((volume * trade(opensAt / HOUR_MS) * share) / scale),
    }
  }
}

const SPLIT_RATIO = 4
const SPLIT_MONTH_AND_DAY = '10-12'

/** A price of a date in units of the price in the weeks after a split of an even year: 4 before a split, 1 after it. */
export function splitScale({ isSplit }: Pick<Stock, 'isSplit'>, date: string): number {
  if (!isSplit) return 1
  const isEvenYear = Number(date.slice(0, 4)) % 2 === 0
  const isAfter = date.slice(5) >= SPLIT_MONTH_AND_DAY
  return isEvenYear === isAfter ? 1 : SPLIT_RATIO
}

/** Bars of a session are published between 16:30 and 19:00, not all symbols at once. */
const FIRST_PUBLISHED_MS = 30 * MINUTE_MS
const LAST_PUBLISHED_MS = 3 * HOUR_MS

/** When a provider of final bars publishes that of a session; milliseconds since the epoch. */
export function publishedAt(seed: number, { symbol }: Stock, { date, closesAt }: Session): number {
  const share = hashFraction(`${symbol} published ${date} ${seed}`)
  return closesAt + FIRST_PUBLISHED_MS + share * (LAST_PUBLISHED_MS - FIRST_PUBLISHED_MS)
}
