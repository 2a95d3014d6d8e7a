import { lastFinishedSession, newYorkTimeOfDay } from '#shared/analysis/portfolio/sessions.ts'
import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { nextMidnight } from '#shared/domain/time.ts'

/*
 * One provider has a budget of calls a day for bars and for fundamentals. The run of the fundamentals comes first, at
 * 03:30 in New York. It leaves to the bars of the day what is theirs in one queue of both, and takes what is its own.
 */

/** What one symbol may need today. Dates are days in New York, `YYYY-MM-DD`; `null` before the first fetch. */
export interface QueuedSymbol {
  readonly symbol: string
  /** Date of the newest bar. */
  readonly barDate: string | null
  /** Whether a bar is requested today, with one call of the same budget. */
  readonly isBarDue: boolean
  /** Date of the last fetch of fundamentals. */
  readonly fundamentalDate: string | null
  readonly isFundamentalDue: boolean
}

interface QueueBudget {
  /** Calls that are left today. */
  readonly calls: number
  /** Calls that the fundamentals of one symbol need. */
  readonly callsPerFundamental: number
}

/**
 * The symbols whose fundamentals are requested, in this order. Bars and fundamentals wait in one queue: the oldest date
 * first, what was never fetched before all others, bars before fundamentals of the same day, then in the order of
 * `symbols`. As far as the calls reach, they go to the first in the queue, so that none starves.
 */
export function fundamentalsWithinBudget(
  symbols: readonly QueuedSymbol[],
  { calls, callsPerFundamental }: QueueBudget,
): readonly string[] {
  const bars = symbols
    .filter(({ isBarDue }) => isBarDue)
    .map(({ barDate }) => ({ date: barDate ?? '', calls: 1, fundamental: undefined }))
  const fundamentals = symbols
    .filter(({ isFundamentalDue }) => isFundamentalDue)
    .map(({ symbol, fundamentalDate }) => ({
      date: fundamentalDate ?? '',
      calls: callsPerFundamental,
      fundamental: symbol,
    }))
  // sorting is stable: on a tie, bars stay first
  const queue = [...bars, ...fundamentals].toSorted((a, b) =>
    a.date < b.date ? -1 : Number(a.date > b.date),
  )
  const requested: string[] = []
  let left = calls
  for (const entry of queue) {
    left -= entry.calls
    if (left < 0) break
    if (entry.fundamental !== undefined) requested.push(entry.fundamental)
  }
  return requested
}

/** Calls to Alpha Vantage for one symbol, of a job with these settings: one more with balance sheets. */
export function callsPerSymbol(settings: Readonly<Record<string, unknown>>): number {
  return settings['ALPHA_VANTAGE_BALANCE_SHEET'] === true ? 2 : 1
}

/** The newest session that will be finished by the end of the day in New York: the date of the bar to come. */
export function sessionOfToday(now: number): string {
  return lastFinishedSession(nextMidnight('America/New_York', now) - 1)
}

/** The run of the fundamentals has ended by then: it starts at 03:30 and takes 45 minutes at most. */
const BARS_FROM_MS = 4 * HOUR_MS + 30 * MINUTE_MS

/**
 * Whether bars that are missing since an earlier day wait, so that the fundamentals can take their part of the calls of
 * the new day: until 04:30 in New York.
 */
export function doBarsWait(now: number): boolean {
  return newYorkTimeOfDay(now) < BARS_FROM_MS
}
