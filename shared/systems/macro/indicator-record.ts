import { indicatorChanges, isRecentObservation } from '#shared/analysis/macro/indicator-changes.ts'
import { newestValues, type VersionedObservation } from '#shared/analysis/macro/observation-versions.ts'
import { roundTo } from '#shared/analysis/rounding.ts'
import type { MacroSeries } from './series.ts'

/** What an indicator is. */
interface IndicatorIdentity {
  /** Key of the indicator: the series of FRED, with `_PC1` for its change from a year before. */
  readonly series_id: string
  readonly fred_series_id: string
  readonly group: MacroSeries['group']
  readonly name: string
  readonly unit: string
  readonly change_unit: MacroSeries['changeUnit']
}

/** The newest observation of a series and its changes; a change is `null` without a reference in its period. */
interface IndicatorFigures {
  readonly value: number
  /** First day of the period of the observation, `YYYY-MM-DD`. */
  readonly date: string
  readonly change_1m: number | null
  readonly change_3m: number | null
  readonly change_1y: number | null
  readonly reference_date_1m: string | null
  readonly reference_date_3m: string | null
  readonly reference_date_1y: string | null
  /** Day in New York from which on we had this value for this date. */
  readonly seen_on: string
}

/** Why an indicator is degraded: its newest observation is too old for its frequency. */
export const STALE_OBSERVATION = 'stale_observation'

/** A macro indicator, as it is served. */
export interface IndicatorRecord extends IndicatorIdentity, IndicatorFigures {
  readonly degraded_reasons: readonly (typeof STALE_OBSERVATION)[]
}

const DECIMALS = 8

/**
 * The record of an indicator. An observation that is too old for its frequency is kept with its date, and degraded.
 *
 * @param observations - of the series, newest first
 * @param now - milliseconds since the epoch
 * @returns `null` without an observation
 */
export function indicatorRecord(
  { key, seriesId, group, name, unit, changeUnit, frequency, maxAgeDays }: MacroSeries,
  observations: readonly VersionedObservation[],
  now: number,
): IndicatorRecord | null {
  const values = newestValues(observations)
  const [newest] = values
  const changes = indicatorChanges(values, { frequency, unit: changeUnit })
  if (!newest || !changes) return null
  return {
    series_id: key,
    fred_series_id: seriesId,
    group,
    name,
    unit,
    change_unit: changeUnit,
    ...changes,
    change_1m: roundTo(changes.change_1m, DECIMALS),
    change_3m: roundTo(changes.change_3m, DECIMALS),
    change_1y: roundTo(changes.change_1y, DECIMALS),
    seen_on: newest.since,
    degraded_reasons: isRecentObservation(newest.date, frequency, now, maxAgeDays) ? [] : [STALE_OBSERVATION],
  }
}
