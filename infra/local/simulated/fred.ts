import { SECOND_MS } from '#shared/domain/duration.ts'
import { localDate } from '#shared/domain/time.ts'
import {
  type EconomicSeries,
  economicSeries,
  type Period,
  publishedPeriods,
  seriesValues,
} from './model/economy.ts'
import { jsonResponse, type SimulatedProvider, type SimulatedResponse } from './model/provider.ts'

const ZONE = 'America/Chicago'
const CALLS_A_SECOND = 2
const MAX_LIMIT = 100_000

/**
 * FRED's observations of economic series. Holidays and the month of a shutdown have no value, the newest months are revised.
 * Unknown parameters are ignored; without `file_type=json` the answer is XML.
 *
 * @see https://fred.stlouisfed.org/docs/api/fred/series_observations.html
 */
export const fred: SimulatedProvider = (seed, now, path, query, earlierCalls = []) => {
  if (earlierCalls.filter((at) => at <= now && now - at < SECOND_MS).length >= CALLS_A_SECOND)
    return errorResponse(429, 'Too Many Requests.  Exceeded Rate Limit')
  if (path !== '/fred/series/observations') return errorResponse(404, 'Not Found.  No such path.')
  if (!query.get('api_key')) return xmlResponse(400, 'Bad Request.  Variable api_key has not been set.')
  if (query.get('file_type') !== 'json')
    return xmlResponse(400, 'Bad Request.  The simulation has no XML data.')
  const series = economicSeries.find(({ id }) => id === query.get('series_id'))
  if (!series) return errorResponse(400, 'Bad Request.  The series does not exist.')
  const units = query.get('units') ?? 'lin'
  const limit = Number(query.get('limit') ?? MAX_LIMIT)
  if (!(limit >= 1 && limit <= MAX_LIMIT) || (units !== 'lin' && units !== 'pc1'))
    return errorResponse(400, 'Bad Request.  The value of a variable is not valid.')
  return jsonResponse(200, observations(seed, now, series, query, { units, limit }))
}

function errorResponse(error_code: number, error_message: string): SimulatedResponse {
  return jsonResponse(error_code, { error_code, error_message })
}

/** Some errors are XML, also when JSON was requested. */
function xmlResponse(status: number, message: string): SimulatedResponse {
  return {
    status,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: `<?xml version="1.0" encoding="utf-8" ?>\n<error code="${status}" message="${message}"/>`,
  }
}

interface Answered {
  readonly units: 'lin' | 'pc1'
  readonly limit: number
}

function observations(
  seed: number,
  now: number,
  series: EconomicSeries,
  query: URLSearchParams,
  { units, limit }: Answered,
) {
  const today = localDate(ZONE, now)
  const sort_order = query.get('sort_order') === 'desc' ? 'desc' : 'asc'
  const periods = publishedPeriods(series, now)
  const levels = seriesValues(seed, series, now)
  const values = units === 'pc1' ? yearChanges(periods, levels) : levels
  const ordered = sort_order === 'desc' ? periods.toReversed() : periods
  return {
    realtime_start: today,
    realtime_end: today,
    observation_start: '1600-01-01',
    observation_end: '9999-12-31',
    units,
    output_type: 1,
    file_type: 'json',
    order_by: 'observation_date',
    sort_order,
    count: periods.length,
    offset: 0,
    limit,
    observations: ordered.slice(0, limit).map((period) => ({
      realtime_start: today,
      realtime_end: today,
      date: period.date,
      value: values(period) ?? '.',
    })),
  }
}

/** The change from the same period of the year before, in percent. */
function yearChanges(periods: readonly Period[], levels: (period: Period) => string | undefined) {
  const byDate = new Map(periods.map((period) => [period.date, period]))
  return (period: Period): string | undefined => {
    const before = byDate.get(`${Number(period.date.slice(0, 4)) - 1}${period.date.slice(4)}`)
    const [from, to] = [before && levels(before), levels(period)]
    if (from === undefined || to === undefined) return undefined
    return (100 * (Number(to) / Number(from) - 1)).toFixed(5)
  }
}
