import { mergeReports } from '#shared/analysis/macro/event-identity.ts'
import { HOUR_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { type EventChange, type ReportedEvent, reportedEvent } from '#shared/systems/macro/event-record.ts'
import type { Article } from '#shared/upstreams/macro/articles.ts'

/** An event that is stored as a row of history; its title and its severity are those of its record. */
export interface StoredEvent extends Pick<ReportedEvent, 'publishedAt' | 'reports' | 'record'> {
  readonly rowAt: number
}

/** What a batch of articles changes. */
export interface BatchResult {
  /** The events whose rows are written. */
  readonly rows: readonly StoredEvent[]
  readonly changes: readonly EventChange[]
  /** The events with which the next batch is compared, newest first. */
  readonly recent: readonly StoredEvent[]
  readonly newEvents: number
}

/** An event is compared with those that were published within this time. */
const RECENT_MS = 48 * HOUR_MS

/**
 * Most text of the events that are compared, as JSON in UTF-8: compressed it has to fit into an item of the table. It holds
 * about 1,500 events without descriptions, which are those of 48 hours at 45,000 events in 60 days.
 */
const MAX_RECENT_BYTES = 900_000

/**
 * Merges articles with the events of the last 48 hours. A new event gets a row; one that an article makes graver, or that
 * has one report more, is written again under its row.
 *
 * @param stored - the events that the batch before left
 */
export function mergeBatch(
  stored: readonly StoredEvent[],
  articles: readonly Article[],
  now: number,
): BatchResult {
  const recent = stored.filter(({ publishedAt }) => publishedAt >= now - RECENT_MS)
  const before = new Map(recent.map((event) => [event.rowAt, event]))
  const times = new Set(before.keys())
  const changed = mergeReports<ReportedEvent>(
    recent.map(reportedOf),
    articles.map((article) => reportedEvent(article, now)),
  )
  const rows = changed.map((event) => {
    const former = event.rowAt === null ? undefined : before.get(event.rowAt)
    return former ? updatedEvent(event, former) : newEvent(event, times)
  })
  for (const row of rows) before.set(row.rowAt, row)
  const changes = rows.map(({ rowAt, record }) => ({
    before: recent.find((event) => event.rowAt === rowAt)?.record,
    after: record,
  }))
  return {
    rows,
    changes,
    recent: newestThatFit([...before.values()]),
    newEvents: changes.filter((change) => change.before === undefined).length,
  }
}

function reportedOf(event: StoredEvent): ReportedEvent {
  const { title, severity_score: severityScore } = event.record
  return { ...event, title, severityScore }
}

/** The event after another report: its id, day and row stay. */
function updatedEvent({ publishedAt, reports, record }: ReportedEvent, former: StoredEvent): StoredEvent {
  const { id, event_date, created_at } = former.record
  return {
    rowAt: former.rowAt,
    publishedAt,
    reports,
    record: { ...record, id, event_date, created_at, sources_count: reports.length },
  }
}

/**
 * A new event, with the time of its row: that of its publication, moved by less than a second so that events of one second
 * have different rows. Articles of GDELT have the same time for a quarter of an hour.
 *
 * @param times - of all rows; that of the event is added
 */
function newEvent({ publishedAt, reports, record }: ReportedEvent, times: Set<number>): StoredEvent {
  const second = publishedAt - (publishedAt % SECOND_MS)
  let rowAt = second + (Number.parseInt(record.id.slice(0, 8), 16) % SECOND_MS)
  while (times.has(rowAt)) rowAt += 1
  times.add(rowAt)
  return { rowAt, publishedAt, reports, record: { ...record, sources_count: reports.length } }
}

/** The newest events, as many as one item can hold. */
function newestThatFit(events: readonly StoredEvent[]): readonly StoredEvent[] {
  let bytes = 0
  return events
    .toSorted((a, b) => b.rowAt - a.rowAt)
    .filter((event) => {
      bytes += Buffer.byteLength(JSON.stringify(event))
      return bytes <= MAX_RECENT_BYTES
    })
}
