import type { NewsProvider } from '#shared/upstreams/macro/settings.ts'
import type { DailySums } from './daily-sums.ts'
import type { NotableEvent } from './notable-events.ts'

/** The key of the one item of the job `geo-events`. */
export const FEED_KEY = 'feed'

/** The kind and the entity of the rows of history: one row for each event. */
export const EVENTS_KIND = 'events'
export const EVENTS_ENTITY = 'all'

/** Why the state of the feed is degraded. */
type FeedReason = 'implausible_empty'

/** The state of the feed of events: the data of the item. Times are ISO 8601 in UTC. */
export interface EventFeed {
  /** The provider that answered last. */
  readonly provider: NewsProvider
  /** When an answer last had articles. An answer without any is no success of the feed. */
  readonly last_success: string
  /** Whether the newest answer with articles left out older ones of its window. */
  readonly truncated: boolean
  /** From when on that answer has all articles of its window. */
  readonly covered_from: string
  /** Whole days from the oldest stored event to now, at most 30. */
  readonly coverage_days: number
  readonly counts: EventCounts
  /** Of the last 31 days in UTC, oldest first. */
  readonly days: readonly DailySums[]
  /** Of the last 30 days, newest first. */
  readonly notable: readonly NotableEvent[]
  readonly degraded_reasons: readonly FeedReason[]
}

/** What one answer had. */
export interface EventCounts {
  /** Articles that are used. */
  readonly articles: number
  readonly new_events: number
  /** Articles that report an event that another article has reported. */
  readonly merged: number
  /** Rows that are no news: withdrawn, outside of the window, or a second one of an address. */
  readonly skipped: number
  /** Rows that cannot be used. */
  readonly lost: number
}
