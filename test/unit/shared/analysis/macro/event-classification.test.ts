import { describe, expect, it } from 'vitest'
import { classifyArticle } from '#shared/analysis/macro/event-classification.ts'

const classified = (title: string, description = '', content = '') =>
  classifyArticle({ title, description, content })

describe('an article (row 12)', () => {
  it('about a strike on a pipeline is an energy crisis', () => {
    expect(classified('Military strike on oil pipeline disrupts Middle East exports')).toEqual({
      category: 'ENERGY_CRISIS',
      severity: 'HIGH',
      severity_score: 8,
      market_impact_score: 97,
      affected_regions: ['Middle East'],
      affected_industries: ['Energy', 'Defense'],
      matched_words: ['oil', 'pipeline', 'military strike'],
    })
  })

  it('about talks is diplomatic', () => {
    expect(classified('Ministers hold talks on fishing dispute')).toMatchObject({
      category: 'DIPLOMATIC_CRISIS',
      severity: 'MEDIUM',
      severity_score: 5,
      market_impact_score: 25,
      matched_words: ['talks', 'dispute'],
    })
  })

  it('without any of the words is of no category', () => {
    expect(classified('A museum opens its doors')).toMatchObject({
      category: 'OTHER',
      severity: 'LOW',
      severity_score: 1,
      market_impact_score: 4,
      matched_words: [],
    })
  })
})

describe('a word', () => {
  it.each([
    ['Warsaw welcomes guests', 'OTHER'],
    ['The wars of the past', 'WAR'],
    ['A prewar building', 'OTHER'],
    ['Tariffs on steel', 'TRADE_DISPUTE'],
    ['Air\n strikes at night', 'WAR'],
    ['WAR ends', 'WAR'],
    ['两国战争爆发', 'WAR'],
  ])('matches as a whole, in the plural and in any case: %j is %s', (title, category) => {
    expect(classified(title).category).toBe(category)
  })

  it('counts once, where it weighs most', () => {
    const once = classified('A coup', 'protest protest', '')
    expect(once.category).toBe('POLITICAL_UNREST')
    expect(classified('Oil price', 'war', 'war').category).toBe('ENERGY_CRISIS')
    expect(classified('', 'oil', 'war war war').category).toBe('ENERGY_CRISIS')
  })

  it('of the first category holds when two weigh the same', () => {
    expect(classified('War over oil').category).toBe('WAR')
  })
})

it('a further word never lowers the severity', () => {
  const words = ['talks', 'protest', 'crisis', 'missile', 'invasion', 'nuclear']
  const severities = words.map((_, index) => classified(words.slice(0, index + 1).join(' ')).severity_score)

  expect(severities).toEqual([3, 5, 7, 8, 9, 10])
  expect(classified(words.toReversed().join(' ')).severity_score).toBe(10)
})

it('the impact is at most 100, and the scope counts each kind once', () => {
  expect(classified('Nuclear war: global trade, United States, China and Europe').market_impact_score).toBe(
    100,
  )
  expect(classified('China and Europe meet').market_impact_score).toBe(4 + 25)
})
