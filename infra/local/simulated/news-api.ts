import { DAY_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { type NewsItem, newsItems } from './model/news.ts'
import { jsonResponse, type SimulatedProvider, type SimulatedResponse } from './model/provider.ts'
import { hashFraction } from './model/seeded-values.ts'

const MAX_PAGE_SIZE = 100
const MAX_RESULTS = 500
const CALLS_A_SECOND = 2

/** Shares of the articles. */
const REMOVED_SHARE = 0.03
const CONSENT_SHARE = 0.05
const NULL_SHARE = 0.1

/**
 * NewsAPI's articles under a paid plan, with HTML in descriptions, withdrawn articles, links to consent pages and members that are
 * `null`. The stated total is more than the articles, and another one for each page. The key is in a header, which a
 * simulation does not get.
 *
 * @see https://newsapi.org/docs/endpoints/everything
 */
export const newsApi: SimulatedProvider = (seed, now, path, query, earlierCalls = []) => {
  if (path !== '/v2/everything') return errorResponse(404, 'endpointDoesNotExist', `no ${path}`)
  if (earlierCalls.filter((at) => at <= now && now - at < SECOND_MS).length >= CALLS_A_SECOND)
    return errorResponse(429, 'rateLimited', 'You have made too many requests recently.')
  if (!query.get('q')) return errorResponse(400, 'parametersMissing', 'Required parameters are missing: q.')
  const [pageSize, page] = [Number(query.get('pageSize') ?? MAX_PAGE_SIZE), Number(query.get('page') ?? 1)]
  const from = query.get('from') ? Date.parse(query.get('from') ?? '') : now - DAY_MS
  if (!(pageSize >= 1 && pageSize <= MAX_PAGE_SIZE) || !(page >= 1) || !Number.isFinite(from))
    return errorResponse(400, 'parameterInvalid', 'A parameter has a value that is not valid.')
  if (page * pageSize > MAX_RESULTS)
    return errorResponse(426, 'maximumResultsReached', 'You have requested too many results.')
  const items = newsItems(seed, from, now).slice((page - 1) * pageSize, page * pageSize)
  const totalResults = MAX_RESULTS + page * 100
  return jsonResponse(200, { status: 'ok', totalResults, articles: items.map((item) => row(seed, item)) })
}

function errorResponse(status: number, code: string, message: string): SimulatedResponse {
  return jsonResponse(status, { status: 'error', code, message })
}

const REMOVED = '[Removed]'

const REMOVED_ROW = {
  source: { id: null, name: REMOVED },
  author: null,
  title: REMOVED,
  description: REMOVED,
  url: 'https://removed.com',
  urlToImage: null,
  publishedAt: '1970-01-01T00:00:00Z',
  content: REMOVED,
}

function row(seed: number, { title, description, publisher, domain, url, publishedAt }: NewsItem) {
  const isOf = (name: string, share: number) => hashFraction(`${url} ${name} ${seed}`) < share
  if (isOf('removed', REMOVED_SHARE)) return REMOVED_ROW
  const consent = `https://consent.${domain}/m?continue=${encodeURIComponent(url)}`
  return {
    source: { id: null, name: publisher },
    author: null,
    title,
    description: isOf('null', NULL_SHARE) ? null : description,
    url: isOf('consent', CONSENT_SHARE) ? consent : url,
    urlToImage: null,
    publishedAt: isoSeconds(publishedAt),
    content: `${description.slice(0, 60)}… [+1383 chars]`,
  }
}
