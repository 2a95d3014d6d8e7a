import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { isCalendarDate } from '#shared/domain/time.ts'
import { pricesFault } from '../candles.ts'

/** One day of a provider's answer, in which anything may be absent. */
export interface DailyRow {
  readonly date: string
  readonly open: number | null
  readonly high: number | null
  readonly low: number | null
  readonly close: number | null
  readonly volume: number | null
}

/** Why a row is not used. `duplicate_date`: rows of one date differ. */
export type RowRejection =
  | 'invalid_date'
  | 'after_last_session'
  | 'missing_price'
  | 'non_positive_price'
  | 'inconsistent_prices'
  | 'duplicate_date'

/** A row that is not used. */
export interface Rejection {
  readonly date: string
  readonly reason: RowRejection
}

/**
 * Separates the bars of an answer, ascending and one per date, from the rows that are not used. A row is used only if it
 * has all four prices, they are positive and agree with each other, and its session is finished. A volume that is not a
 * number of 0 or more becomes `null`.
 *
 * @param lastFinished - newest date whose bar is final, `YYYY-MM-DD`
 */
export function readRows(
  rows: readonly DailyRow[],
  lastFinished: string,
): { readonly bars: readonly DailyBar[]; readonly rejections: readonly Rejection[] } {
  const byDate = new Map<string, DailyBar>()
  const ambiguous = new Set<string>()
  const rejections: Rejection[] = []
  for (const row of rows) {
    const bar = barOf(row, lastFinished)
    if (typeof bar === 'string') {
      rejections.push({ date: row.date, reason: bar })
      continue
    }
    const other = byDate.get(bar.date)
    if (other !== undefined && !isSameBar(bar, other)) ambiguous.add(bar.date)
    byDate.set(bar.date, bar)
  }
  for (const date of ambiguous) {
    byDate.delete(date)
    rejections.push({ date, reason: 'duplicate_date' })
  }
  return { bars: ascending([...byDate.values()]), rejections }
}

/** The bar of a row, or why there is none. */
function barOf({ date, volume, ...row }: DailyRow, lastFinished: string): DailyBar | RowRejection {
  if (!isCalendarDate(date)) return 'invalid_date'
  if (date > lastFinished) return 'after_last_session'
  const { open, high, low, close } = row
  if (!isNumber(open) || !isNumber(high) || !isNumber(low) || !isNumber(close)) return 'missing_price'
  if (Math.min(open, high, low, close) <= 0) return 'non_positive_price'
  if (pricesFault({ open, high, low, close }) !== undefined) return 'inconsistent_prices'
  return { date, open, high, low, close, volume: isNumber(volume) && volume >= 0 ? volume : null }
}

function isNumber(value: number | null): value is number {
  return Number.isFinite(value)
}

function isSameBar(a: DailyBar, b: DailyBar): boolean {
  return (['open', 'high', 'low', 'close', 'volume'] as const).every((name) => a[name] === b[name])
}

/** Bars by date, oldest first. */
export function ascending(bars: readonly DailyBar[]): readonly DailyBar[] {
  return bars.toSorted((a, b) => (a.date < b.date ? -1 : 1))
}
