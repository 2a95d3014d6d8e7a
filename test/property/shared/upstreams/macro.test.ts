import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { repairJson } from '#shared/upstreams/gdelt.ts'
import { gdeltQuery, newsApiQuery } from '#shared/upstreams/macro/event-query.ts'
import { parseFredObservations } from '#shared/upstreams/macro/fred-observations.ts'
import { parseGdeltArticles } from '#shared/upstreams/macro/gdelt-articles.ts'
import { parseNewsApiArticles } from '#shared/upstreams/macro/news-api-articles.ts'
import { plainText } from '#shared/upstreams/macro/plain-text.ts'
import { runs } from '#test/support/runs.ts'

const NOW = Date.UTC(2026, 10, 28, 12)
const WINDOW = { from: NOW - 86_400_000, now: NOW }
const MANY = { numRuns: runs(5_000, 300) }

/** Texts with many of the characters that matter to JSON and HTML. */
const spiky = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\\',
      '"',
      "'",
      '<',
      '>',
      '&',
      ';',
      '#',
      'u',
      'n',
      'x',
      '0',
      ' ',
      '\n',
      '/',
      '!',
      '-',
      '=',
    ),
    fc.constantFrom('<a ', '</a>', '<!--', '-->', '&amp;', '&lt;', '&#60;', '\\u00e9', '<script>'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 60,
})

describe('the repair of JSON', () => {
  test('leaves a body that is JSON as it is, in value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)

        expect(JSON.parse(repairJson(text))).toEqual(JSON.parse(text))
      }),
      MANY,
    )
  })

  test('makes a text of any illegal escapes readable, and keeps each character but control characters', () => {
    const legal = fc.tuple(
      fc.constantFrom('\\\\', '\\"', '\\/', '\\n', '\\u0041', 'a', 'é'),
      fc.constant(undefined),
    )
    // a backslash before a character with which it is no escape
    const illegal = fc.tuple(fc.constantFrom('\\', '\t', '\n'), fc.constantFrom("'", 'x', ' ', '-', '9'))
    fc.assert(
      fc.property(fc.array(fc.oneof(legal, illegal)), (parts) => {
        const text = parts.map(([first, second = '']) => first + second).join('')
        const expected = parts
          .map(([first, second]) => {
            if (second === undefined) return JSON.parse(`"${first}"`) as string
            return (first === '\\' ? '\\' : ' ') + second
          })
          .join('')

        expect(JSON.parse(repairJson(`"${text}"`))).toBe(expected)
      }),
      MANY,
    )
  })

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(spiky, (text) => {
        const once = repairJson(text)

        expect(repairJson(once)).toBe(once)
      }),
      MANY,
    )
  })
})

describe('the plain text of HTML', () => {
  test('is one line of at most so many characters, without controls, for any text', () => {
    fc.assert(
      fc.property(spiky, fc.integer({ min: 1, max: 40 }), (html, maxLength) => {
        const text = plainText(html, maxLength)

        expect(Array.from(text).length).toBeLessThanOrEqual(maxLength)
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]|\s\s|^\s|\s$/u)
      }),
      MANY,
    )
  })

  test('of an escaped text is that text with single spaces: entities are decoded exactly once', () => {
    fc.assert(
      fc.property(spiky, (text) => {
        const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
        const collapsed = text
          .replaceAll(/[\p{Cf}\p{Cs}]/gu, '')
          .replaceAll(/[\s\p{Cc}]+/gu, ' ')
          .trim()

        expect(plainText(escaped, 1_000)).toBe(collapsed)
      }),
      MANY,
    )
  })

  test('has no word of a tag, whatever its attributes', () => {
    const attribute = fc.tuple(fc.constantFrom('href', 'title', 'alt'), fc.constantFrom('"', "'"), spiky)
    fc.assert(
      fc.property(
        fc.constantFrom('a', 'p', 'img', 'b'),
        fc.array(attribute, { maxLength: 3 }),
        (name, attributes) => {
          const texts = attributes.map(
            ([attributeName, quote, value]) =>
              ` ${attributeName}=${quote}war ${value.replaceAll(/["']/g, '').replaceAll(/<(?:!--|script)/gi, '')}${quote}`,
          )

          expect(plainText(`before <${name}${texts.join('')}>after`, 1_000)).not.toContain('war')
        },
      ),
      MANY,
    )
  })
})

