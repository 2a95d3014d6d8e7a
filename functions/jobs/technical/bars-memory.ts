import {
  type BarHistory,
  type Extension,
  extendHistory,
  NO_HISTORY,
} from '#shared/analysis/portfolio/bar-history.ts'
import { hasMinorUnit } from '#shared/analysis/portfolio/quote-units.ts'
import { isRecentBar, newYorkDate } from '#shared/analysis/portfolio/sessions.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'
import { type DailyAnswer, lastFinishedDate, type Question } from './daily-answers.ts'

/** What the job keeps of a symbol for its next run. Times are milliseconds since the epoch. */
export interface BarsMemory extends BarHistory {
  readonly quoteCurrency: string | null
  /** Another currency that the last answer named for the same prices. */
  readonly doubtedCurrency: string | null
  /** When the provider last answered; `null` before the first answer. */
  readonly fetchedAt: number | null
  /** How many answers there were on the last such day in New York, and the time of the newest. */
  readonly tries: { readonly date: string; readonly count: number; readonly at: number }
}

/** The memory after an answer, and what could not be used of that. */
export interface MemoryUpdate {
  readonly memory: BarsMemory
  readonly lost: readonly LostRow[]
  /** Why the answer is not used; what was stored stays. */
  readonly distrusted: readonly string[]
}

export const NO_MEMORY: BarsMemory = {
  ...NO_HISTORY,
  doubtedCurrency: null,
  quoteCurrency: null,
  fetchedAt: null,
  tries: { date: '', count: 0, at: 0 },
}

const DOUBTED_BAR =
  'expected the bar that two answers had, got another one; it is used if the next answer repeats it'

/**
 * The memory after an answer.
 *
 * @throws {RefreshError} `malformed` when the unit of the prices switched
 */
export function afterAnswer(
  before: BarsMemory,
  { bars, quoteCurrency, undelivered, lost }: DailyAnswer,
  { symbol, now }: Question,
): MemoryUpdate {
  const date = newYorkDate(now)
  const count = before.tries.date === date ? before.tries.count + 1 : 1
  const answered = { fetchedAt: now, tries: { date, count, at: now } }
  const shortage = shortageOf(symbol, before.bars, bars)
  if (shortage !== undefined) return { memory: { ...before, ...answered }, lost, distrusted: [shortage] }

  const { status, history, doubted } = extendHistory(before, bars, {
    lastFinished: bars.at(-1)?.date ?? lastFinishedDate({ symbol, now }),
    hasMinorUnit: hasMinorUnit(quoteCurrency ?? before.quoteCurrency, symbol),
    undelivered: [...undelivered, ...lost.flatMap(({ name }) => name ?? [])],
    now,
  })
  if (status === 'unit_switch')
    throw new RefreshError(
      'malformed',
      `unit_switch: the prices of ${symbol} are 100 times larger or smaller`,
    )
  const currency = currencyOf(before, quoteCurrency, status)
  return {
    memory: { ...history, ...currency.memory, ...answered },
    lost: [...lost, ...doubted.map((name) => ({ name, message: DOUBTED_BAR })), ...currency.lost],
    distrusted: [],
  }
}

/**
 * The currency after an answer. One that continues the stored prices keeps theirs, unless two answers in a row name the same
 * other one.
 */
function currencyOf(before: BarsMemory, answered: string | null, status: Extension['status']) {
  const stored = status === 'merged' ? before.quoteCurrency : null
  const isDoubted = stored !== null && answered !== null && answered !== stored
  if (!isDoubted || answered === before.doubtedCurrency)
    return { memory: { quoteCurrency: answered ?? stored, doubtedCurrency: null }, lost: [] }
  const message = `expected ${stored} for the same prices, got ${answered}; it is used if the next answer repeats it`
  return {
    memory: { quoteCurrency: stored, doubtedCurrency: answered },
    lost: [{ name: 'the currency', message }],
  }
}

/** An answer has a hundred bars or more. */
const MAX_EXPECTED = 100
const MIN_SHARE = 0.5

/**
 * An answer with fewer than half of the stored bars is not the whole series, unless it begins so late that it is another
 * one.
 */
function shortageOf(
  symbol: string,
  stored: readonly DailyBar[],
  fetched: readonly DailyBar[],
): string | undefined {
  const least = Math.ceil(MIN_SHARE * Math.min(stored.length, MAX_EXPECTED))
  const [newest, first] = [stored.at(-1), fetched[0]]
  const isOther = newest && first && first.date > newest.date && !isRecentBar(newest.date, first.date)
  if (isOther || fetched.length >= least) return undefined
  return `expected at least ${least} bars of ${symbol}, got ${fetched.length}`
}
