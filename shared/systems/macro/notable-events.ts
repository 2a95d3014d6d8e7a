import { DAY_MS } from '#shared/domain/duration.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { EventChange, EventRecord } from './event-record.ts'

/** An event as the overview of the macro risk names it. */
export interface NotableEvent
  extends Pick<
    EventRecord,
    'id' | 'title' | 'event_date' | 'category' | 'severity' | 'market_impact_score'
  > {}

/** The least impact of an event that is named; it is also the one that the geopolitical score counts. */
export const HIGH_IMPACT = 60

const MAX_EVENTS = 10
const MAX_AGE_MS = 30 * DAY_MS

/** The newest events of high impact after some changes. */
export function notableEvents(
  stored: readonly NotableEvent[],
  changes: readonly EventChange[],
  now: number,
): readonly NotableEvent[] {
  const changed = changes
    .map(({ after }) => after)
    .filter(({ market_impact_score: impact }) => impact >= HIGH_IMPACT)
    .map(notableEvent)
  const byId = new Map([...stored, ...changed].map((event) => [event.id, event]))
  return recentEvents([...byId.values()], now)
    .toSorted((a, b) => (a.event_date < b.event_date ? 1 : -1))
    .slice(0, MAX_EVENTS)
}

/** Those of the last 30 days. */
export function recentEvents(events: readonly NotableEvent[], now: number): readonly NotableEvent[] {
  const first = isoSeconds(now - MAX_AGE_MS)
  return events.filter(({ event_date: date }) => date >= first)
}

function notableEvent({
  id,
  title,
  event_date,
  category,
  severity,
  market_impact_score,
}: EventRecord): NotableEvent {
  return { id, title, event_date, category, severity, market_impact_score }
}
