import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { ascending, type DailyRow, type Rejection, type RowRejection, readRows } from './daily-bars.ts'
import { isRecentBar } from './sessions.ts'

export interface MergeOptions {
  /** Newest date whose bar is final, `YYYY-MM-DD`. */
  readonly lastFinished: string
  /** Whether the prices may switch to a hundredth of their currency. */
  readonly hasMinorUnit: boolean
}

interface Merge {
  /** Ascending by date, one per date, at most 400, with no more than 7 weekdays between two of them. */
  readonly bars: readonly DailyBar[]
  /** Number of rows that are not used, by reason. */
  readonly rejected: Readonly<Partial<Record<RowRejection, number>>>
  /** Dates of rejected rows, up to the last final one, that have no bar: sessions to request again, not holidays. */
  readonly undelivered: readonly string[]
}

/**
 * What became of an answer. `merged`: by date, and where both have a date the answer's bar holds. `restated`: the answer
 * contradicts the stored closes and replaces all bars; `ratio` is stored over new close if that is the same for all dates,
 * else `null`. `disconnected`: the two share no date and lie too far apart, so that only the newer ones are kept.
 * `unit_switch`: prices are 100 times larger or smaller, so that nothing is merged and the stored bars stay.
 */
export type BarsMerge =
  | (Merge & { readonly status: 'merged' | 'disconnected' | 'unit_switch' })
  | (Merge & { readonly status: 'restated'; readonly ratio: number | null })

const MAX_BARS = 400
const MAX_DISAGREEMENT = 0.005
const HUNDRED = 100
const HUNDRED_TOLERANCE = 0.15

/**
 * Merges a provider's answer with the stored bars. The order of the rows does not matter, and merging the same answer
 * again changes no bar. Which rows are used: {@link readRows}.
 *
 * @param stored - a former merge: valid and ascending
 */
export function mergeBars(
  stored: readonly DailyBar[],
  rows: readonly DailyRow[],
  { lastFinished, hasMinorUnit }: MergeOptions,
): BarsMerge {
  const { bars: fetched, rejections } = readRows(rows, lastFinished)
  const byDate = new Map([...stored, ...fetched].map((bar) => [bar.date, bar]))
  const united = ascending([...byDate.values()])
  const ratios = closeRatios(stored, fetched)
  const result = (bars: readonly DailyBar[]) =>
    mergeOf(afterGap(bars).slice(-MAX_BARS), rejections, lastFinished)

  if (hasMinorUnit && switchesUnit(united, fetched, ratios)) {
    return { status: 'unit_switch', ...result(stored) }
  }
  if (ratios.some((ratio) => Math.abs(1 / ratio - 1) > MAX_DISAGREEMENT)) {
    return { status: 'restated', ratio: constantRatio(ratios), ...result(fetched) }
  }
  if (ratios.length === 0 && isDisconnected(stored, fetched)) {
    return { status: 'disconnected', ...result(newestDate(stored) > newestDate(fetched) ? stored : fetched) }
  }
  return { status: 'merged', ...result(united) }
}

/** Stored close over the answer's close, for each date that both have. */
function closeRatios(stored: readonly DailyBar[], fetched: readonly DailyBar[]): readonly number[] {
  const closes = new Map(stored.map(({ date, close }) => [date, close]))
  return fetched.flatMap(({ date, close }) => {
    const other = closes.get(date)
    return other === undefined ? [] : [other / close]
  })
}

/**
 * Whether a bar of the answer is 100 times off: from its stored version, within itself, or from the bar before it, in the
 * united series and in the answer alone, which may replace the series.
 */
function switchesUnit(
  united: readonly DailyBar[],
  fetched: readonly DailyBar[],
  ratios: readonly number[],
): boolean {
  const isFetched = new Set(fetched)
  const isStep = (bar: DailyBar, index: number, bars: readonly DailyBar[]) => {
    const before = bars[index - 1] ?? bar
    return (isFetched.has(bar) || isFetched.has(before)) && isHundredfold(before.close / bar.close)
  }
  return (
    ratios.some(isHundredfold) ||
    fetched.some(({ high, low }) => isHundredfold(high / low)) ||
    united.some(isStep) ||
    fetched.some(isStep)
  )
}

function isHundredfold(ratio: number): boolean {
  return Math.abs(Math.max(ratio, 1 / ratio) / HUNDRED - 1) <= HUNDRED_TOLERANCE
}

/** The ratio that all common dates share within the allowed disagreement; `null` without one. */
function constantRatio(ratios: readonly number[]): number | null {
  const middle = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] as number
  const isConstant = ratios.every((ratio) => Math.abs(ratio / middle - 1) <= MAX_DISAGREEMENT)
  return isConstant && Number.isFinite(middle) ? middle : null
}

/** The bars after the newest gap that no indicator may span. */
function afterGap(bars: readonly DailyBar[]): readonly DailyBar[] {
  const last = bars.findLastIndex(({ date }, index) => {
    const before = bars[index - 1]
    return before !== undefined && !isRecentBar(before.date, date)
  })
  return bars.slice(Math.max(0, last))
}

/** Whether so many sessions are missing between the two that no indicator may span them. */
function isDisconnected(stored: readonly DailyBar[], fetched: readonly DailyBar[]): boolean {
  const [firstStored] = stored
  const [firstFetched] = fetched
  if (!firstStored || !firstFetched) return false
  const isNewer = firstFetched.date > newestDate(stored)
  if (isNewer) return !isRecentBar(newestDate(stored), firstFetched.date)
  return firstStored.date > newestDate(fetched) && !isRecentBar(newestDate(fetched), firstStored.date)
}

function newestDate(bars: readonly DailyBar[]): string {
  return bars.at(-1)?.date ?? ''
}

function mergeOf(bars: readonly DailyBar[], rejections: readonly Rejection[], lastFinished: string): Merge {
  const dates = new Set(bars.map(({ date }) => date))
  const undelivered = rejections.flatMap(({ date, reason }) =>
    reason === 'invalid_date' || date > lastFinished || dates.has(date) ? [] : [date],
  )
  const rejected: Partial<Record<RowRejection, number>> = {}
  for (const { reason } of rejections) rejected[reason] = (rejected[reason] ?? 0) + 1
  return { bars, rejected, undelivered: [...new Set(undelivered)].sort() }
}
