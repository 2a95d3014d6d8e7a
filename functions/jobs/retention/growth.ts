import { DAY_MS } from '#shared/domain/duration.ts'
import type { DatasetRetention } from '#shared/domain/records/retention.ts'
import { datasetName } from './dataset-names.ts'

/** A dataset that grows by more than this share within seven days is reported. */
export const MAX_GROWTH = 0.5

/** With fewer entries, a few new ones would be a large share. */
const MIN_ENTRIES = 100

const COMPARED_MS = 7 * DAY_MS

/** A count that is so much newer or older than seven days is not compared. */
const TOLERANCE_MS = DAY_MS

/**
 * A dataset is judged once it has had entries for so long: from then on, the same number of new rows every day is less than
 * half of what a week before was stored, also while none is old enough to be deleted.
 */
const NEW_FOR_MS = 21 * DAY_MS

/** The entries of each dataset on one day, by job. `at` in milliseconds since the epoch. */
export interface DailyCount {
  readonly at: number
  readonly entries: Readonly<Record<string, number>>
}

/** A dataset that has grown. */
export interface Growth {
  readonly dataset: string
  readonly entries: number
  readonly before: number
  /** Whole days between the two counts. */
  readonly daysBefore: number
  /** 0.6 for 60 % more entries. */
  readonly share: number
}

/**
 * The counts of the last 22 days, one a day in UTC: a later one of the same day replaces those of the datasets that it has.
 */
export function dailyCounts(
  former: readonly DailyCount[],
  datasets: readonly DatasetRetention[],
  now: number,
): readonly DailyCount[] {
  const kept = former.filter(({ at }) => at >= now - NEW_FOR_MS - TOLERANCE_MS)
  const today = kept.find(({ at }) => dayOf(at) === dayOf(now))
  const entries = Object.fromEntries(
    datasets.flatMap((dataset) => {
      const count = entriesOf(dataset)
      return count === undefined ? [] : [[dataset.job, count]]
    }),
  )
  return [...kept.filter((count) => count !== today), { at: now, entries: { ...today?.entries, ...entries } }]
}

/** The datasets of at least 100 entries, for 21 days or more, that have over 50 % more than seven days before. */
export function datasetGrowth(
  counts: readonly DailyCount[],
  datasets: readonly DatasetRetention[],
  now: number,
): readonly Growth[] {
  return datasets.flatMap((dataset) => {
    const entries = entriesOf(dataset)
    const reference = countOfWeekBefore(counts, dataset.job, now)
    if (entries === undefined || reference === undefined || entries < MIN_ENTRIES) return []
    if (isNew(counts, dataset.job, now)) return []
    const { at, before } = reference
    if (entries <= before * (1 + MAX_GROWTH)) return []
    const share = (entries - before) / before
    const daysBefore = Math.round((now - at) / DAY_MS)
    return [{ dataset: datasetName(dataset.job), entries, before, daysBefore, share }]
  })
}

/** Whether a dataset has not had entries in all counts since 21 days before, a day less at most. */
function isNew(counts: readonly DailyCount[], job: string, now: number): boolean {
  const ofJob = counts.filter(({ entries }) => entries[job] !== undefined)
  const lastEmptyAt = ofJob.findLast(({ entries }) => entries[job] === 0)?.at ?? Number.NEGATIVE_INFINITY
  const first = ofJob.find(({ at }) => at > lastEmptyAt)
  return first === undefined || first.at > now - NEW_FOR_MS + TOLERANCE_MS
}

/** The count closest to seven days before. */
function countOfWeekBefore(counts: readonly DailyCount[], job: string, now: number) {
  const distance = ({ at }: { readonly at: number }) => Math.abs(now - COMPARED_MS - at)
  return counts
    .flatMap(({ at, entries }) => {
      const before = entries[job]
      return before === undefined ? [] : [{ at, before }]
    })
    .filter((count) => distance(count) <= TOLERANCE_MS)
    .toSorted((a, b) => distance(a) - distance(b))[0]
}

/** Items and rows of history; `undefined` when they were not counted. */
function entriesOf({ items, historyRows }: DatasetRetention): number | undefined {
  return historyRows === null ? undefined : (items ?? 0) + historyRows
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS)
}
