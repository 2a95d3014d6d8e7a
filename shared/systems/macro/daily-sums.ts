import type { Severity } from '#shared/analysis/macro/event-kinds.ts'
import { roundTo } from '#shared/analysis/rounding.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { isoText } from '#shared/domain/time.ts'
import type { EventChange, EventRecord } from './event-record.ts'
import { HIGH_IMPACT } from './notable-events.ts'

/** The events of one day in UTC, summed. */
export interface DailySums {
  /** `YYYY-MM-DD` */
  readonly date: string
  readonly events: number
  /** Number of events with an impact of 60 or more. */
  readonly highImpact: number
  /** Sum of the severity levels: LOW 2, MEDIUM 5, HIGH 7, CRITICAL 9. */
  readonly levelSum: number
  /** Sum of the impacts, each 0 to 100 with two decimals. */
  readonly impactSum: number
}

const LEVELS: Readonly<Record<Severity, number>> = { LOW: 2, MEDIUM: 5, HIGH: 7, CRITICAL: 9 }
const IMPACT_DECIMALS = 2

/** Days that are kept: those of a window of 30 days that begins at any time of a day. */
const MAX_DAYS = 31

/**
 * The sums after some changes, oldest day first. What a former record added is taken off again, so that the sums are those
 * of the stored records. Days without events have no entry.
 */
export function withChanges(
  sums: readonly DailySums[],
  changes: readonly EventChange[],
  now: number,
): readonly DailySums[] {
  const byDate = new Map(sums.map((each) => [each.date, each]))
  for (const { before, after } of changes) {
    if (before) addTo(byDate, before, -1)
    addTo(byDate, after, 1)
  }
  const first = dateOf(now - (MAX_DAYS - 1) * DAY_MS)
  return [...byDate.values()]
    .filter(({ date }) => date >= first)
    .toSorted((a, b) => (a.date < b.date ? -1 : 1))
}

function addTo(byDate: Map<string, DailySums>, record: EventRecord, sign: 1 | -1): void {
  const date = record.event_date.slice(0, 10)
  const sums = byDate.get(date) ?? { date, events: 0, highImpact: 0, levelSum: 0, impactSum: 0 }
  const impact = record.market_impact_score
  byDate.set(date, {
    date,
    events: sums.events + sign,
    highImpact: sums.highImpact + (impact >= HIGH_IMPACT ? sign : 0),
    levelSum: sums.levelSum + sign * LEVELS[record.severity],
    impactSum: roundTo(sums.impactSum + sign * impact, IMPACT_DECIMALS) ?? 0,
  })
}

const MAX_COVERAGE_DAYS = 30

/** Whole days from the oldest day with events to the current one in UTC, at most 30. */
export function coverageDays(sums: readonly DailySums[], now: number): number {
  const oldest = sums[0]?.date
  if (oldest === undefined) return 0
  const days = Math.round((Date.parse(dateOf(now)) - Date.parse(oldest)) / DAY_MS)
  return Math.min(MAX_COVERAGE_DAYS, Math.max(0, days))
}

function dateOf(at: number): string {
  return isoText(at).slice(0, 10)
}
