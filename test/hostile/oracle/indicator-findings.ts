import { DAY_MS } from '#shared/domain/duration.ts'
import type { Json } from '../json.ts'
import type { Content, StoredMember, StoredRow } from '../read-back.ts'
import { isMembers, type Members } from '../rules/agreement-rule.ts'
import { type Finding, shownValue } from './finding.ts'
import { EXPECTED_SERIES, type ExpectedSeries } from './indicator-series.ts'

/** An observation as one of its versions has it. */
interface Observation {
  readonly date: string
  readonly value: number
  readonly since: string
}

/** A row of history, with its values newest first. */
interface StoredObservation {
  readonly date: string
  readonly versions: readonly { readonly value: number | null; readonly seen_on: string }[]
}

/** A reference may be this much older than its target. */
const MAX_REFERENCE_AGE_DAYS = { daily: 10, weekly: 6, monthly: 20, quarterly: 60 }

const SPANS = { '1m': 1, '3m': 3, '1y': 12 }

/**
 * Indicators, and answers about former days, that differ from what the stored observations give: the newest value, its
 * changes by date, and the days from which on they were known.
 */
export function indicatorFindings({ members, history, responses, at }: Content): readonly Finding[] {
  const rows = Map.groupBy(
    history.filter(({ kind }) => kind === 'observations'),
    ({ entity }) => entity,
  )
  const stored = [...members.values()].flatMap((member) =>
    isIndicator(member.data) ? memberFindings(member, member.data, rows.get(member.key) ?? []) : [],
  )
  const answered = responses.flatMap(({ target, status, body }) => {
    const data = status === 200 && isMembers(body) ? (body['data'] ?? null) : null
    if (!isIndicator(data)) return []
    const observations = rows.get(String(data['series_id'])) ?? []
    return [...recordFindings(data, observations, target), ...listFindings(data, observations, target, at)]
  })
  return [...stored, ...answered]
}

function isIndicator(data: Json): data is { [name: string]: Json } {
  return isMembers(data) && 'fred_series_id' in data
}

/** The source time of an indicator is its newest date that ever had a value. */
function memberFindings({ key, asOf }: StoredMember, record: Members, rows: readonly StoredRow[]) {
  const place = `stored ${key}`
  const newest = Math.max(...rows.map(({ at }) => at))
  return [
    ...recordFindings(record, rows, place),
    ...(asOf === newest ? [] : [finding('as_of', place, new Date(newest).toISOString(), new Date(asOf))]),
  ]
}

function recordFindings(record: Members, rows: readonly StoredRow[], place: string): readonly Finding[] {
  const series = EXPECTED_SERIES[String(record['series_id'])]
  if (!series)
    return [finding('series_id', place, 'a series of test/hostile/oracle/indicator-series.ts', record)]
  const expected = expectedFigures(observationsOf(rows, dayOf(record)), series)
  return Object.entries(expected).flatMap(([name, value]) =>
    isSame(record[name] ?? null, value) ? [] : [finding(name, place, shownValue(value), record[name])],
  )
}

/** The day as of which an answer is; the newest values without one. */
function dayOf(record: Members): string | undefined {
  const day = record['as_of']
  return typeof day === 'string' ? day : undefined
}

/** The observations that were known by the end of a day, newest first. */
function observationsOf(rows: readonly StoredRow[], day = '9999-12-31'): readonly Observation[] {
  const observations = rows.flatMap(({ data }) => {
    const { date, versions } = data as unknown as StoredObservation
    const version = versions.find(({ seen_on: since }) => since <= day)
    // from the day on which a value is withdrawn there is none
    return version === undefined || version.value === null
      ? []
      : [{ date, value: version.value, since: version.seen_on }]
  })
  return observations.toSorted((a, b) => (a.date > b.date ? -1 : 1))
}

