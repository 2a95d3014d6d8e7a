import { type Classification, classifyArticle } from '#shared/analysis/macro/event-classification.ts'
import { eventId, type Reported } from '#shared/analysis/macro/event-identity.ts'
import { hashOf } from '#shared/domain/codec.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { Article } from '#shared/upstreams/macro/articles.ts'

/** A geopolitical event as it is stored and served. Times are ISO 8601 in UTC. */
export interface EventRecord extends Classification {
  /** It stays when a graver report takes the place of the first one, as do `event_date` and `created_at`. */
  readonly id: string
  /** At most 200 characters. */
  readonly title: string
  /** At most 500 characters; `null` if the provider has none. */
  readonly description: string | null
  /** When the first stored report was published. */
  readonly event_date: string
  /** Number of articles that report it. */
  readonly sources_count: number
  readonly news_source: string | null
  readonly news_url: string | null
  /** When it was first stored. */
  readonly created_at: string
}

/** An event that is new, or that takes the place of its former record. */
export interface EventChange {
  readonly before: EventRecord | undefined
  readonly after: EventRecord
}

/** An event with what identifies it among the events of 48 hours. */
export interface ReportedEvent extends Reported {
  readonly record: EventRecord
}

/** Characters of the name of a report: 48 bits, so that two of a few thousand hardly ever have the same. */
const NAME_LENGTH = 8

/** The event that an article reports. */
export function reportedEvent(article: Article, now: number): ReportedEvent {
  const { title, publishedAt } = article
  const classification = classifyArticle(article)
  return {
    rowAt: null,
    title,
    publishedAt,
    severityScore: classification.severity_score,
    reports: [reportName(article)],
    record: {
      id: eventId(article),
      title,
      description: article.description || null,
      event_date: isoSeconds(publishedAt),
      ...classification,
      sources_count: 1,
      news_source: article.source,
      news_url: article.url,
      created_at: isoSeconds(now),
    },
  }
}

/** A short name of an article: a hash of its address, or of what else identifies it if it has none that may be stored. */
function reportName({ url, source, title, publishedAt }: Article): string {
  return hashOf(url ?? `${source} ${title} ${publishedAt}`).slice(0, NAME_LENGTH)
}
