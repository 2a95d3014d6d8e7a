import { DAY_MS } from '#shared/domain/duration.ts'
import { asJson, type JsonValue } from '#shared/domain/json.ts'
import { isCalendarDate, isoSeconds, localDate } from '#shared/domain/time.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { recordListWith } from '#shared/read/record-views.ts'
import {
  notAvailable,
  type ServableItem,
  type View,
  type ViewContext,
  type ViewResult,
} from '#shared/read/view.ts'
import type { IndicatorRecord } from '#shared/systems/macro/indicator-record.ts'
import { monetaryPolicy as policyOf } from '#shared/systems/macro/monetary-policy.ts'
import { FRED_NOTICE } from '#shared/upstreams/macro/settings.ts'

/** A row of kind `daily`: the record at the end of a day, and when it was fetched. */
interface DailyRow {
  readonly record: IndicatorRecord
  readonly fetched_at: string
}

/**
 * A row of kind `observations`. Versions: newest first, each with the day in New York from which on we had it; the value
 * is `null` from the day on which it was withdrawn.
 */
interface ObservationRow {
  readonly date: string
  readonly versions: readonly { readonly value: number | null; readonly seen_on: string }[]
}

const NOTICE = { notice: FRED_NOTICE }

/** Largest number of days, and with it of observations. */
const MAX_DAYS = 400

const indicator: View = async ({ parameters, query, now }, context) => {
  const key = parameters['series_id'] ?? ''
  const { days, as_of: day } = query
  if (day !== undefined && (!isCalendarDate(day) || day > localDate('America/New_York', now)))
    return failure(400, `as_of: expected a day up to today in New York, got ${day}`)
  const item = await context.item(key)
  if (!item) return absence(key, context)
  const until = day === undefined ? now : Date.parse(day)
  const observations = days === undefined ? {} : await observationsOf(key, { until, days, day }, context)
  if (day !== undefined) return pastRecord(item, { key, day, observations }, context)
  if (days === undefined) {
    const compose = () => ({ body: currentBody(item, {}, context), times: item.representation })
    return { kind: 'value', from: item, compose }
  }
  return { kind: 'now', status: 200, body: currentBody(item, observations, context) }
}

/** A key that the job has published before may be missing for a while; any other one is no indicator. */
async function absence(key: string, context: ViewContext): Promise<ViewResult> {
  const keys = await context.keys()
  return keys.length === 0 || keys.includes(key)
    ? notAvailable(context.job)
    : failure(404, `${key} is no macro indicator`)
}

/** The observations of so many days, newest first: the newest values, or those that were stored by the end of a day. */
async function observationsOf(
  key: string,
  { until, days, day }: { readonly until: number; readonly days: string; readonly day: string | undefined },
  context: ViewContext,
) {
  const range = { from: until - Number(days) * DAY_MS, to: until, limit: MAX_DAYS }
  const rows = await context.history('observations', key, range)
  const observations = rows.flatMap(({ data }) => {
    const { date, versions } = data as unknown as ObservationRow
    const version = versions.find(({ seen_on }) => day === undefined || seen_on <= day)
    return version === undefined || version.value === null ? [] : [{ date, ...version }]
  })
  return { observations }
}

function currentBody(item: ServableItem, more: object, { job }: ViewContext): JsonValue {
  const { data, meta } = envelopeOf(job.envelope).wrap(
    JSON.parse(item.representation.text()) as JsonValue,
    item.representation,
  ) as { readonly data: object; readonly meta: object }
  return { data: { ...data, ...more }, meta: { ...meta, ...NOTICE } } as JsonValue
}

/** The newest row up to the end of a day; before the first one, every member that depends on observations is null. */
async function pastRecord(
  item: ServableItem,
  { key, day, observations }: { readonly key: string; readonly day: string; readonly observations: object },
  context: ViewContext,
): Promise<ViewResult> {
  const [row] = await context.history('daily', key, { from: 0, to: Date.parse(day), limit: 1 })
  const past = row?.data as unknown as DailyRow | undefined
  const current = JSON.parse(item.representation.text()) as IndicatorRecord
  const record = past?.record ?? withoutObservations(current)
  const meta = {
    as_of: past ? isoSeconds(Date.parse(past.record.date)) : null,
    fetched_at: past?.fetched_at ?? null,
    degraded: record.degraded_reasons.length > 0,
    ...NOTICE,
  }
  return {
    kind: 'now',
    status: 200,
    body: asJson({ data: { ...record, as_of: day, ...observations }, meta }),
  }
}

/** The members that do not depend on observations; every other one is null, or an empty list. */
const IDENTITY: readonly string[] = [
  'series_id',
  'fred_series_id',
  'group',
  'name',
  'unit',
  'change_unit',
] satisfies (keyof IndicatorRecord)[]

function withoutObservations(record: IndicatorRecord) {
  const members = Object.entries(record).map(([name, value]) => [
    name,
    IDENTITY.includes(name) ? value : null,
  ])
  return { ...Object.fromEntries(members), degraded_reasons: [] }
}

const monetaryPolicy: View = async (_request, context) => {
  const items = await context.items(await context.keys())
  const monetary = [...items.values()]
    .map((item) => ({ item, record: JSON.parse(item.representation.text()) as IndicatorRecord }))
    .filter(({ record }) => record.group === 'MONETARY')
    .toSorted((a, b) => (a.record.series_id < b.record.series_id ? -1 : 1))
  if (monetary.length === 0) return notAvailable(context.job)
  return {
    kind: 'joined',
    from: monetary.map(({ item }) => item),
    variant: 'monetary-policy',
    text: (times) => {
      const { meta } = envelopeOf(context.job.envelope).wrap(null, times) as { readonly meta: object }
      const data = policyOf(monetary.map(({ record }) => record))
      return JSON.stringify({ data, meta: { ...meta, ...NOTICE } })
    },
  }
}

/** Data that the terms of FRED allow only with consent are not served without it, even while they are stored. */
function underTerms(view: View): View {
  return async (request, context) =>
    context.job.settings['FRED_TERMS_ACCEPTED'] === true ? view(request, context) : notAvailable(context.job)
}

function failure(status: number, message: string): ViewResult {
  return { kind: 'failure', status, message }
}

/** The responses, by the view name of the route. */
export const views = {
  indicator: underTerms(indicator),
  all: underTerms(recordListWith(NOTICE)),
  monetaryPolicy: underTerms(monetaryPolicy),
} satisfies Readonly<Record<string, View>>
