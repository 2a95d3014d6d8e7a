import { job } from '#functions/jobs/geo-events/job.ts'
import { refresh } from '#functions/jobs/geo-events/refresh.ts'
import { schemas } from '#functions/jobs/geo-events/schema.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { decompress } from '#shared/domain/codec.ts'
import { isoText } from '#shared/domain/time.ts'
import type { EventFeed } from '#shared/systems/macro/event-feed.ts'
import type { EventRecord } from '#shared/systems/macro/event-record.ts'
import { jobHarness } from '#test/support/jobs/job-harness.ts'

const PATH = '/api/v1/macro/geopolitical-events'

/** When the clock of the harness starts. */
export const NOON = Date.UTC(2026, 10, 20, 12)

/** An article as a test names it. */
export interface NewsRow {
  readonly title: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The end of its address; by default one of its own. */
  readonly url?: string
  readonly description?: string
}

/** An answer of GDELT. */
export function gdeltBody(rows: readonly NewsRow[]): object {
  const articles = rows.map(({ title, at, url }) => ({
    url: `https://news.test/${encodeURIComponent(url ?? `${title} ${at}`)}`,
    title,
    seendate: isoText(at).replaceAll(/[-:]|\.\d+/g, ''),
    domain: 'news.test',
    language: 'English',
  }))
  return rows.length === 0 ? {} : { articles }
}

/** A page of NewsAPI. */
export function newsApiBody(rows: readonly NewsRow[]): object {
  const articles = rows.map(({ title, at, url, description }) => ({
    source: { id: null, name: 'News Test' },
    title,
    description: description ?? null,
    url: url ?? `https://news.test/${title} ${at}`,
    publishedAt: isoText(at),
    content: null,
  }))
  return { status: 'ok', totalResults: 9_999, articles }
}

/** Settings under which NewsAPI is called. */
export const NEWS_API = {
  EVENTS_PROVIDER: 'newsapi',
  NEWS_API_PLAN: 'paid',
  NEWS_API_KEY_PARAMETER: '/test/news-api-key',
} as const

/** A valid response of the job's route. */
interface EventPage {
  readonly data: readonly EventRecord[]
  readonly meta: Omit<EventFeed, 'days' | 'notable' | 'provider'> & {
    readonly as_of: string
    readonly degraded: boolean
    readonly notice: string
    readonly next_cursor: string | null
  }
}

/** The job over the fakes. Each answer is a body, or rows of GDELT. */
export function geoEventsHarness(settings: SettingTexts = {}) {
  const harness = jobHarness(job, refresh, {
    start: NOON,
    settings,
    secrets: { [NEWS_API.NEWS_API_KEY_PARAMETER]: 'a key' },
  })

  /** Runs the job at a time with the articles that GDELT has. */
  function runWith(rows: readonly NewsRow[], at = harness.clock.now()) {
    harness.respondWith(() => ({ status: 200, body: gdeltBody(rows) }))
    return harness.tick(at)
  }

  /** A page of events that matches the schema of the route. */
  async function page(query = ''): Promise<EventPage> {
    const { status, body } = await harness.get(`${PATH}${query}`)
    if (status !== 200) throw new TypeError(`expected a page, got ${status} ${JSON.stringify(body)}`)
    return schemas[PATH].parse(body) as EventPage
  }

  /** The stored state of the feed. */
  async function feed(): Promise<EventFeed> {
    const item = await harness.store.items.get(job.id, 'feed')
    if (!item) throw new TypeError('expected a stored item, got none')
    return JSON.parse(decompress(item.body).toString('utf8')) as EventFeed
  }

  /** All stored rows. */
  function rows(): readonly EventRecord[] {
    const stored = [...harness.store.memory.history].filter(([name]) => name.startsWith(`${job.id} `))
    return stored.map(([, { data }]) => data as unknown as EventRecord)
  }

  return { ...harness, path: PATH, runWith, page, feed, rows }
}
