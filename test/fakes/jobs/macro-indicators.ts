import { job } from '#functions/jobs/macro-indicators/job.ts'
import { refresh } from '#functions/jobs/macro-indicators/refresh.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { isPeriodDate, newestPeriodDate } from '#shared/analysis/macro/periods.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import { MACRO_SERIES } from '#shared/systems/macro/series.ts'
import { fred } from '#shared/upstreams/fred.ts'
import { jsonOf, operator, reader } from '#test/fakes/world/clients.ts'
import { type Reply, world } from '#test/fakes/world/world.ts'

const FRED = { FRED_TERMS_ACCEPTED: 'true', FRED_KEY_PARAMETER: '/test/fred-key' }

/** Observations by date; the value `.` stands for none. */
type Values = Readonly<Record<string, string>>

/** The key of the indicator that a call asks for: `CPIAUCSL_PC1` for CPIAUCSL in the unit `pc1`. */
function keyOf({ url: { searchParams: query } }: HttpRequest): string {
  return `${query.get('series_id')}${query.get('units') === 'pc1' ? '_PC1' : ''}`
}

/** FRED's answer to a call. Each row has the day of the request as its `realtime_start`. */
function observationsBody(
  { url: { searchParams: query } }: HttpRequest,
  values: Values,
  day: string,
): object {
  const newestFirst = Object.entries(values).toSorted(([a], [b]) => (a > b ? -1 : 1))
  return {
    realtime_start: day,
    realtime_end: day,
    units: query.get('units'),
    file_type: query.get('file_type'),
    sort_order: query.get('sort_order'),
    limit: Number(query.get('limit')),
    observations: newestFirst.map(([date, value]) => ({
      realtime_start: day,
      realtime_end: day,
      date,
      value,
    })),
  }
}

/** An answer of FRED that replaces the observations of a series. */
export function failureBody(error_code: number, error_message: string): Reply {
  return { status: error_code, body: { error_code, error_message } }
}

const DAY_MS = 86_400_000

/** An observation of a series: 4.08, or the least value that it can have, of a period that began a week or more before. */
function usualValues(key: string, start: number): Values {
  const series = MACRO_SERIES.find((each) => each.key === key)
  if (!series) throw new TypeError(`expected a macro indicator, got ${key}`)
  const days = Array.from({ length: 200 }, (_, index) => start - (7 + index) * DAY_MS)
  const dates = days.map((at) => new Date(at).toISOString().slice(0, 10))
  const newest = newestPeriodDate(series.frequency, start)
  const date = dates.find((day) => day <= newest && isPeriodDate(day, series.frequency)) ?? ''
  return { [date]: String(Math.max(4.08, series.bounds.min)) }
}

/**
 * The job over the fakes. Every series has one observation, until `answers` has values of its key, or a whole reply.
 */
export function macroWorld(
  start: number,
  answers: Record<string, Values | Reply> = {},
  settings: Readonly<Record<string, string>> = {},
) {
  const all = { ...FRED, ...settings }
  const base = world({
    job: resolveJob(job, all),
    refresh,
    upstream: resolveUpstream(fred, FRED),
    start,
    secrets: { [FRED.FRED_KEY_PARAMETER]: 'invented-key' },
  })
  base.script((request): Reply => {
    const key = keyOf(request)
    const answer = answers[key] ?? usualValues(key, start)
    if (typeof answer === 'string' || 'status' in answer) return answer as Reply
    const day = new Date(base.clock.now()).toISOString().slice(0, 10)
    return { status: 200, body: observationsBody(request, answer as Values, day) }
  })
  const read = async (path: string, query: Readonly<Record<string, string>> = {}) => {
    const reads = reader(base, { views: viewsByJob })
    const request = { method: 'GET', path: `/api/v1/macro${path}`, headers: {}, query }
    const answer = await reads.answer(request)
    return { status: answer.statusCode, body: jsonOf(answer) }
  }
  return {
    ...base,
    answers,
    requested: () => base.calls.map(keyOf),
    refreshAll: () => base.run({ cause: 'operator' }),
    read,
    indicator: (key: string, query: Readonly<Record<string, string>> = {}) =>
      read(`/indicators/${key}`, query),
    /** The stored row of an observation. */
    observation: async (key: string, date: string) => {
      const at = Date.parse(date)
      const [row] = await base.store.history.list(job.id, 'observations', key, { from: at, to: at, limit: 1 })
      return row?.data
    },
    operator: operator(base),
  }
}
