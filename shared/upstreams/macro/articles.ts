import { MINUTE_MS } from '#shared/domain/duration.ts'
import { excerpt } from '#shared/domain/redaction.ts'
import { shown } from '#shared/domain/text.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { httpAddress } from '../http-address.ts'
import { expectFewLost, type LostRow } from '../rows.ts'
import { plainText } from './plain-text.ts'

/** A news article of any provider. Texts are plain, without markup; an absent one is empty. */
export interface Article {
  /** At most 200 characters. */
  readonly title: string
  /** At most 500 characters. */
  readonly description: string
  /** The beginning of the article, at most 500 characters. */
  readonly content: string
  /** An http or https address that may be stored; `null` for any other. */
  readonly url: string | null
  /** Name or domain of the publisher, at most 100 characters. */
  readonly source: string | null
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
}

/** The articles of an answer, in its order. */
export interface Articles {
  readonly articles: readonly Article[]
  /** Number of rows of the answer; 0 for an answer that is empty. */
  readonly rows: number
  /** Rows that are no news: withdrawn articles, those before the window, and a second one of the same address. */
  readonly skipped: number
  /** Rows that cannot be used. */
  readonly lost: readonly LostRow[]
  /** The oldest time of an article in the window, in milliseconds since the epoch; `null` without one. */
  readonly coveredFrom: number | null
}

/** The times for which news are requested, in milliseconds since the epoch. */
export interface NewsWindow {
  readonly from: number
  readonly now: number
}

/** A row of a provider. Its members are texts, if they are anything. */
export interface RawArticle {
  readonly title: unknown
  readonly description?: unknown
  readonly content?: unknown
  readonly url: unknown
  readonly source: unknown
  /** Milliseconds since the epoch; `undefined` when the provider's time cannot be read. */
  readonly publishedAt: number | undefined
  /** Why the row is not an answer to the question; absent when it is one. */
  readonly fault?: string | undefined
}

const MAX_TITLE_LENGTH = 200
const MAX_TEXT_LENGTH = 500
const MAX_SOURCE_LENGTH = 100
const MAX_NAME_LENGTH = 40

/** What withdrawn articles have in place of their title or source. */
const REMOVED = '[Removed]'

/** A provider's clock may be ahead of ours. */
const MAX_AHEAD_MS = 5 * MINUTE_MS

/** An answer with more unusable rows is not believed. */
const MAX_LOST_SHARE = 0.5

/**
 * Reads the rows of a provider. A row without a title or a time, and one of the future, is lost.
 *
 * @throws {TypeError} when more than half of the rows are lost
 */
export function readArticles(rows: readonly RawArticle[], { from, now }: NewsWindow): Articles {
  const articles: Article[] = []
  const lost: LostRow[] = []
  const urls = new Set<string>()
  for (const row of rows) {
    if (row.title === REMOVED || row.source === REMOVED) continue
    const article = readArticle(row, now)
    if (typeof article === 'string') lost.push({ name: nameOf(row), message: article })
    else if (article.publishedAt >= from && !urls.has(article.url ?? '')) {
      articles.push(article)
      if (article.url !== null) urls.add(article.url)
    }
  }
  expectFewLost('articles', lost, { total: rows.length, maxShare: MAX_LOST_SHARE })
  return {
    articles,
    rows: rows.length,
    skipped: rows.length - articles.length - lost.length,
    lost,
    coveredFrom: articles.length === 0 ? null : Math.min(...articles.map(({ publishedAt }) => publishedAt)),
  }
}

/** The article, or why the row cannot be used. */
function readArticle(row: RawArticle, now: number): Article | string {
  const { publishedAt } = row
  const title = textOf(row.title, MAX_TITLE_LENGTH)
  if (title === '') return `expected a title, got ${shown(row.title)}`
  if (publishedAt === undefined) return 'expected the time of an article, got none that can be read'
  if (publishedAt > now + MAX_AHEAD_MS)
    return `expected a time up to ${isoSeconds(now)}, got ${isoSeconds(publishedAt)}`
  if (row.fault !== undefined) return row.fault
  return {
    title,
    description: textOf(row.description, MAX_TEXT_LENGTH),
    content: textOf(row.content, MAX_TEXT_LENGTH),
    url: articleUrl(row.url),
    source: textOf(row.source, MAX_SOURCE_LENGTH) || null,
    publishedAt,
  }
}

function textOf(value: unknown, maxLength: number): string {
  return typeof value === 'string' ? plainText(value, maxLength) : ''
}

function nameOf({ url, title }: RawArticle): string | undefined {
  const name = [url, title].find((each) => typeof each === 'string' && each !== '')
  return typeof name === 'string' ? excerpt(name, MAX_NAME_LENGTH) : undefined
}

/**
 * The address of an article, as it may be stored and linked: see {@link httpAddress}. `null` also for the consent page of a
 * site, which leads nowhere else.
 */
export function articleUrl(value: unknown): string | null {
  const address = httpAddress(value)
  return address !== null && new URL(address).hostname.startsWith('consent.') ? null : address
}
