import { DAY_MS } from '#shared/domain/duration.ts'
import { isoText } from '#shared/domain/time.ts'
import { driftFunction, hashFraction } from './seeded-values.ts'

type Frequency = 'calendar-daily' | 'daily' | 'weekly' | 'monthly' | 'quarterly'

/** One economic series. Its name is real, all values are invented. */
export interface EconomicSeries {
  readonly id: string
  readonly frequency: Frequency
  /** Value at the beginning of 2020, and its growth a year as a fraction. */
  readonly level: number
  readonly growth: number
  /** By which fraction of its level it moves around its trend; below 1. */
  readonly amplitude: number
  /** Days from the end of a period to its publication. */
  readonly delayDays: number
  readonly digits: number
}

const ROWS: readonly (readonly [
  id: string,
  frequency: Frequency,
  level: number,
  growth: number,
  amplitude: number,
  delayDays: number,
  digits: number,
])[] = [
  ['DFF', 'calendar-daily', 3.6, 0, 0.25, 1, 2],
  ['DGS10', 'daily', 4.2, 0, 0.15, 1, 2],
  ['DGS2', 'daily', 3.8, 0, 0.2, 1, 2],
  ['T10Y2Y', 'daily', 0.4, 0, 0.9, 0, 2],
  ['M2SL', 'monthly', 15_400, 0.05, 0.01, 25, 1],
  ['CPIAUCSL', 'monthly', 258, 0.032, 0.004, 12, 3],
  ['CPILFESL', 'monthly', 267, 0.031, 0.003, 12, 3],
  ['PCE', 'monthly', 14_700, 0.055, 0.006, 28, 1],
  ['GDPC1', 'quarterly', 20_900, 0.022, 0.004, 28, 3],
  ['A191RL1Q225SBEA', 'quarterly', 2.3, 0, 0.8, 28, 1],
  ['UNRATE', 'monthly', 4.2, 0, 0.12, 6, 1],
  ['ICSA', 'weekly', 225_000, 0, 0.08, 5, 0],
  ['INDPRO', 'monthly', 101, 0.006, 0.02, 16, 4],
  ['RSXFS', 'monthly', 455_000, 0.045, 0.01, 16, 0],
  ['HOUST', 'monthly', 1_380, 0, 0.1, 18, 0],
  ['UMCSENT', 'monthly', 68, 0, 0.18, 35, 1],
  ['VIXCLS', 'daily', 18, 0, 0.4, 1, 2],
]

/** Every series of the simulation. */
export const economicSeries: readonly EconomicSeries[] = ROWS.map(
  ([id, frequency, level, growth, amplitude, delayDays, digits]) => ({
    id,
    frequency,
    level,
    growth,
    amplitude,
    delayDays,
    digits,
  }),
)

/** A period of a series: its first day, and the first day after it. */
export interface Period {
  readonly date: string
  readonly startAt: number
  readonly endAt: number
}

const FIRST_YEAR = 2015
const MONTHS = { monthly: 1, quarterly: 3 } as const

/** The published periods of a series, oldest first. */
export function publishedPeriods({ frequency, delayDays }: EconomicSeries, now: number): Period[] {
  const all =
    frequency === 'monthly' || frequency === 'quarterly'
      ? monthPeriods(MONTHS[frequency], now)
      : dayPeriods(frequency === 'weekly' ? 7 : 1, now)
  return all.filter(
    ({ startAt, endAt }) =>
      endAt + delayDays * DAY_MS <= now && (frequency !== 'daily' || !isWeekend(startAt)),
  )
}

function monthPeriods(months: number, now: number): Period[] {
  const until = new Date(now)
  const count = (until.getUTCFullYear() - FIRST_YEAR) * 12 + until.getUTCMonth()
  return Array.from({ length: Math.floor(count / months) }, (_, index) =>
    period(Date.UTC(FIRST_YEAR, index * months), Date.UTC(FIRST_YEAR, (index + 1) * months)),
  )
}

/** Weeks end on Saturdays, which is also their date. */
function dayPeriods(days: number, now: number): Period[] {
  // a Saturday
  const first = Date.UTC(FIRST_YEAR, 0, 3)
  const count = Math.floor((now - first) / (days * DAY_MS))
  return Array.from({ length: count }, (_, index) => {
    const startAt = first + index * days * DAY_MS
    return period(startAt, startAt + DAY_MS)
  })
}

function period(startAt: number, endAt: number): Period {
  return { date: isoText(startAt).slice(0, 10), startAt, endAt }
}

function isWeekend(at: number): boolean {
  return [0, 6].includes(new Date(at).getUTCDay())
}

const HOLIDAYS = ['01-01', '06-19', '07-04', '11-11', '12-25']

/** The month of the shutdown of the government, which was never published. */
const MISSING_MONTH = '2025-10-01'
const WITHOUT_MONTH = ['UNRATE', 'CPIAUCSL', 'CPILFESL']

/** A first value is replaced a month after its publication. */
const REVISED_AFTER_DAYS = 30
const REVISION_SHARE = 0.002

/** The values of a series at a time, as text; `undefined` for a period without a value. */
export function seriesValues(
  seed: number,
  series: EconomicSeries,
  now: number,
): (period: Period) => string | undefined {
  const { id, frequency, level, growth, amplitude, delayDays, digits } = series
  const drift = driftFunction(seed, id, amplitude)
  const isRevised = frequency === 'monthly' || frequency === 'quarterly'
  return ({ date, startAt, endAt }) => {
    const hasNone =
      (frequency === 'daily' && HOLIDAYS.includes(date.slice(5))) ||
      (date === MISSING_MONTH && WITHOUT_MONTH.includes(id))
    if (hasNone) return undefined
    const years = (startAt - Date.UTC(2020, 0)) / (365.25 * DAY_MS)
    const isFirst = isRevised && now < endAt + (delayDays + REVISED_AFTER_DAYS) * DAY_MS
    const revision = isFirst ? 1 + REVISION_SHARE * (hashFraction(`${date} first ${id} ${seed}`) - 0.5) : 1
    // a day of the economy is an hour of the drift
    const value = level * (1 + growth) ** years * drift(startAt / DAY_MS) * revision
    return value.toFixed(digits)
  }
}
