import * as z from 'zod/mini'
import { shown } from '#shared/domain/text.ts'
import { isEmptyObject, members } from '../error-codes.ts'
import { rowList } from '../fields.ts'
import { type Articles, type NewsWindow, type RawArticle, readArticles } from './articles.ts'
import { gdeltQuery } from './event-query.ts'

/** The articles of an answer of GDELT. They have no description and no content. */
export interface GdeltArticles extends Articles {
  /** Whether the answer has as many rows as one can have, so that older articles of the window are not in it. */
  readonly truncated: boolean
}

/** Most rows of an answer. */
const MAX_RECORDS = 250

/** The call for the newest articles of a day that contain any of the words. A longer time span gives the same rows. */
export function gdeltArticlesCall(words: readonly string[]) {
  return {
    path: '/api/v2/doc/doc',
    query: {
      query: gdeltQuery(words),
      mode: 'ArtList',
      format: 'json',
      maxrecords: String(MAX_RECORDS),
      timespan: '1d',
      sort: 'DateDesc',
    },
  }
}

const body = z.object({ articles: rowList() })

/**
 * Parses an answer of the mode `ArtList`. `{}` is an answer without rows, which is not believable for words that occur
 * every hour: under load the service answers so to everything. The caller decides by `rows`.
 *
 * @throws {TypeError} when more than half of the rows are lost
 * @throws {z.core.$ZodError} for a body of another form
 * @see https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/
 */
export function parseGdeltArticles(answer: unknown, window: NewsWindow): GdeltArticles {
  const { articles: list } = isEmptyObject(answer) ? { articles: [] } : body.parse(answer)
  return { ...readArticles(list.map(rawArticle), window), truncated: list.length >= MAX_RECORDS }
}

function rawArticle(row: unknown): RawArticle {
  const { title, url, domain, seendate, language } = members(row)
  const isEnglish = typeof language !== 'string' || /^(?:english)?$/i.test(language)
  return {
    title,
    url,
    source: domain,
    publishedAt: gdeltTime(seendate),
    fault: isEnglish ? undefined : `expected an article in English, got one in ${shown(language)}`,
  }
}

/**
 * A time of GDELT, in UTC: `20261128T121500Z`, or its 14 digits alone.
 *
 * @returns milliseconds since the epoch; `undefined` for anything else
 */
export function gdeltTime(value: unknown): number | undefined {
  const match =
    typeof value === 'string'
      ? /^(\d{4})(\d\d)(\d\d)(?:T(?=\d{6}Z)|(?=\d{6}$))(\d\d)(\d\d)(\d\d)Z?$/.exec(value)
      : null
  if (!match) return undefined
  const [, year, month, day, hour, minute, second] = match
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const at = Date.parse(text)
  return Number.isFinite(at) && new Date(at).toISOString() === text ? at : undefined
}
