import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { type BarsMerge, type MergeOptions, mergeBars } from './merge-bars.ts'

/** The bars of one symbol, and what can still be undone of the answers from which they come. */
export interface BarHistory {
  /** Ascending by date, one per date, at most 400. */
  readonly bars: readonly DailyBar[]
  /** Dates of bars that came with a later answer than the first one, and that no other answer has confirmed yet. */
  readonly unconfirmed: readonly string[]
  /** Bars of an answer that differ from confirmed ones, by date: believed if the next answer repeats them. */
  readonly doubted: Readonly<Record<string, DailyBar>>
  /** Date of the newest bar when an answer contradicted the stored bars and replaced them; `null` if none did. */
  readonly restatedOn: string | null
  /** The same, of an answer whose closes are all the stored ones times one ratio, as after a split. */
  readonly rescaledOn: string | null
  /** The bars that it replaced, for 30 days. */
  readonly replaced: ReplacedBars | null
}

interface ReplacedBars {
  readonly bars: readonly DailyBar[]
  readonly restatedOn: string | null
  readonly rescaledOn: string | null
  /** When they were replaced; milliseconds since the epoch. */
  readonly at: number
}

/**
 * What became of an answer: that of {@link BarsMerge}, or `restored`, when it agrees with the bars that an earlier answer
 * had replaced.
 */
export interface Extension {
  readonly status: BarsMerge['status'] | 'restored'
  readonly history: BarHistory
  /** Dates of bars that are not used yet, because they contradict confirmed ones. */
  readonly doubted: readonly string[]
}

interface ExtensionOptions {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Dates of sessions that the answer has without a usable bar. */
  readonly undelivered: readonly string[]
}

export const NO_HISTORY: BarHistory = {
  bars: [],
  unconfirmed: [],
  doubted: {},
  restatedOn: null,
  rescaledOn: null,
  replaced: null,
}

const REPLACED_KEPT_MS = 30 * DAY_MS

/** So many common dates show that an answer continues a series. */
const MIN_COMMON_DATES = 5

/**
 * Merges an answer with the history of its symbol, so that one wrong answer costs nothing once the next good one is there:
 *
 * - An answer that contradicts only unconfirmed bars replaces those, and one that does not have their dates removes them.
 * - A bar that has the close of a confirmed one, but differs in the rest, is used if the next answer repeats it.
 * - A volume that an answer does not have any more is kept.
 * - An answer that contradicts the closes of confirmed bars replaces all bars, which are kept for 30 days.
 * - An answer that agrees with bars which were replaced restores them.
 *
 * @param fetched - the bars of one answer
 */
export function extendHistory(
  stored: BarHistory,
  fetched: readonly DailyBar[],
  options: MergeOptions & ExtensionOptions,
): Extension {
  const restored = restoredHistory(stored, fetched, options)
  const before = withoutDenied(restored ?? stored, fetched, options.undelivered)
  const current = byDate(before.bars)
  const rows = fetched.map((row) => withStoredVolume(row, current.get(row.date)))
  const doubts = new Set(doubtedBars(before, rows))
  const used = rows.map((row) => (doubts.has(row) ? (current.get(row.date) ?? row) : row))
  const extension = extended(before, used, options)
  if (extension.status === 'unit_switch') return { ...extension, history: stored, doubted: [] }
  if (extension.status === 'restated') return { ...extension, doubted: [] }
  const status = restored ? 'restored' : extension.status
  const contradicting = [...doubts].filter((row) => !isSameBar(current.get(row.date), row, MAX_DIFFERENCE))
  return {
    status,
    history: {
      ...extension.history,
      doubted: Object.fromEntries([...doubts].map((row) => [row.date, row])),
    },
    doubted: contradicting.map(({ date }) => date),
  }
}

/**
 * The history before its bars were replaced, if an answer continues those. The bars of the answer are compared with them, not
 * with the ones that replaced them.
 */
function restoredHistory(
  stored: BarHistory,
  fetched: readonly DailyBar[],
  options: MergeOptions & ExtensionOptions,
): BarHistory | undefined {
  const replaced = keptReplaced(stored, options.now)
  if (!replaced || !continuation(replaced.bars, fetched, options)) return undefined
  const { bars, restatedOn, rescaledOn } = replaced
  return { ...NO_HISTORY, bars, restatedOn, rescaledOn }
}

