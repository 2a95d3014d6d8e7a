import { describe, expect, it } from 'vitest'
import { articleUrl } from '#shared/upstreams/macro/articles.ts'
import { gdeltArticlesCall, gdeltTime, parseGdeltArticles } from '#shared/upstreams/macro/gdelt-articles.ts'
import {
  newsApiArticlesCall,
  newsApiNextCalls,
  parseNewsApiArticles,
} from '#shared/upstreams/macro/news-api-articles.ts'

const NOW = Date.UTC(2026, 10, 28, 12)
const DAY = 86_400_000
const WINDOW = { from: NOW - DAY, now: NOW }

describe('the address of an article', () => {
  it.each([
    ['https://x.test/a?b=c#d', 'https://x.test/a?b=c#d'],
    ['http://x.test/a', 'http://x.test/a'],
    [' https://x.test/consent.html ', 'https://x.test/consent.html'],
    ['https://my.consent.test/a', 'https://my.consent.test/a'],
  ])('%j is kept', (value, url) => {
    expect(articleUrl(value)).toBe(url)
  })

  it.each([
    ['https://consent.x.test/m?continue=https%3A%2F%2Fx.test'],
    ['https://CONSENT.x.test/'],
    ['https://user@x.test/'],
    ['https://user:key@x.test/'],
    ['https://x.test/\na'],
    ['https://x.test/\u202ea'],
    ['javascript:alert(1)'],
    ['ftp://x.test/'],
    ['//x.test/a'],
    [`https://x.test/${'a'.repeat(2_000)}`],
    [''],
    [null],
    [7],
  ])('%j is none', (value) => {
    expect(articleUrl(value)).toBeNull()
  })
})

describe('the articles of GDELT', () => {
  const row = (change: object = {}) => ({
    url: 'https://x.test/a',
    url_mobile: '',
    title: 'Ministers hold talks - X Test',
    seendate: '20261128T101500Z',
    socialimage: '',
    domain: 'x.test',
    language: 'English',
    sourcecountry: '',
    ...change,
  })
  /** Rows of different articles, one a minute. */
  const rows = (count: number) =>
    Array.from({ length: count }, (_, index) => row({ url: `https://x.test/${index}` }))
  const parse = (articles: unknown) => parseGdeltArticles({ articles }, WINDOW)

  it('are requested with all words in one query, newest first', () => {
    expect(gdeltArticlesCall(['war', 'coup'])).toEqual({
      path: '/api/v2/doc/doc',
      query: {
        query: '(war OR coup) sourcelang:english',
        mode: 'ArtList',
        format: 'json',
        maxrecords: '250',
        timespan: '1d',
        sort: 'DateDesc',
      },
    })
  })

  it('have a title, an address, a source and a time, and no other text', () => {
    expect(parse([row()])).toEqual({
      articles: [
        {
          title: 'Ministers hold talks - X Test',
          description: '',
          content: '',
          url: 'https://x.test/a',
          source: 'x.test',
          publishedAt: Date.UTC(2026, 10, 28, 10, 15),
        },
      ],
      rows: 1,
      skipped: 0,
      lost: [],
      coveredFrom: Date.UTC(2026, 10, 28, 10, 15),
      truncated: false,
    })
  })

  it.each([
    ['20261128T101500Z', Date.UTC(2026, 10, 28, 10, 15)],
    ['20261128101500', Date.UTC(2026, 10, 28, 10, 15)],
    ['20261128T101500', undefined],
    ['20261128101500Z', undefined],
    ['20260230T000000Z', undefined],
    ['20261128T250000Z', undefined],
    ['2026-11-28T10:15:00Z', undefined],
    ['', undefined],
    [20261128101500, undefined],
  ])('of %j are of the time %j', (text, at) => {
    expect(gdeltTime(text)).toBe(at)
  })

  it.each([[{}], [{ articles: [] }]])(
    'are none for %j, which the caller recognises by the number of rows',
    (body) => {
      expect(parseGdeltArticles(body, WINDOW)).toEqual({
        articles: [],
        rows: 0,
        skipped: 0,
        lost: [],
        coveredFrom: null,
        truncated: false,
      })
    },
  )

  it.each([[{ error: 'x' }], [{ articles: {} }], [{ articles: null }], [null], [[]]])(
    'of another form are refused: %j',
    (body) => {
      expect(() => parseGdeltArticles(body, WINDOW)).toThrow()
    },
  )

  it('are truncated at 250 rows, and say how far back they reach', () => {
    const oldest = row({ url: 'https://x.test/oldest', seendate: '20261128T040000Z' })

    expect(parse(rows(249)).truncated).toBe(false)
    expect(parse([...rows(249), oldest])).toMatchObject({
      truncated: true,
      rows: 250,
      coveredFrom: Date.UTC(2026, 10, 28, 4),
    })
  })

  it.each([
    ['without a title', { title: '' }, 'expected a title, got ""'],
    ['with a title of tags', { title: '<b></b>' }, 'expected a title'],
    ['without a time', { seendate: '' }, 'expected the time of an article'],
    ['of the future', { seendate: '20261128T120600Z' }, 'expected a time up to 2026-11-28T12:00:00Z'],
    ['in another language', { language: 'Spanish' }, 'expected an article in English, got one in "Spanish"'],
  ])('lose a row %s, and count it', (_, change, message) => {
    const { articles, lost, rows: count } = parse([...rows(3), row(change)])

    expect([articles.length, count]).toEqual([3, 4])
    expect(lost).toEqual([{ name: 'https://x.test/a', message: expect.stringContaining(message) }])
  })

  it.each([[null], ['text'], [[]], [7]])('lose a row that is no object: %j', (bad) => {
    expect(parse([...rows(3), bad]).lost).toHaveLength(1)
  })

  it('keep an article whose domain and language are empty, and one without an address', () => {
    const { articles } = parse([row({ domain: '', language: '', url: '' })])

    expect(articles[0]).toMatchObject({ source: null, url: null })
  })

  it('skip withdrawn articles, those before the window and a second one of the same address', () => {
    const parsed = parse([
      row(),
      row({ title: 'The same again' }),
      row({ title: '[Removed]', url: 'https://x.test/b' }),
      row({ seendate: '20261127T115900Z', url: 'https://x.test/c' }),
    ])

    expect(parsed).toMatchObject({ rows: 4, skipped: 3, lost: [] })
    expect(parsed.articles).toHaveLength(1)
  })

  it('are not believed when more than half of the rows are lost', () => {
    expect(() => parse([row(), { title: 'x' }, { title: 'x' }])).toThrow(
      'expected at most 50 % of 3 articles to be unusable, got 2; x: expected the time of an article',
    )
  })
})

