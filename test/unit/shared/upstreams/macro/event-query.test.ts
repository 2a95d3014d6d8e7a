import { describe, expect, it } from 'vitest'
import { EVENT_QUERY_WORDS, gdeltQuery, newsApiQuery } from '#shared/upstreams/macro/event-query.ts'

describe('a query of GDELT', () => {
  it.each([
    [['coup'], 'coup sourcelang:english'],
    [['war', 'f-16', 'trade dispute'], '(war OR "f-16" OR "trade dispute") sourcelang:english'],
    [['AT&T', 'U.S.A'], '("AT&T" OR "U.S.A") sourcelang:english'],
    [['trade dispute'], '"trade dispute" sourcelang:english'],
    [['G20'], 'G20 sourcelang:english'],
  ])('for %j is %j', (words, query) => {
    expect(gdeltQuery(words)).toBe(query)
  })

  it('for the default words is as documented', () => {
    expect(gdeltQuery(EVENT_QUERY_WORDS)).toBe(
      '(war OR conflict OR sanctions OR crisis OR terror OR coup OR "trade dispute") sourcelang:english',
    )
  })

  it.each([
    [[], 'expected at least one word to search for, got none'],
    [['AI'], 'expected a word or phrase of at least 3 ASCII letters or digits, got "AI"'],
    [['f-1'], 'got "f-1"'],
    [['war', ''], 'got ""'],
    [['war)'], 'got "war)"'],
    [['"war"'], String.raw`got "\"war\""`],
    [['trade  dispute'], 'got "trade  dispute"'],
    [['sourcelang:french'], 'got "sourcelang:french"'],
    [['战争战争'], 'got "战争战争"'],
    [['NOT'], 'got "NOT"'],
    [['war', 'War'], 'expected each word to search for once, got ["war","War"]'],
  ])('for %j is refused', (words, message) => {
    expect(() => gdeltQuery(words)).toThrow(message)
  })

  it('has at most 250 characters', () => {
    const longest = 'x'.repeat(250 - ' sourcelang:english'.length)

    expect(gdeltQuery([longest])).toHaveLength(250)
    expect(() => gdeltQuery([`${longest}x`])).toThrow('expected a query of at most 250 characters, got 251')
  })
})

describe('a query of NewsAPI', () => {
  it('has no language, and at most 500 characters after encoding', () => {
    expect(newsApiQuery(['war', 'trade dispute'])).toBe('(war OR "trade dispute")')
    expect(newsApiQuery(['x'.repeat(500)])).toHaveLength(500)
    // a space and a quote take three characters
    expect(() => newsApiQuery([`${'x'.repeat(490)} ${'x'.repeat(2)}`])).toThrow(
      'at most 500 characters, got 501',
    )
  })
})