function extended(
  before: BarHistory,
  rows: readonly DailyBar[],
  options: MergeOptions & ExtensionOptions,
): { readonly status: BarsMerge['status']; readonly history: BarHistory } {
  const replaced = keptReplaced(before, options.now)
  const merge = mergeBars(before.bars, rows, options)
  if (merge.status === 'unit_switch') return { status: merge.status, history: before }

  if (merge.status !== 'restated') {
    const unconfirmed = stillUnconfirmed(before, merge.bars, rows)
    return { status: merge.status, history: { ...before, bars: merge.bars, unconfirmed, replaced } }
  }

  const confirmed = before.bars.filter(({ date }) => !before.unconfirmed.includes(date))
  const corrected = continuation(confirmed, rows, options)
  if (corrected) {
    const unconfirmed = newDates(corrected, confirmed)
    return { status: 'merged', history: { ...before, bars: corrected, unconfirmed, replaced } }
  }
  const { bars: old, restatedOn, rescaledOn } = before
  const date = merge.bars.at(-1)?.date ?? null
  const history = {
    ...NO_HISTORY,
    bars: merge.bars,
    restatedOn: date,
    rescaledOn: merge.ratio === null ? rescaledOn : date,
    replaced: replaced ?? { bars: old, restatedOn, rescaledOn, at: options.now },
  }
  return { status: 'restated', history }
}

/** The bars with those of an answer, if that continues them. */
function continuation(
  bars: readonly DailyBar[],
  rows: readonly DailyBar[],
  options: MergeOptions,
): readonly DailyBar[] | undefined {
  const merge = mergeBars(bars, rows, options)
  return merge.status === 'merged' && commonDates(bars, rows) >= MIN_COMMON_DATES ? merge.bars : undefined
}

/** Prices that differ by less are rounded differently: they are no contradiction. */
const MAX_DIFFERENCE = 0.005
const MAX_VOLUME_DIFFERENCE = 0.5

/** The bars of an answer that have about the close of a confirmed one and differ from it, but for those that it repeats. */
function doubtedBars({ bars, unconfirmed, doubted }: BarHistory, rows: readonly DailyBar[]) {
  const confirmed = byDate(bars)
  for (const date of unconfirmed) confirmed.delete(date)
  return rows.filter((row) => {
    const stored = confirmed.get(row.date)
    if (!stored || !isClose(stored.close, row.close, MAX_DIFFERENCE)) return false
    return !isSameBar(stored, row, 0) && !isSameBar(doubted[row.date], row, MAX_DIFFERENCE)
  })
}

/** @param share - largest difference of a price */
function isSameBar(a: DailyBar | undefined, b: DailyBar, share: number): boolean {
  if (!a) return false
  const hasPrices = (['open', 'high', 'low', 'close'] as const).every((name) =>
    isClose(a[name], b[name], share),
  )
  // a volume that is delivered later is news, not a contradiction
  if (a.volume === null || b.volume === null) return hasPrices
  const volumeShare = share === 0 ? 0 : MAX_VOLUME_DIFFERENCE
  return hasPrices && isClose(a.volume, b.volume, volumeShare)
}

/** The bar with the stored volume, if the answer has none any more, or 0. */
function withStoredVolume(row: DailyBar, stored: DailyBar | undefined): DailyBar {
  if (row.volume || !stored || !isClose(stored.close, row.close, MAX_DIFFERENCE)) return row
  return { ...row, volume: stored.volume }
}

function isClose(a: number, b: number, share: number): boolean {
  return Math.abs(a - b) <= share * Math.max(a, b)
}

function keptReplaced({ replaced }: BarHistory, now: number): ReplacedBars | null {
  return replaced && now - replaced.at < REPLACED_KEPT_MS ? replaced : null
}

/** The history without unconfirmed bars before the newest one of an answer that does not have them. */
function withoutDenied(
  history: BarHistory,
  rows: readonly DailyBar[],
  undelivered: readonly string[],
): BarHistory {
  const dates = new Set([...rows.map(({ date }) => date), ...undelivered])
  const isDenied = (date: string) => !dates.has(date) && rows.some((row) => row.date > date)
  const denied = new Set(history.unconfirmed.filter(isDenied))
  if (denied.size === 0) return history
  return {
    ...history,
    bars: history.bars.filter(({ date }) => !denied.has(date)),
    unconfirmed: history.unconfirmed.filter((date) => !denied.has(date)),
  }
}

/** A bar is confirmed when a second answer has the same one. */
function stillUnconfirmed(
  { bars: before, unconfirmed }: BarHistory,
  bars: readonly DailyBar[],
  rows: readonly DailyBar[],
): readonly string[] {
  if (before.length === 0) return []
  const current = byDate(before)
  const confirmed = new Set(
    rows.filter((row) => isSameBar(current.get(row.date), row, 0)).map(({ date }) => date),
  )
  const open = new Set([...unconfirmed.filter((date) => !confirmed.has(date)), ...newDates(bars, before)])
  return bars.map(({ date }) => date).filter((date) => open.has(date))
}

function newDates(bars: readonly DailyBar[], before: readonly DailyBar[]): readonly string[] {
  const current = byDate(before)
  return bars.map(({ date }) => date).filter((date) => !current.has(date))
}

function commonDates(bars: readonly DailyBar[], rows: readonly DailyBar[]): number {
  const current = byDate(bars)
  return rows.filter(({ date }) => current.has(date)).length
}

function byDate(bars: readonly DailyBar[]): Map<string, DailyBar> {
  return new Map(bars.map((bar) => [bar.date, bar]))
}
