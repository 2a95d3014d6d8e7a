import { DAY_MS } from '#shared/domain/duration.ts'
import { isoText } from '#shared/domain/time.ts'
import { finiteOrNull } from '../series.ts'
import type { Frequency } from './periods.ts'

/** One observation of a series. Its date is the first day of its period. */
export interface Observation {
  /** `YYYY-MM-DD` */
  readonly date: string
  readonly value: number
}

/** Unit of a change: percent of the reference, or percentage points. */
export type ChangeUnit = 'percent' | 'pp'

/** The months of each change. */
const MONTHS = { '1m': 1, '3m': 3, '1y': 12 } as const

type Span = keyof typeof MONTHS

const SPANS = Object.keys(MONTHS) as Span[]

/** A reference may be this much older than its target: less than a period, so that a missing one is not replaced. */
const MAX_REFERENCE_AGE_DAYS: Readonly<Record<Frequency, number>> = {
  'calendar-daily': 10,
  daily: 10,
  weekly: 6,
  monthly: 20,
  quarterly: 60,
}

/** A newest observation that is older, from its own date, belongs to a series that has ended or stands still. */
const MAX_OBSERVATION_AGE_DAYS: Readonly<Record<Frequency, number>> = {
  'calendar-daily': 10,
  daily: 10,
  weekly: 21,
  monthly: 110,
  quarterly: 240,
}

/** The newest observation and its changes; each change with the date of its reference, both `null` without one. */
export type IndicatorChanges = Readonly<Record<`change_${Span}`, number | null>> &
  Readonly<Record<`reference_date_${Span}`, string | null>> & {
    readonly value: number
    readonly date: string
  }

/**
 * The changes of a series over calendar months. The reference is the newest observation on or before the day that is so
 * many months earlier (the last day of a shorter month), unless that is too old; rows are never counted. A quarterly series
 * has no change of a month.
 *
 * @param observations - in any order, each date once
 * @returns `null` without an observation
 */
export function indicatorChanges(
  observations: readonly Observation[],
  { frequency, unit }: { readonly frequency: Frequency; readonly unit: ChangeUnit },
): IndicatorChanges | null {
  const ascending = observations.toSorted((a, b) => (a.date < b.date ? -1 : 1))
  const newest = ascending.at(-1)
  if (!newest) return null
  const members = SPANS.flatMap((span): (readonly [string, number | string | null])[] => {
    const isTooShort = frequency === 'quarterly' && MONTHS[span] < MONTHS['3m']
    const reference = isTooShort ? undefined : referenceOf(ascending, newest.date, MONTHS[span], frequency)
    return [
      [`change_${span}`, reference ? changeOf(newest.value, reference.value, unit) : null],
      [`reference_date_${span}`, reference?.date ?? null],
    ]
  })
  return { value: newest.value, date: newest.date, ...Object.fromEntries(members) } as IndicatorChanges
}

/**
 * Whether the newest observation is recent enough for its frequency.
 *
 * @param maxAgeDays - of a series that is published later than others of its frequency
 */
export function isRecentObservation(
  date: string,
  frequency: Frequency,
  now: number,
  maxAgeDays = MAX_OBSERVATION_AGE_DAYS[frequency],
): boolean {
  return Math.floor((now - Date.parse(date)) / DAY_MS) <= maxAgeDays
}

function referenceOf(
  ascending: readonly Observation[],
  date: string,
  months: number,
  frequency: Frequency,
): Observation | undefined {
  const target = monthsBefore(date, months)
  const reference = ascending.findLast((observation) => observation.date <= target)
  if (!reference) return undefined
  const ageDays = (Date.parse(target) - Date.parse(reference.date)) / DAY_MS
  return ageDays <= MAX_REFERENCE_AGE_DAYS[frequency] ? reference : undefined
}

/** A day so many calendar months before; the last day of its month if that is shorter. */
export function monthsBefore(date: string, months: number): string {
  const at = new Date(date)
  const month = at.getUTCMonth() - months
  // day 0 of the next month is the last of this one
  const lastDay = new Date(Date.UTC(at.getUTCFullYear(), month + 1, 0)).getUTCDate()
  const day = Math.min(at.getUTCDate(), lastDay)
  return isoText(Date.UTC(at.getUTCFullYear(), month, day)).slice(0, 10)
}

function changeOf(value: number, reference: number, unit: ChangeUnit): number | null {
  if (unit === 'pp') return finiteOrNull(value - reference)
  return reference === 0 ? null : finiteOrNull(100 * (value / reference - 1))
}
