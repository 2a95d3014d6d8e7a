import * as z from 'zod/mini'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { localDate } from '#shared/domain/time.ts'
import { isEmptyObject, members } from '../error-codes.ts'
import { label } from '../fields.ts'
import { type DailyBars, readDailyBars } from './daily-bars.ts'
import { expectSymbol } from './expect-symbol.ts'

/** The daily bars of one symbol, without adjustment for splits and dividends. The answer does not name a currency. */
export interface AlphaVantageBars extends DailyBars {
  /** As the provider spells it. */
  readonly symbol: string
  /** The zone of the dates. */
  readonly zone: string
}

interface BarsQuestion {
  readonly symbol: string
  readonly now: number
}

/** The call for the newest 100 daily bars of a symbol, which the free plan allows. */
export function alphaVantageBarsCall(symbol: string) {
  return { path: '/query', query: { function: 'TIME_SERIES_DAILY', symbol, outputsize: 'compact' } }
}

const body = z.object({
  'Meta Data': z.object({ '2. Symbol': label(), '5. Time Zone': label() }),
  'Time Series (Daily)': z.record(z.string(), z.unknown()),
})

/** The zone that is first in reaching a date: a bar can be of a session in Asia. */
const FIRST_ZONE_OFFSET_MS = 14 * HOUR_MS

/**
 * Parses an answer of `TIME_SERIES_DAILY`.
 *
 * @throws {RefreshError} `not-found` for an empty object: the provider has no bars of the symbol
 * @throws {TypeError} for the bars of another symbol or of an unknown zone, and when too many bars are unusable
 * @throws {z.core.$ZodError} for a body of another form
 * @see https://www.alphavantage.co/documentation/#daily
 */
export function parseAlphaVantageBars(answer: unknown, { symbol, now }: BarsQuestion): AlphaVantageBars {
  if (isEmptyObject(answer))
    throw new RefreshError('not-found', `Alpha Vantage has no bars of ${symbol}`, { isExplicit: true })
  const { 'Meta Data': meta, 'Time Series (Daily)': series } = body.parse(answer)
  const { '2. Symbol': answered, '5. Time Zone': zone } = meta
  expectSymbol(symbol, answered)
  expectZone(zone, now)
  const rows = Object.entries(series).map(([date, value]) => {
    const row = members(value)
    return {
      date,
      open: row['1. open'],
      high: row['2. high'],
      low: row['3. low'],
      close: row['4. close'],
      volume: row['5. volume'],
    }
  })
  const today = new Date(now + FIRST_ZONE_OFFSET_MS).toISOString().slice(0, 10)
  return { symbol: answered, zone, ...readDailyBars(rows, { form: 'text', today }) }
}

function expectZone(zone: string, now: number): void {
  try {
    localDate(zone, now)
  } catch (error) {
    throw new TypeError(`expected a time zone such as US/Eastern, got ${JSON.stringify(zone)}`, {
      cause: error,
    })
  }
}
