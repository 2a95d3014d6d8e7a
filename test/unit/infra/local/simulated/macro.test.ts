import { describe, expect, test } from 'vitest'
import { fred } from '#infra/local/simulated/fred.ts'
import { gdelt } from '#infra/local/simulated/gdelt.ts'
import type { SimulatedProvider } from '#infra/local/simulated/model/provider.ts'
import { newsApi } from '#infra/local/simulated/news-api.ts'
import { indicatorChanges } from '#shared/analysis/macro/indicator-changes.ts'
import { isPeriodDate, newestPeriodDate } from '#shared/analysis/macro/periods.ts'
import { resolveUpstream, type UpstreamDeclaration } from '#shared/declare/upstream.ts'
import { MACRO_SERIES } from '#shared/systems/macro/series.ts'
import { fred as fredUpstream } from '#shared/upstreams/fred.ts'
import { gdelt as gdeltUpstream } from '#shared/upstreams/gdelt.ts'
import { EVENT_QUERY_WORDS } from '#shared/upstreams/macro/event-query.ts'
import { fredObservationsCall, parseFredObservations } from '#shared/upstreams/macro/fred-observations.ts'
import { gdeltArticlesCall, parseGdeltArticles } from '#shared/upstreams/macro/gdelt-articles.ts'
import {
  newsApiArticlesCall,
  newsApiNextCalls,
  parseNewsApiArticles,
} from '#shared/upstreams/macro/news-api-articles.ts'
import { newsApi as newsApiUpstream } from '#shared/upstreams/news-api.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 10, 27, 14)
const WINDOW = { from: NOW - DAY, now: NOW }

interface Call {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}

interface Options {
  readonly now?: number
  readonly seed?: number
  readonly calls?: readonly number[]
  readonly query?: Readonly<Record<string, string>>
}

const UPSTREAMS = new Map<SimulatedProvider, UpstreamDeclaration>([
  [fred, fredUpstream],
  [gdelt, gdeltUpstream],
  [newsApi, newsApiUpstream],
])

function ask(
  provider: SimulatedProvider,
  call: Call,
  { now = NOW, seed = 1, calls = [], query }: Options = {},
) {
  const key: Record<string, string> = provider === fred ? { api_key: 'k' } : {}
  const parameters = new URLSearchParams({ ...call.query, ...key, ...query })
  const response = provider(seed, now, call.path, parameters, calls)
  const upstream = resolveUpstream(UPSTREAMS.get(provider) ?? fredUpstream, {})
  const classified = upstream.classify(response, now)
  return classified.kind === 'ok'
    ? { response, body: classified.body, error: undefined }
    : { response, body: undefined, error: classified.error }
}

function observationsOf(seriesId: string, options: Options & { readonly units?: 'lin' | 'pc1' } = {}) {
  const question = { seriesId, units: options.units ?? 'lin', limit: 400 } as const
  const { body } = ask(fred, fredObservationsCall(question), options)
  const bounds = { min: -1e9, max: 1e9 }
  return parseFredObservations(body, {
    ...question,
    bounds,
    isPeriodDate: () => true,
    newestDate: new Date(options.now ?? NOW).toISOString().slice(0, 10),
  })
}

const seriesCall = (seriesId: string) => fredObservationsCall({ seriesId, units: 'lin', limit: 20 })

