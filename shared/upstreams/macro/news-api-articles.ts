import * as z from 'zod/mini'
import { isoSeconds } from '#shared/domain/time.ts'
import { isoTime } from '../bounded-fields.ts'
import { members } from '../error-codes.ts'
import { rowList } from '../fields.ts'
import { type Articles, type NewsWindow, type RawArticle, readArticles } from './articles.ts'
import { newsApiQuery } from './event-query.ts'

/** What a call asks for. */
interface NewsApiQuestion {
  readonly words: readonly string[]
  /** Time of the oldest article, in milliseconds since the epoch. */
  readonly from: number
}

const PAGE_SIZE = 100
const MAX_PAGES = 5

/**
 * The call for a page of the articles in English that contain any of the words, newest first. Pages after the first are
 * optional: when one is refused, those before it are kept.
 *
 * @param page - from 1
 */
export function newsApiArticlesCall({ words, from }: NewsApiQuestion, page = 1) {
  const query = {
    q: newsApiQuery(words),
    from: isoSeconds(from),
    language: 'en',
    sortBy: 'publishedAt',
    pageSize: String(PAGE_SIZE),
    page: String(page),
  }
  return { path: '/v2/everything', query, optional: page > 1 }
}

/**
 * The call for the next page; none after a page with fewer rows than it may have, a refused one, and the fifth. The total
 * that an answer states is larger than what can be fetched, and changes between pages: it is not used.
 *
 * @param bodies - the pages so far, in order; a refused one is `null`
 */
export function newsApiNextCalls(bodies: readonly unknown[], question: NewsApiQuestion) {
  const { articles } = members(bodies.at(-1))
  const isFull = Array.isArray(articles) && articles.length >= PAGE_SIZE
  return isFull && bodies.length < MAX_PAGES ? [newsApiArticlesCall(question, bodies.length + 1)] : []
}

const body = z.object({ status: z.literal('ok'), articles: rowList() })

/**
 * Parses the pages of `/v2/everything`.
 *
 * @param pages - in order; those that were refused are `null`
 * @throws {TypeError} when more than half of the rows are lost
 * @throws {z.core.$ZodError} for a body of another form
 * @see https://newsapi.org/docs/endpoints/everything
 */
export function parseNewsApiArticles(pages: readonly unknown[], window: NewsWindow): Articles {
  const rows = pages.filter((page) => page !== null).flatMap((page) => body.parse(page).articles)
  return readArticles(rows.map(rawArticle), window)
}

/** The provider cuts off the content and appends the number of the characters that are missing. */
const CUT_MARK = /\s*\[\+\d+ chars\]$/

function rawArticle(row: unknown): RawArticle {
  const { title, description, content, url, source, publishedAt } = members(row)
  return {
    title,
    description,
    content: typeof content === 'string' ? content.replace(CUT_MARK, '') : content,
    url,
    source: members(source)['name'],
    publishedAt: isoTime(publishedAt),
  }
}