describe('the articles of NewsAPI', () => {
  const row = (change: object = {}) => ({
    source: { id: null, name: 'X Test' },
    author: null,
    title: 'Ministers hold talks',
    description: '<a href="https://x.test/war-room">Recipes</a> for &amp; with friends',
    url: 'https://x.test/a',
    urlToImage: null,
    publishedAt: '2026-11-28T10:15:00Z',
    content: 'Recipes for a cold… [+1383 chars]',
    ...change,
  })
  const page = (articles: readonly unknown[]) => ({ status: 'ok', totalResults: 9_999, articles })
  const parse = (...pages: readonly unknown[]) => parseNewsApiArticles(pages, WINDOW)
  const question = { words: ['war', 'trade dispute'], from: NOW - DAY }
  const fullPage = page(Array.from({ length: 100 }, () => row()))

  it('are requested from a time on, newest first; pages after the first are optional', () => {
    expect(newsApiArticlesCall(question)).toEqual({
      path: '/v2/everything',
      query: {
        q: '(war OR "trade dispute")',
        from: '2026-11-27T12:00:00Z',
        language: 'en',
        sortBy: 'publishedAt',
        pageSize: '100',
        page: '1',
      },
      optional: false,
    })
    expect(newsApiArticlesCall(question, 2)).toMatchObject({ query: { page: '2' }, optional: true })
  })

  it('are without markup, and without the mark of a cut', () => {
    expect(parse(page([row()])).articles).toEqual([
      {
        title: 'Ministers hold talks',
        description: 'Recipes for & with friends',
        content: 'Recipes for a cold…',
        url: 'https://x.test/a',
        source: 'X Test',
        publishedAt: Date.UTC(2026, 10, 28, 10, 15),
      },
    ])
  })

  it('may have no description, content and source; long ones are cut', () => {
    const nulls = { description: null, content: null, source: null }

    expect(parse(page([row(nulls)])).articles[0]).toMatchObject({
      description: '',
      content: '',
      source: null,
    })
    expect(parse(page([row({ description: 'x'.repeat(600) })])).articles[0]?.description).toHaveLength(500)
    expect(parse(page([row({ title: 'x'.repeat(600) })])).articles[0]?.title).toHaveLength(200)
  })

  it('with a link to a consent page count, without the link', () => {
    const consent = row({ url: 'https://consent.x.test/m?continue=https%3A%2F%2Fx.test%2Fa' })

    expect(parse(page([consent])).articles[0]).toMatchObject({ title: 'Ministers hold talks', url: null })
  })

  it.each([
    ['title', { title: '[Removed]', publishedAt: '1970-01-01T00:00:00Z' }],
    ['source', { source: { id: null, name: '[Removed]' } }],
  ])('are skipped when they are withdrawn: by %s', (_, change) => {
    expect(parse(page([row(change)]))).toMatchObject({ articles: [], rows: 1, skipped: 1, lost: [] })
  })

  it.each([['2026-11-28T10:15:00'], ['2026-11-28'], ['2026-11-28T25:00:00Z'], [null]])(
    'lose a row with the time %j',
    (publishedAt) => {
      expect(parse(page([row({ url: 'https://x.test/b' }), row({ publishedAt })])).lost).toHaveLength(1)
    },
  )

  it('of all pages are read together; a refused page is left out', () => {
    const second = page([row({ url: 'https://x.test/b' })])

    expect(parse(page([row()]), second, null)).toMatchObject({ rows: 2, skipped: 0 })
    expect(parse(page([])).rows).toBe(0)
  })

  it.each([[{ status: 'error', code: 'x' }], [{ articles: [] }], [{ status: 'ok' }], [[]]])(
    'of another form are refused: %j',
    (body) => {
      expect(() => parse(body)).toThrow()
    },
  )

  it.each([
    ['after a full page', [fullPage], ['2']],
    ['after four full pages', [fullPage, fullPage, fullPage, fullPage], ['5']],
    ['after the fifth', [fullPage, fullPage, fullPage, fullPage, fullPage], []],
    ['after a page with fewer rows, whatever the total', [page([row()])], []],
    ['after an empty page', [fullPage, page([])], []],
    ['after a refused page', [fullPage, null], []],
    ['after a body of another form', [{ status: 'ok' }], []],
    ['before the first', [], []],
  ])('have the next page %s: %#', (_, bodies, pages) => {
    expect(newsApiNextCalls(bodies, question).map(({ query }) => query.page)).toEqual(pages)
  })
})