describe('the simulation of FRED', () => {
  test('repeats its bytes, and gives others for another seed', () => {
    const bytes = (seed: number) => ask(fred, seriesCall('UNRATE'), { seed }).response.body

    expect(bytes(1)).toBe(bytes(1))
    expect(bytes(2)).not.toBe(bytes(1))
  })

  test.each(MACRO_SERIES.map((series) => [series.key, series] as const))(
    'has a recent value of %s and its change of a year',
    (_, { seriesId, units, limit, frequency, changeUnit, bounds }) => {
      const question = { seriesId, units, limit }
      // a month later the month of a year before is the one without a value
      const now = NOW - 31 * DAY

      const { body } = ask(fred, fredObservationsCall(question), { now })
      const { observations, lost } = parseFredObservations(body, {
        ...question,
        bounds,
        isPeriodDate: (date) => isPeriodDate(date, frequency),
        newestDate: newestPeriodDate(frequency, now),
      })

      const changes = indicatorChanges(observations, { frequency, unit: changeUnit })
      expect(lost).toEqual([])
      expect(changes?.change_1y).toEqual(expect.any(Number))
      expect(changes?.date && changes.date >= '2026-04-01').toBe(true)
    },
  )

  test('has no value on holidays, and never one of October 2025', () => {
    expect(observationsOf('DGS10').missing).toEqual(
      expect.arrayContaining(['2026-11-11', '2026-01-01', '2025-12-25']),
    )
    expect(observationsOf('DFF').missing).toEqual([])
    expect(observationsOf('UNRATE').missing).toEqual(['2025-10-01'])
    expect(observationsOf('CPIAUCSL', { units: 'pc1', now: Date.UTC(2026, 11, 20) }).missing).toContain(
      '2025-10-01',
    )
  })

  test('replaces a first value a month later, and no older one', () => {
    const [first, later] = [NOW, NOW + 40 * DAY].map(
      (now) => new Map(observationsOf('PCE', { now }).observations.map(({ date, value }) => [date, value])),
    )
    const revised = [...(first ?? [])].filter(([date, value]) => later?.get(date) !== value)

    expect(revised.map(([date]) => date)).toEqual(['2026-09-01'])
  })

  test('gives the change of a year as the levels have it', () => {
    const levels = new Map(observationsOf('CPIAUCSL').observations.map(({ date, value }) => [date, value]))
    const [newest] = observationsOf('CPIAUCSL', { units: 'pc1' }).observations

    expect(newest?.value).toBeCloseTo(
      100 * ((levels.get('2026-09-01') ?? 0) / (levels.get('2025-09-01') ?? 1) - 1),
      4,
    )
  })

  test('ignores parameters that it does not know', () => {
    const { body } = ask(fred, seriesCall('UNRATE'), { query: { unit: 'pc1', vintage_date: '2020-01-01' } })

    expect(body).toMatchObject({ units: 'lin' })
  })

  test.each<[string, Call, Options, string]>([
    ['without a key', seriesCall('UNRATE'), { query: { api_key: '' } }, 'auth'],
    ['an unknown series', seriesCall('NOPE'), {}, 'not-found'],
    ['an unknown unit', seriesCall('UNRATE'), { query: { units: 'x' } }, 'bad-request'],
    ['a limit of 0', seriesCall('UNRATE'), { query: { limit: '0' } }, 'bad-request'],
    ['without a type', seriesCall('UNRATE'), { query: { file_type: 'xml' } }, 'bad-request'],
    ['a third call within a second', seriesCall('UNRATE'), { calls: [NOW - 900, NOW - 400] }, 'rate-limited'],
    ['an unknown path', { path: '/fred/other', query: {} }, {}, 'not-found'],
  ])('answers %s as the provider would', (_, call, options, reason) => {
    expect(ask(fred, call, options).error?.reason).toBe(reason)
  })
})

const newsCall = gdeltArticlesCall(EVENT_QUERY_WORDS)