test('a query keeps every word, is within its length, and has parentheses exactly around several', () => {
  const word = fc
    .tuple(
      fc.stringMatching(/^[a-z][a-z0-9]{2,9}$/),
      fc.option(fc.tuple(fc.constantFrom(' ', '.', '-', '&'), fc.stringMatching(/^[a-z0-9]{1,9}$/))),
    )
    .map(([first, rest]) => (rest ? first + rest.join('') : first))
    .filter((text) => !['and', 'not'].includes(text))
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 9 }), (words) => {
      const query = gdeltQuery(words)
      const [, terms = ''] = /^(.*) sourcelang:english$/.exec(query) ?? []
      const list = terms.replace(/^\(|\)$/g, '').split(' OR ')

      expect(query.length).toBeLessThanOrEqual(250)
      expect(list.map((term) => term.replaceAll('"', ''))).toEqual(words)
      expect(list.every((term) => term.startsWith('"') === /[^a-z0-9"]/.test(term))).toBe(true)
      expect(terms.startsWith('(')).toBe(words.length > 1)
      expect(newsApiQuery(words)).toBe(terms)
    }),
    MANY,
  )
})

test('any list of words gives a query or an error that names what was expected', () => {
  fc.assert(
    fc.property(fc.array(spiky), (words) => {
      try {
        expect(gdeltQuery(words)).toMatch(/^[ -~]{3,250}$/)
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
        expect(error.message).toMatch(/^expected/)
      }
    }),
    MANY,
  )
})

const anyRow = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      title: fc.oneof(spiky, fc.constant('[Removed]'), fc.constant(null)),
      description: fc.oneof(spiky, fc.constant(null)),
      content: fc.oneof(spiky, fc.constant(null)),
      url: fc.oneof(fc.webUrl({ withQueryParameters: true }), spiky, fc.constant('https://consent.x.test/')),
      source: fc.oneof(fc.record({ name: spiky }), fc.constant(null)),
      domain: spiky,
      language: fc.constantFrom('English', '', 'Spanish'),
      seendate: fc.constantFrom('20261128T101500Z', '20261128101500', '20261129T101500Z', ''),
      publishedAt: fc.constantFrom(
        '2026-11-28T10:15:00Z',
        '1970-01-01T00:00:00Z',
        '2027-01-01T00:00:00Z',
        '',
      ),
    },
    { requiredKeys: [] },
  ),
)

test.each([
  ['GDELT', (rows: readonly unknown[]) => parseGdeltArticles({ articles: rows }, WINDOW)],
  ['NewsAPI', (rows: readonly unknown[]) => parseNewsApiArticles([{ status: 'ok', articles: rows }], WINDOW)],
])('articles of %s are in bounds and in the window, and every row is counted once', (_, parse) => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 8 }), (rows) => {
      let parsed: ReturnType<typeof parse>
      try {
        parsed = parse(rows)
      } catch (error) {
        expect((error as Error).message).toMatch(/^expected at most 50 %/)
        return
      }
      expect(parsed.rows).toBe(rows.length)
      expect(parsed.articles.length + parsed.skipped + parsed.lost.length).toBe(rows.length)
      for (const { title, description, content, url, publishedAt } of parsed.articles) {
        expect(title).not.toBe('')
        expect(Math.max(title.length / 2, description.length, content.length)).toBeLessThanOrEqual(1_000)
        expect(url ?? 'http://x').toMatch(/^https?:\/\/(?!consent\.)/)
        expect(publishedAt >= WINDOW.from && publishedAt <= NOW + 300_000).toBe(true)
      }
    }),
    { numRuns: runs(2_000, 200) },
  )
})

test('observations are newest first, each date once, in bounds and of the past, or refused', () => {
  const row = fc.record(
    {
      date: fc.oneof(
        fc.constantFrom('2026-11-28', '2026-11-29', '2026-02-30', '', null),
        fc
          .date({ min: new Date('2000-01-01'), max: new Date('2026-11-28'), noInvalidDate: true })
          .map((date) => date.toISOString().slice(0, 10)),
      ),
      value: fc.oneof(
        fc.double().map(String),
        fc.constantFrom('.', '', '4.08', '-0.1', '1e999', ' 4', 'NaN', null, 4.08),
      ),
    },
    { requiredKeys: [] },
  )
  const question = {
    units: 'lin',
    limit: 20,
    bounds: { min: -5, max: 1e6 },
    isPeriodDate: (date: string) => !date.endsWith('-13'),
    newestDate: '2026-11-28',
  } as const
  const echo = { file_type: 'json', sort_order: 'desc', units: 'lin', limit: 20 }
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (observations) => {
      let parsed: ReturnType<typeof parseFredObservations>
      try {
        parsed = parseFredObservations({ ...echo, observations }, question)
      } catch (error) {
        expect((error as Error).message).toMatch(/^expected/)
        return
      }
      const dates = parsed.observations.map(({ date }) => date)
      expect(dates).toEqual([...new Set(dates)].toSorted().toReversed())
      expect(dates.every((date) => date <= '2026-11-28')).toBe(true)
      expect(dates.every(question.isPeriodDate)).toBe(true)
      expect(parsed.observations.every(({ value }) => value >= -5 && value <= 1e6)).toBe(true)
      expect(dates.length + parsed.missing.length + parsed.lost.length).toBe(observations.length)
    }),
    MANY,
  )
})
