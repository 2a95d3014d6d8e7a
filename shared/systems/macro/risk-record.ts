import {
  bubbleDimension,
  cycleDimension,
  geopoliticalDimension,
  monetaryDimension,
  sentimentDimension,
} from '#shared/analysis/macro/dimensions.ts'
import { type MacroRisk, macroRisk } from '#shared/analysis/macro/risk.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { EventFeed } from './event-feed.ts'
import { type IndicatorRecord, STALE_OBSERVATION } from './indicator-record.ts'
import type { MacroInputs } from './macro-inputs.ts'
import { type NotableEvent, recentEvents } from './notable-events.ts'

/** The series that the risk needs, by their use. */
export const RISK_SERIES = {
  rate: 'DFF',
  curve: 'T10Y2Y',
  inflation: 'CPIAUCSL_PC1',
  growth: 'A191RL1Q225SBEA',
  unemployment: 'UNRATE',
  production: 'INDPRO_PC1',
  volatility: 'VIXCLS',
} as const

/** A stored record of another job, and its source time in milliseconds since the epoch. */
export interface Input<T> {
  readonly data: T
  readonly asOf: number
}

/** What the risk is computed from; a record that could not be read is `undefined`. */
export interface RiskInputs {
  readonly indicators: ReadonlyMap<string, Input<IndicatorRecord>>
  readonly feed: Input<EventFeed> | undefined
  readonly macroInputs: MacroInputs
  /** When operators entered them; `undefined` without valid ones. */
  readonly inputsChangedAt: number | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** One input of the risk. */
interface DataSource {
  /** Key of a series, `events` or `macro-inputs`. */
  readonly name: string
  readonly as_of: string | null
  /** `stale`: too old for the score, which is computed without it. */
  readonly state: 'used' | 'stale' | 'missing'
}

/** The macro risk with its inputs. */
export interface RiskRecord extends MacroRisk {
  readonly phase: string | null
  readonly data_sources: readonly DataSource[]
  /** Of high impact, newest first; none while the feed of events is stale or missing. */
  readonly recent_events: readonly NotableEvent[]
}

/** The macro risk from what is stored. */
export function riskRecord(inputs: RiskInputs): RiskRecord {
  const { macroInputs } = inputs
  const value = (key: string) => usable(inputs.indicators.get(key)?.data)?.value ?? null
  const cycle = cycleDimension({
    growth: value(RISK_SERIES.growth),
    previousGrowth: earlierValue(RISK_SERIES.growth, inputs),
    unemployment: value(RISK_SERIES.unemployment),
    earlierUnemployment: earlierValue(RISK_SERIES.unemployment, inputs),
    production: value(RISK_SERIES.production),
  })
  const risk = macroRisk({
    monetary_policy: monetaryDimension({
      rate: value(RISK_SERIES.rate),
      curve: value(RISK_SERIES.curve),
      inflation: value(RISK_SERIES.inflation),
    }),
    geopolitical: geopoliticalDimension(eventInputs(inputs)),
    sector_bubble: bubbleDimension({
      nasdaqPe: macroInputs.nasdaq_pe,
      topTenShare: macroInputs.top_ten_share,
      ipoHeat: macroInputs.ipo_heat,
    }),
    economic_cycle: cycle,
    market_sentiment: sentimentDimension({
      volatility: value(RISK_SERIES.volatility),
      putCallRatio: macroInputs.put_call_ratio,
    }),
  })
  return { ...risk, phase: cycle.phase, data_sources: sourcesOf(inputs), recent_events: recentOf(inputs) }
}

/** The record, unless its newest observation is too old. */
function usable(record: IndicatorRecord | undefined): IndicatorRecord | undefined {
  return record?.degraded_reasons.includes(STALE_OBSERVATION) ? undefined : record
}

/** The value of three months before, or of the quarter before; `null` without a reference in that period. */
function earlierValue(key: string, { indicators }: RiskInputs): number | null {
  const record = usable(indicators.get(key)?.data)
  if (!record || record.change_3m === null) return null
  return record.value - record.change_3m
}

function recentOf({ feed, now }: RiskInputs): readonly NotableEvent[] {
  return feed && isCurrent(feed, now) ? recentEvents(feed.data.notable, now) : []
}

/** Whether the feed of events had a success within a day. */
function isCurrent(feed: Input<EventFeed>, now: number): boolean {
  return now - Date.parse(feed.data.last_success) <= DAY_MS
}

const WINDOW_DAYS = 30

function eventInputs({ feed, now }: RiskInputs) {
  const first = isoSeconds(now - WINDOW_DAYS * DAY_MS).slice(0, 10)
  const days = (feed?.data.days ?? []).filter(({ date }) => date > first)
  const sum = (member: 'events' | 'highImpact' | 'levelSum' | 'impactSum') =>
    days.reduce((total, day) => total + day[member], 0)
  const events = sum('events')
  return {
    events,
    highImpact: sum('highImpact'),
    meanLevel: events === 0 ? null : sum('levelSum') / events,
    meanImpact: events === 0 ? null : sum('impactSum') / events,
    coverageDays: feed?.data.coverage_days ?? 0,
    hasRecentSuccess: feed !== undefined && isCurrent(feed, now),
  }
}

function sourcesOf({ indicators, feed, inputsChangedAt, now }: RiskInputs): readonly DataSource[] {
  const series = Object.values(RISK_SERIES).map((key): DataSource => {
    const input = indicators.get(key)
    if (!input) return { name: key, as_of: null, state: 'missing' }
    return { name: key, as_of: isoSeconds(input.asOf), state: usable(input.data) ? 'used' : 'stale' }
  })
  return [
    ...series,
    {
      name: 'events',
      as_of: feed === undefined ? null : isoSeconds(feed.asOf),
      state: feed === undefined ? 'missing' : isCurrent(feed, now) ? 'used' : 'stale',
    },
    {
      name: 'macro-inputs',
      as_of: inputsChangedAt === undefined ? null : isoSeconds(inputsChangedAt),
      state: inputsChangedAt === undefined ? 'missing' : 'used',
    },
  ]
}