describe('the simulation of GDELT', () => {
  /** Answers of many hours, each without an earlier call. */
  const answers = Array.from({ length: 48 }, (_, index) => {
    const now = NOW - index * HOUR
    const { response, body } = ask(gdelt, newsCall, { now })
    return { response, articles: parseGdeltArticles(body, { from: now - DAY, now }) }
  })

  test('serves a first call: a day of articles without a lost row, in both forms of time', () => {
    for (const { articles } of answers) {
      expect(articles.lost).toEqual([])
      expect(articles.articles.length).toBeGreaterThan(200)
    }
    const [first] = answers
    expect(first?.response.body).toMatch(/"seendate":"\d{8}T\d{6}Z"/)
    expect(first?.response.body).toMatch(/"seendate":"\d{14}"/)
  })

  test('repeats rows, is truncated now and then, and has titles that are no JSON', () => {
    expect(answers.every(({ articles }) => articles.skipped > 0)).toBe(true)
    expect(new Set(answers.map(({ articles }) => articles.truncated))).toContain(true)
    expect(() => JSON.parse(answers[0]?.response.body ?? '')).toThrow(SyntaxError)
  })

  test('has the same article at the same address an hour later', () => {
    const [later, now] = answers.map(
      ({ articles }) => new Map(articles.articles.map(({ url, title }) => [url, title])),
    )

    const common = [...(now ?? [])].filter(([url]) => later?.has(url))
    expect(common.length).toBeGreaterThan(200)
    for (const [url, title] of common) expect(later?.get(url)).toBe(title)
  })

  test('takes up to three seconds', () => {
    const delays = answers.map(({ response }) => response.delayMs ?? -1)

    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...delays)).toBeLessThanOrEqual(3_000)
    expect(Math.max(...delays)).toBeGreaterThan(1_000)
  })

  test('refuses a call within five seconds of another, under 200 or 429', () => {
    const refused = Array.from({ length: 40 }, (_, index) => {
      const now = NOW + index * 60_000
      return ask(gdelt, newsCall, { now, calls: [now - 4_999] })
    })

    expect(new Set(refused.map(({ error }) => error?.reason))).toEqual(new Set(['rate-limited']))
    expect(new Set(refused.map(({ response }) => response.status))).toEqual(new Set([200, 429]))
  })

  test('sheds load within thirty seconds: refuses, answers with nothing, or serves', () => {
    const rowsOf = (index: number) => {
      const now = NOW + index * 60_000
      const { body } = ask(gdelt, newsCall, { now, calls: [now - 20_000] })
      return body && Math.sign(parseGdeltArticles(body, { from: now - DAY, now }).rows)
    }

    expect(new Set(Array.from({ length: 60 }, (_, index) => rowsOf(index)))).toEqual(
      new Set([undefined, 0, 1]),
    )
  })

  test.each([
    ['"war"', 'bad-request'],
    ['war OR coup', 'bad-request'],
    ['(war)', 'bad-request'],
    ['AI', 'bad-request'],
    [`(war OR ${'x'.repeat(250)})`, 'bad-request'],
    ['"f-16"', undefined],
    ['coup sourcelang:english', undefined],
  ])('answers the query %j as the provider would', (query, reason) => {
    expect(ask(gdelt, newsCall, { query: { query } }).error?.reason).toBe(reason)
  })

  test.each([
    [{ timespan: 'soon' }, newsCall.path, 'bad-request'],
    [{}, '/api/v2/other', 'not-found'],
  ])('answers %j at %s as the provider would', (query, path, reason) => {
    expect(ask(gdelt, { ...newsCall, path }, { query }).error?.reason).toBe(reason)
  })
})

describe('the simulation of NewsAPI', () => {
  const question = { words: EVENT_QUERY_WORDS, from: WINDOW.from }
  const call = newsApiArticlesCall(question)
  const pages: unknown[] = []
  for (let calls = [call]; calls.length > 0; calls = newsApiNextCalls(pages, question))
    pages.push(...calls.map((each) => ask(newsApi, each).body))
  const articles = parseNewsApiArticles(pages, WINDOW)

  test('has a day of articles in three pages, some withdrawn, some without a link or a description', () => {
    expect([pages.length, articles.rows, articles.lost]).toEqual([3, 241, []])
    expect(articles.skipped).toBeGreaterThan(0)
    expect(articles.articles.filter(({ url }) => url === null).length).toBeGreaterThan(0)
    expect(articles.articles.filter(({ description }) => description === '').length).toBeGreaterThan(0)
  })

  test('has descriptions that are HTML, and none once they are parsed', () => {
    expect(JSON.stringify(pages[0])).toContain('<p>')
    expect(
      articles.articles.some(({ description, content }) => /[<>]|&amp;|chars\]/.test(description + content)),
    ).toBe(false)
  })

  test('states another total on each page, more than it has', () => {
    const totals = pages.map((page) => (page as { totalResults: number }).totalResults)

    expect(new Set(totals).size).toBe(totals.length)
    expect(Math.min(...totals)).toBeGreaterThan(articles.rows)
  })

  test.each<[string, Options, string]>([
    ['without words', { query: { q: '' } }, 'bad-request'],
    ['too large a page', { query: { pageSize: '101' } }, 'bad-request'],
    ['a time that is none', { query: { from: 'soon' } }, 'bad-request'],
    ['a sixth page', { query: { page: '6' } }, 'bad-request'],
    ['a third call within a second', { calls: [NOW - 900, NOW - 400] }, 'rate-limited'],
  ])('answers %s as the provider would', (_, options, reason) => {
    expect(ask(newsApi, call, options).error?.reason).toBe(reason)
  })

  test('answers an unknown path with an error', () => {
    expect(ask(newsApi, { ...call, path: '/v2/other' }).error?.reason).toBe('not-found')
  })
})
