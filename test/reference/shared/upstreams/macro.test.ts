import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJson } from '#shared/domain/json.ts'
import { type FredUnits, parseFredObservations } from '#shared/upstreams/macro/fred-observations.ts'
import { parseGdeltArticles } from '#shared/upstreams/macro/gdelt-articles.ts'
import { parseNewsApiArticles } from '#shared/upstreams/macro/news-api-articles.ts'

const root = process.env['FRESHET_REFERENCE']
if (root === undefined) throw new Error('expected FRESHET_REFERENCE to name the folder of the reference data')
const folder = join(root, 'fixtures')

const read = (provider: string, file: string) =>
  parseJson(readFileSync(join(folder, provider, file), 'utf8')) as Record<string, unknown>

const DAY = 86_400_000

/** The bodies are of many series. */
const ANY_SERIES = { bounds: { min: -1e9, max: 1e9 }, isPeriodDate: () => true, newestDate: '2026-11-28' }

describe('bodies of FRED', () => {
  const files = readdirSync(join(folder, 'fred')).filter((file) => file.startsWith('series-observations.'))

  it.each(files)('%s parses as the answer to its own question, without a lost row', (file) => {
    const body = read('fred', file)
    const question = {
      units: body['units'] as FredUnits,
      limit: Number(body['limit']),
      ...ANY_SERIES,
    }

    const { observations, missing, lost } = parseFredObservations({ ...body, sort_order: 'desc' }, question)

    expect([observations.length, missing, lost]).toEqual([Number(body['count']) > 100 ? 1 : 6, [], []])
  })

  it('in ascending order is no answer to our question', () => {
    const body = read('fred', 'series-observations.real-HQMCB10YR-2024.json')

    expect(() =>
      parseFredObservations(body, {
        units: 'lin',
        limit: 100_000,
        ...ANY_SERIES,
      }),
    ).toThrow('expected an answer with sort_order desc, got asc')
  })
})

describe('bodies of GDELT', () => {
  const now = Date.UTC(2024, 0, 1, 13)
  const window = { from: now - DAY, now }

  it('doc-artlist.json has two articles', () => {
    const { articles, lost, rows } = parseGdeltArticles(read('gdelt', 'doc-artlist.json'), window)

    expect([articles.length, lost, rows]).toEqual([2, [], 2])
    expect(articles[0]).toEqual({
      title: 'Title',
      description: '',
      content: '',
      url: 'https://example.com/a',
      source: 'example.com',
      publishedAt: Date.UTC(2024, 0, 1, 12),
    })
  })

  it('doc-artlist.empty.json has no row', () => {
    expect(parseGdeltArticles(read('gdelt', 'doc-artlist.empty.json'), window)).toMatchObject({
      articles: [],
      rows: 0,
    })
  })
})

describe('bodies of NewsAPI', () => {
  const now = Date.UTC(2023, 2, 22, 16)
  const window = { from: now - DAY, now }

  it('everything.with-removed-article.json has one article that is not withdrawn', () => {
    const { articles, skipped, lost } = parseNewsApiArticles(
      [read('newsapi', 'everything.with-removed-article.json')],
      window,
    )

    expect([skipped, lost]).toEqual([1, []])
    expect(articles).toEqual([
      {
        title: 'Città di confine: ripresi i colloqui sull’accordo',
        description: '',
        content: expect.stringMatching(/sospesi da un m…$/),
        url: 'https://news.example.test/flashes/colloqui-accordo/',
        source: 'Example.test',
        publishedAt: Date.UTC(2023, 2, 22, 15, 24, 52),
      },
    ])
  })

  it('everything.empty.json has no row', () => {
    expect(parseNewsApiArticles([read('newsapi', 'everything.empty.json')], window).rows).toBe(0)
  })
})