function expectedFigures(
  observations: readonly Observation[],
  { frequency, isPoints = false }: ExpectedSeries,
): Readonly<Record<string, Json>> {
  const [newest] = observations
  const changes = Object.entries(SPANS).flatMap(([span, months]) => {
    const isTooShort = frequency === 'quarterly' && months === 1
    const reference =
      newest && !isTooShort
        ? referenceOf(observations, monthsBefore(newest.date, months), MAX_REFERENCE_AGE_DAYS[frequency])
        : undefined
    return [
      [`change_${span}`, newest && reference ? changeOf(newest.value, reference.value, isPoints) : null],
      [`reference_date_${span}`, reference?.date ?? null],
    ]
  })
  return {
    value: newest?.value ?? null,
    date: newest?.date ?? null,
    seen_on: newest?.since ?? null,
    ...(Object.fromEntries(changes) as Readonly<Record<string, Json>>),
  }
}

function referenceOf(
  observations: readonly Observation[],
  target: string,
  maxAgeDays: number,
): Observation | undefined {
  const reference = observations.find(({ date }) => date <= target)
  const ageMs = reference ? Date.parse(target) - Date.parse(reference.date) : 0
  return ageMs <= maxAgeDays * DAY_MS ? reference : undefined
}

/** The same day of an earlier month, or its last one. */
function monthsBefore(date: string, months: number): string {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  const count = 12 * year + (month - 1) - months
  const [toYear, toMonth] = [Math.floor(count / 12), (count % 12) + 1]
  const last = new Date(Date.UTC(toYear, toMonth, 0)).getUTCDate()
  const pad = (part: number) => String(part).padStart(2, '0')
  return `${toYear}-${pad(toMonth)}-${pad(Math.min(day, last))}`
}

function changeOf(value: number, reference: number, isPoints: boolean): number | null {
  if (isPoints) return value - reference
  return reference === 0 ? null : (100 * (value - reference)) / reference
}

/** The observations of some days in an answer: all that are stored, newest first, as they were known. */
function listFindings(
  record: Members,
  rows: readonly StoredRow[],
  place: string,
  at: number,
): readonly Finding[] {
  const days = Number(new URL(place.replace('GET ', ''), 'https://x').searchParams.get('days'))
  const list = record['observations']
  if (!Array.isArray(list)) return days > 0 ? [finding('observations', place, 'a list', record)] : []
  const first = new Date(at - days * DAY_MS).toISOString().slice(0, 19)
  const expected = observationsOf(rows, dayOf(record))
    .filter(({ date }) => `${date}T00:00:00` >= first)
    .map(({ date, value, since }) => ({ date, value, seen_on: since }))
  return JSON.stringify(list) === JSON.stringify(expected)
    ? []
    : [finding('observations', place, shownValue(expected), list)]
}

/** Changes are published with eight decimals. */
function isSame(value: Json, expected: Json): boolean {
  if (typeof value !== 'number' || typeof expected !== 'number') return value === expected
  return Math.abs(value - expected) <= 1e-8 + 1e-9 * Math.abs(expected)
}

/**
 * Values of former days that a run changed: what was known by the end of the day before stays, and only the oldest ones
 * of many are dropped.
 */
export function versionFindings(before: Content, after: Content): readonly Finding[] {
  const rows = new Map(after.history.map((row) => [`${row.kind} ${row.entity} ${row.at}`, row.data]))
  return before.history.flatMap(({ kind, entity, at, data }): Finding[] => {
    if (kind !== 'observations') return []
    const next = versionsOf(rows.get(`${kind} ${entity} ${at}`))
    const today = next[0]?.['seen_on'] ?? ''
    const former = versionsOf(data).filter(({ seen_on: since }) => String(since) < String(today))
    const place = `stored observations ${entity}`
    const isKept = former.every((version) =>
      next.some((one) => JSON.stringify(one) === JSON.stringify(version)),
    )
    if (isKept || next.length === MAX_VERSIONS) return []
    return [finding('versions', place, shownValue(former), next)]
  })
}

/** Of an observation that is revised more often, the oldest values are dropped. */
const MAX_VERSIONS = 12

function versionsOf(data: Json | undefined): readonly Members[] {
  const versions = isMembers(data) ? data['versions'] : undefined
  return Array.isArray(versions) ? versions.filter(isMembers) : []
}

function finding(subject: string, place: string, expected: string, got: unknown): Finding {
  return { check: 'agreement', subject, place, expected, got: shownValue(got) }
}
