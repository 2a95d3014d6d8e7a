import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Call, MaxCalls } from '#shared/engine/model/refresh.ts'
import type { Articles, NewsWindow } from '#shared/upstreams/macro/articles.ts'
import { EVENT_QUERY_WORDS } from '#shared/upstreams/macro/event-query.ts'
import { gdeltArticlesCall, parseGdeltArticles } from '#shared/upstreams/macro/gdelt-articles.ts'
import {
  newsApiArticlesCall,
  newsApiNextCalls,
  parseNewsApiArticles,
} from '#shared/upstreams/macro/news-api-articles.ts'

/** The articles of an answer, and whether older ones of the window are left out. */
export interface News extends Articles {
  readonly truncated: boolean
}

/** How the news of a day are requested from one provider. Times are milliseconds since the epoch. */
interface NewsSource {
  call(now: number): Call
  /** Calls for the next page. */
  nextCalls(bodies: readonly (object | null)[], now: number): readonly Call[]
  parse(bodies: readonly (object | null)[], window: NewsWindow): News
  readonly maxCalls: MaxCalls
}

/** An answer of NewsAPI has at most so many rows on its five pages. */
const MAX_NEWS_API_ROWS = 500

const SOURCES: Readonly<Record<string, NewsSource>> = {
  gdelt: {
    call: () => gdeltArticlesCall(EVENT_QUERY_WORDS),
    nextCalls: () => [],
    parse: ([body], window) => parseGdeltArticles(body, window),
    maxCalls: { retried: 1, once: 0 },
  },
  'news-api': {
    call: (now) => newsApiArticlesCall(questionAt(now)),
    nextCalls: (bodies, now) => newsApiNextCalls(bodies, questionAt(now)),
    parse: (pages, window) => {
      const articles = parseNewsApiArticles(pages, window)
      return { ...articles, truncated: pages.includes(null) || articles.rows >= MAX_NEWS_API_ROWS }
    },
    maxCalls: { retried: 1, once: 4 },
  },
}

/**
 * The source of a provider.
 *
 * @throws {RefreshError} `defect` for a provider that has no news
 */
export function newsSource(upstream: string): NewsSource {
  const source = SOURCES[upstream]
  if (source) return source
  throw new RefreshError('defect', `expected a provider of news, got ${upstream}`)
}

/** The news of a day, from a full hour on, so that all pages of a run have one window. Runs overlap by 18 hours or more. */
export function newsWindow(now: number): NewsWindow {
  return { from: Math.ceil((now - DAY_MS) / HOUR_MS) * HOUR_MS, now }
}

function questionAt(now: number) {
  return { words: EVENT_QUERY_WORDS, from: newsWindow(now).from }
}
