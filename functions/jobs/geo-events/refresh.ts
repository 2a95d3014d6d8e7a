import { normalizedTitle } from '#shared/analysis/macro/event-identity.ts'
import { asJson } from '#shared/domain/json.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { ParseContext, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { coverageDays, withChanges } from '#shared/systems/macro/daily-sums.ts'
import {
  EVENTS_ENTITY,
  EVENTS_KIND,
  type EventCounts,
  type EventFeed,
  FEED_KEY,
} from '#shared/systems/macro/event-feed.ts'
import { notableEvents } from '#shared/systems/macro/notable-events.ts'
import type { NewsProvider } from '#shared/upstreams/macro/settings.ts'
import type { LostRow } from '#shared/upstreams/rows.ts'
import { type BatchResult, mergeBatch, type StoredEvent } from './event-batch.ts'
import { type News, newsSource, newsWindow } from './news-sources.ts'

/** What one answer changes. */
interface FeedUpdate extends Pick<BatchResult, 'rows' | 'recent'> {
  /** `null` for an answer without articles while nothing is stored. */
  readonly feed: EventFeed | null
  /** When the newest article was published; milliseconds since the epoch. */
  readonly asOf: number
  readonly counts: EventCounts
  readonly lost: readonly LostRow[]
}

const EMPTY =
  'expected articles of the last 24 h, got none: under load the provider answers with an empty list, so this is no success of the feed'

/** Events from the news of the last day: rows of history, and one item with the state of the feed and daily sums. */
export const refresh: Refresh<FeedUpdate, typeof EVENTS_KIND> = {
  renderVersion: 1,
  historyKinds: [EVENTS_KIND],

  plan: ({ job: { upstream = '' }, now }) => [{ key: FEED_KEY, calls: [newsSource(upstream).call(now)] }],

  nextCalls: (bodies, { upstream, now }) => newsSource(upstream).nextCalls(bodies, now),

  parse: (bodies, context) => {
    const { upstream, now, previous } = context
    const news = withTitles(newsSource(upstream).parse(bodies, newsWindow(now)))
    const stored = (previous?.memory ?? []) as unknown as readonly StoredEvent[]
    const { rows, recent, changes, newEvents } = mergeBatch(stored, news.articles, now)
    const counts = {
      articles: news.articles.length,
      new_events: newEvents,
      merged: news.articles.length - newEvents,
      skipped: news.skipped,
      lost: news.lost.length,
    }
    const state = feedState(news, counts, context)
    const former = previous?.data as unknown as EventFeed | undefined
    const days = withChanges(former?.days ?? [], changes, now)
    const notable = notableEvents(former?.notable ?? [], changes, now)
    const feed = state && { ...state, coverage_days: coverageDays(days, now), days, notable }
    const asOf = Math.max(previous?.asOf ?? 0, ...news.articles.map(({ publishedAt }) => publishedAt))
    return { rows, recent, feed, asOf, counts, lost: news.lost }
  },

  accept: ({ feed }) => expectNoFault(feed === null ? EMPTY : undefined),

  review: ({ feed, lost }) => ({ lost, distrusted: feed?.degraded_reasons.length === 0 ? [] : [EMPTY] }),

  item: ({ feed, asOf, rows, recent }) => ({
    data: asJson({ ...feed }),
    asOf,
    degraded: feed?.degraded_reasons.length !== 0,
    memory: asJson(recent),
    history: rows.map(({ rowAt, record }) => ({
      kind: EVENTS_KIND,
      entity: EVENTS_ENTITY,
      at: rowAt,
      data: { ...record },
    })),
  }),

  totals: ({ counts }) => ({ ...counts }),

  summarizeRun: ({ durationMs, totals, status }) => ({
    message: `Job 'fetch_geopolitical' ${status === 'failed' ? 'failed' : 'success'} in ${(durationMs / 1_000).toFixed(2)}s`,
    logFields: totals,
  }),

  maxCalls: ({ upstream = '' }) => ({ [upstream]: newsSource(upstream).maxCalls }),
}

/** The state of the feed without its sums: an answer without articles leaves all of it but the counts as it was. */
function feedState(
  { articles, truncated, coveredFrom }: News,
  counts: EventCounts,
  { upstream, now, previous }: ParseContext,
): Omit<EventFeed, 'days' | 'coverage_days' | 'notable'> | null {
  if (articles.length > 0)
    return {
      // `newsSource` has accepted it
      provider: upstream as NewsProvider,
      last_success: isoSeconds(now),
      truncated,
      covered_from: isoSeconds(truncated && coveredFrom !== null ? coveredFrom : newsWindow(now).from),
      counts,
      degraded_reasons: [],
    }
  if (!previous) return null
  const {
    provider,
    last_success,
    truncated: wasTruncated,
    covered_from,
  } = previous.data as unknown as EventFeed
  return {
    provider,
    last_success,
    truncated: wasTruncated,
    covered_from,
    counts,
    degraded_reasons: ['implausible_empty'],
  }
}

/** Without the articles whose title has no word: they cannot be distinguished from each other. */
function withTitles(news: News): News {
  const articles = news.articles.filter(({ title }) => normalizedTitle(title) !== '')
  return { ...news, articles, skipped: news.skipped + news.articles.length - articles.length }
}
