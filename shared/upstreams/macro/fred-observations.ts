import * as z from 'zod/mini'
import { type Bounds, calendarDate, figure, orNullIfPoint, rowList } from '../fields.ts'
import { expectFewLost, type LostRow, readRows, withoutFaults } from '../rows.ts'

/** The unit in which FRED gives a series: `lin` is its own, `pc1` the change from a year before in percent. */
export type FredUnits = 'lin' | 'pc1'

/** What a call asks for. */
interface FredQuestion {
  readonly seriesId: string
  readonly units: FredUnits
  /** Number of the newest observations, missing ones included. */
  readonly limit: number
}

/** What an answer has to agree with. */
interface FredExpectation extends Omit<FredQuestion, 'seriesId'> {
  /** Bounds of a value of the series, in the unit of the question. */
  readonly bounds: Bounds
  /** Whether a period of the series can have a date, `YYYY-MM-DD`. */
  readonly isPeriodDate: (date: string) => boolean
  /** Date of the newest period that can have a value, `YYYY-MM-DD`. */
  readonly newestDate: string
}

/** The observations of one series. The answer does not name the series. */
export interface FredObservations {
  /** Newest first, each date once. Empty for a series without a value. */
  readonly observations: readonly FredObservation[]
  /** Dates without a value, newest first: holidays, and periods for which none will ever be published. */
  readonly missing: readonly string[]
  /** Rows that cannot be used. */
  readonly lost: readonly LostRow[]
}

/** A value and the first day of its period, `YYYY-MM-DD`. */
interface FredObservation {
  readonly date: string
  readonly value: number
}

/** What does not depend on the series, and is repeated in an answer. */
const FIXED = { file_type: 'json', sort_order: 'desc' } as const

/** An answer with more unusable rows is not believed. */
const MAX_LOST_SHARE = 0.1

/** The call for the newest observations of a series. Without a real-time parameter they are those of today. */
export function fredObservationsCall({ seriesId, units, limit }: FredQuestion) {
  return {
    path: '/fred/series/observations',
    query: { series_id: seriesId, ...FIXED, limit: String(limit), units },
  }
}

const body = z.object({
  file_type: z.unknown(),
  sort_order: z.unknown(),
  units: z.unknown(),
  limit: z.unknown(),
  observations: rowList(),
})

/**
 * Parses an answer of `series/observations`. FRED ignores parameters that it does not know, so the answer has to repeat
 * those of the question. It does not name the series either: a value beyond the bounds of the series, and a date with which
 * no period of it begins, are of another one, and their rows are lost. `realtime_start` of a row is the day of the request,
 * not of a publication, and is not read.
 *
 * @throws {TypeError} for an answer to another question, an observation of a later period than the newest, and too many unusable rows
 * @throws {z.core.$ZodError} for a body of another form
 * @see https://fred.stlouisfed.org/docs/api/fred/series_observations.html
 */
export function parseFredObservations(
  answer: unknown,
  { units, limit, bounds, isPeriodDate, newestDate }: FredExpectation,
): FredObservations {
  const { observations: list, ...echo } = body.parse(answer)
  for (const [name, requested] of Object.entries({ ...FIXED, units, limit }))
    expectEcho(name, requested, echo[name as keyof typeof echo])
  const row = z.object({
    date: calendarDate(),
    value: orNullIfPoint(figure('text', bounds)),
  })
  const dateOf = ({ date }: { readonly date: string }) => date
  const { rows, lost } = withoutFaults(
    readRows(list, row, dateOf, 'date'),
    ({ date }) => (isPeriodDate(date) ? undefined : `expected the date of a period, got ${date}`),
    dateOf,
  )
  expectFewLost('observations', lost, { total: list.length, maxShare: MAX_LOST_SHARE })
  const newestFirst = rows.toSorted((a, b) => (a.date > b.date ? -1 : 1))
  expectUpTo(newestDate, newestFirst[0]?.date)
  return {
    observations: newestFirst.flatMap(({ date, value }) =>
      value === null ? [] : [{ date, value: Number(value) }],
    ),
    missing: newestFirst.flatMap(({ date, value }) => (value === null ? [date] : [])),
    lost,
  }
}

function expectEcho(name: string, requested: string | number, answered: unknown): void {
  if (String(answered) !== String(requested))
    throw new TypeError(`expected an answer with ${name} ${requested}, got ${String(answered).slice(0, 20)}`)
}

function expectUpTo(newestDate: string, date: string | undefined): void {
  if (date !== undefined && date > newestDate)
    throw new TypeError(`expected observations up to ${newestDate}, got one of ${date}`)
}
