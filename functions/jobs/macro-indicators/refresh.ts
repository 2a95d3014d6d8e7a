import {
  mergeObservations,
  newestValues,
  type VersionedObservation,
} from '#shared/analysis/macro/observation-versions.ts'
import { isPeriodDate, newestPeriodDate } from '#shared/analysis/macro/periods.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { asJson } from '#shared/domain/json.ts'
import { instantOf, isoSeconds, localDate } from '#shared/domain/time.ts'
import type { HistoryEntry, ParseContext, PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import { type IndicatorRecord, indicatorRecord } from '#shared/systems/macro/indicator-record.ts'
import { MACRO_SERIES, type MacroSeries } from '#shared/systems/macro/series.ts'
import { listFault } from '#shared/upstreams/lists.ts'
import { fredObservationsCall, parseFredObservations } from '#shared/upstreams/macro/fred-observations.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'

/** What the job keeps of a series for its next run: as many of the newest observations as it requests. */
interface SeriesMemory {
  readonly observations: readonly VersionedObservation[]
}

/** One series after an answer. */
interface SeriesUpdate extends SeriesMemory {
  /** Observations that are new, revised or withdrawn. */
  readonly changed: readonly VersionedObservation[]
  /** Number of observations in the answer. */
  readonly answered: number
  /** Why the answer is not believed to be whole. */
  readonly fault: string | undefined
  readonly lost: readonly LostRow[]
}

const NEW_YORK = 'America/New_York'

/** Time of the first run of a day in New York, in milliseconds after midnight: what was fetched before is due again. */
const FIRST_RUN_MS = 9 * HOUR_MS

/** An answer with fewer than half of the stored observations is one that a limit has cut. */
const EXPECTED_OBSERVATIONS = { name: 'observations', mayBeEmpty: false, maxShrink: 0.5, minCoverage: 0 }

export const refresh: Refresh<SeriesUpdate, 'daily' | 'observations'> = {
  renderVersion: 1,
  historyKinds: ['daily', 'observations'],

  keys: () => MACRO_SERIES.map(({ key }) => key),

  plan: (context) => {
    const due = MACRO_SERIES.filter(({ key }) => isDue(key, context))
    if (due.length === 0) return { nothingToDo: 'Not needed: every series was fetched today' }
    return due.map((series) => ({ key: series.key, calls: [fredObservationsCall(series)] }))
  },

  parse: ([body], context) => {
    const series = seriesOf(context.key)
    const { observations, missing, lost } = parseFredObservations(body, {
      ...series,
      isPeriodDate: (date) => isPeriodDate(date, series.frequency),
      newestDate: newestPeriodDate(series.frequency, context.now),
    })
    const stored = storedObservations(context)
    const fault = shortAnswer(observations.length, stored)
    // of an answer that is not believed to be whole, no date is known to have lost its value
    const answered = { values: observations, missing: fault === undefined ? missing : [] }
    const merged = mergeObservations(stored, answered, {
      day: localDate(NEW_YORK, context.now),
      limit: series.limit,
    })
    return { ...merged, answered: observations.length, fault, lost }
  },

  accept: ({ answered, observations }, { key }) =>
    expectNoFault(
      answered === 0 || observations.length === 0
        ? `expected observations of ${key}, got ${answered}`
        : undefined,
    ),

  review: ({ fault, lost }, { key }) => ({
    lost: lost.map(({ name, message }) => ({ name: `${key} ${name ?? 'an observation'}`, message })),
    distrusted: fault === undefined ? [] : [`${key} ${fault}`],
  }),

  item: ({ observations, changed }, { key, now, job, previous }) => {
    const record = indicatorRecord(seriesOf(key), observations, now)
    if (!record) throw new RefreshError('defect', `expected observations of ${key}, got none`)
    const kept = changed.filter(({ date }) => Date.parse(date) + (job.history['observations'] ?? 0) > now)
    return {
      data: asJson(record),
      // when the newest value is withdrawn, its date is still the one up to which FRED has answered
      asOf: Math.max(previous?.asOf ?? 0, Date.parse(record.date)),
      degraded: record.degraded_reasons.length > 0,
      memory: asJson({ observations }),
      history: [dailyRow(record, now), ...kept.map((observation) => observationRow(key, observation))],
    }
  },

  summarizeRun: runSummary('refresh_macro', 'indicators'),

  // the later runs of a day request only what the first one did not get
  maxCalls: () => ({ fred: { retried: MACRO_SERIES.length, once: 0, perDay: MACRO_SERIES.length } }),
}

/** Why an answer with so many values is not believed to be whole. */
function shortAnswer(rows: number, stored: readonly VersionedObservation[]): string | undefined {
  return listFault(EXPECTED_OBSERVATIONS, { rows, storedRows: newestValues(stored).length })
}

/** Whether a series is requested: always, but by a tick only if no run has fetched it since the first one of the day. */
function isDue(key: string, { cause, now, storedItems }: PlanContext): boolean {
  const fetchedAt = storedItems.get(key)?.checkedAt
  if (cause !== 'tick' || fetchedAt === undefined) return true
  return fetchedAt < instantOf(NEW_YORK, Date.parse(localDate(NEW_YORK, now)) + FIRST_RUN_MS)
}

/** @throws {RefreshError} `not-found` for a key that is no indicator: a reader may request any */
function seriesOf(key: string): MacroSeries {
  const series = MACRO_SERIES.find((each) => each.key === key)
  if (series) return series
  throw new RefreshError('not-found', `${key} is no macro indicator`, { isExplicit: true })
}

/** Only the job itself writes its memory. */
function storedObservations({ previous }: Pick<ParseContext, 'previous'>): readonly VersionedObservation[] {
  return (previous?.memory as SeriesMemory | undefined)?.observations ?? []
}

/** The indicator as it was at the end of a day in New York: each run of the day replaces the row of the one before. */
function dailyRow(record: IndicatorRecord, now: number): HistoryEntry<'daily'> {
  return {
    kind: 'daily',
    entity: record.series_id,
    at: Date.parse(localDate(NEW_YORK, now)),
    data: asJson({ record, fetched_at: isoSeconds(now) }),
  }
}

function observationRow(key: string, { date, versions }: VersionedObservation): HistoryEntry<'observations'> {
  const values = versions.map(({ value, since }) => ({ value, seen_on: since }))
  return { kind: 'observations', entity: key, at: Date.parse(date), data: { date, versions: values } }
}
