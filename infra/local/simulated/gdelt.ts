import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { isoText } from '#shared/domain/time.ts'
import { type NewsItem, newsItems } from './model/news.ts'
import { jsonResponse, type SimulatedProvider, type SimulatedResponse } from './model/provider.ts'
import { hashFraction } from './model/seeded-values.ts'

const STEP_MS = 15 * MINUTE_MS
const PACE_MS = 5 * SECOND_MS
const BUSY_MS = 30 * SECOND_MS
const MAX_DELAY_MS = 3 * SECOND_MS
const DEFAULT_RECORDS = 75
const MAX_RECORDS = 250

/** Shares of the articles. */
const ILLEGAL_SHARE = 0.05
const REPEATED_SHARE = 0.05

/**
 * GDELT's list of articles, with a new one every few minutes and no descriptions. It answers slowly. A call within five seconds
 * of another is refused; within thirty seconds it is refused, answered with nothing, or served. Errors are sentences under
 * 200. Some titles have an escape that JSON does not allow, and some rows come twice.
 *
 * @see https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/
 */
export const gdelt: SimulatedProvider = (seed, now, path, query, earlierCalls = []) => {
  if (path !== '/api/v2/doc/doc') return textResponse(404, `no simulation of ${path}`)
  const hash = hashFraction(`${Math.floor(now / SECOND_MS)} load ${seed}`)
  const delayMs = Math.round(MAX_DELAY_MS * hash)
  const busy = underLoad(now, hash, earlierCalls)
  if (busy) return { ...busy, delayMs }
  const error = queryError(query.get('query') ?? '')
  if (error !== undefined) return textResponse(200, error)
  const spanMs = timespanMs(query.get('timespan') ?? '1d')
  if (spanMs === undefined) return textResponse(200, 'Invalid timespan.')
  const records = Number(query.get('maxrecords') ?? DEFAULT_RECORDS)
  const until = Math.floor(now / STEP_MS) * STEP_MS
  const items = newsItems(seed, until - spanMs, until).slice(0, Math.min(records, MAX_RECORDS))
  return { ...articleList(seed, items), delayMs }
}

const LIMIT_TEXT = 'Please limit requests to one every 5 seconds'

function underLoad(
  now: number,
  hash: number,
  earlierCalls: readonly number[],
): SimulatedResponse | undefined {
  const sinceMs = Math.min(...earlierCalls.filter((at) => at <= now).map((at) => now - at))
  if (sinceMs < PACE_MS) return textResponse(hash < 0.5 ? 200 : 429, `${LIMIT_TEXT}.`)
  if (sinceMs >= BUSY_MS || hash >= 2 / 3) return undefined
  if (hash < 1 / 3) return textResponse(429, `${LIMIT_TEXT} or contact contact@example.test.`)
  return jsonResponse(200, {})
}

function textResponse(status: number, body: string): SimulatedResponse {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}

/** The sentence about a query that GDELT refuses. */
function queryError(query: string): string | undefined {
  const terms = query.replaceAll(/\bsourcelang:\w+/g, '').trim()
  if (terms.length < 3 || query.length > MAX_RECORDS) return 'Your query was too short or too long.'
  if (/"[^" .&-]*"/.test(terms)) return 'The specified phrase is too short.'
  const isOr = /\bOR\b/.test(terms)
  if (isOr && !/^\(.*\)$/.test(terms)) return "Queries containing OR'd terms must be surrounded by ()."
  return !isOr && /[()]/.test(terms) ? "Parentheses may only be used around OR'd statements." : undefined
}

const UNITS_MS: Readonly<Record<string, number>> = { min: MINUTE_MS, h: HOUR_MS, d: DAY_MS }

function timespanMs(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,3})(min|h|d)$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * (UNITS_MS[unit] ?? DAY_MS)
}

/** The list with its mistakes, some of which are no JSON. */
function articleList(seed: number, items: readonly NewsItem[]): SimulatedResponse {
  if (items.length === 0) return jsonResponse(200, {})
  const rows = items.flatMap((item) => {
    const row = articleRow(seed, item)
    return hashFraction(`${item.url} twice ${seed}`) < REPEATED_SHARE ? [row, row] : [row]
  })
  const { status, headers, body } = jsonResponse(200, { articles: rows.slice(0, MAX_RECORDS) })
  return { status, headers, body: body.replaceAll(ILLEGAL_MARK, String.raw`\'`) }
}

/** Becomes an escape that JSON does not allow. */
const ILLEGAL_MARK = '\u2019'

function articleRow(seed: number, { title, url, domain, publishedAt }: NewsItem) {
  const digits = isoText(publishedAt).replaceAll(/[-:]|\.\d+Z/g, '')
  const isIllegal = hashFraction(`${url} escape ${seed}`) < ILLEGAL_SHARE
  return {
    url,
    url_mobile: '',
    title: isIllegal ? `Today${ILLEGAL_MARK}s news: ${title}` : title,
    seendate: hashFraction(`${url} form ${seed}`) < 0.5 ? `${digits}Z` : digits.replace('T', ''),
    socialimage: '',
    domain,
    language: 'English',
    sourcecountry: '',
  }
}
