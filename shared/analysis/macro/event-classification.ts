import { roundScore } from '../portfolio/score-arithmetic.ts'
import type { EventCategory, Severity } from './event-kinds.ts'
import {
  CATEGORY_WORDS,
  INDUSTRY_WORDS,
  type Industry,
  OTHER_FACTOR,
  REGION_WORDS,
  type Region,
  SCOPE_POINTS,
  SEVERITY_WORDS,
} from './event-words.ts'

/** The texts of an article; an absent one is empty. Plain text, without markup. */
export interface ArticleText {
  readonly title: string
  readonly description: string
  readonly content: string
}

/** What an article says about an event. */
export interface Classification {
  readonly category: EventCategory
  readonly severity: Severity
  /** 1 to 10. */
  readonly severity_score: number
  /** 0 to 100. */
  readonly market_impact_score: number
  readonly affected_regions: readonly Region[]
  readonly affected_industries: readonly Industry[]
  /** The words of the category and of the severity that the article contains: why it is classified so. */
  readonly matched_words: readonly string[]
}

const WEIGHTS = { title: 3, description: 2, content: 1 } as const
const LOWEST_SEVERITY = 1
const POINTS_PER_SEVERITY = 5
const MAX_IMPACT = 100

/**
 * Classifies an article by its words. The category has the highest sum of weights over the distinct words that occur (title
 * 3, description 2, content 1; a word counts where it weighs most). The severity is that of the gravest word, so that a
 * further word never lowers it. Impact = severity times 5 times the factor of the category, and the points of the scope.
 */
export function classifyArticle(article: ArticleText): Classification {
  const weightOf = weights(article)
  const occurs = (word: string) => weightOf(word) > 0
  const { category, factor, words } = categoryOf(weightOf)
  const tier = SEVERITY_WORDS.find((each) => each.words.some(occurs))
  const severity = tier?.severity ?? LOWEST_SEVERITY
  const scope = SCOPE_POINTS.filter((each) => each.words.some(occurs))
  const points = scope.reduce((sum, each) => sum + each.points, 0)
  const impact = Math.min(MAX_IMPACT, severity * POINTS_PER_SEVERITY * factor + points)
  return {
    category,
    severity: levelOf(severity),
    severity_score: severity,
    market_impact_score: roundScore(impact) ?? 0,
    affected_regions: namesOf(REGION_WORDS, occurs),
    affected_industries: namesOf(INDUSTRY_WORDS, occurs),
    matched_words: [...new Set([...words, ...(tier?.words.filter(occurs) ?? [])])],
  }
}

function categoryOf(weightOf: (word: string) => number) {
  const weighed = CATEGORY_WORDS.map(({ category, factor, words }) => {
    const matched = words.filter((word) => weightOf(word) > 0)
    return {
      category,
      factor,
      words: matched,
      weight: matched.reduce((sum, word) => sum + weightOf(word), 0),
    }
  })
  const heaviest = weighed.reduce((best, each) => (each.weight > best.weight ? each : best))
  return heaviest.weight > 0 ? heaviest : { category: 'OTHER' as const, factor: OTHER_FACTOR, words: [] }
}

/** The largest weight of the texts in which a word occurs; 0 if it occurs in none. */
function weights({ title, description, content }: ArticleText): (word: string) => number {
  const texts = [
    { text: title, weight: WEIGHTS.title },
    { text: description, weight: WEIGHTS.description },
    { text: content, weight: WEIGHTS.content },
  ]
  const cache = new Map<string, number>()
  return (word) => {
    const cached = cache.get(word)
    if (cached !== undefined) return cached
    const pattern = patternOf(word)
    const weight = texts.find(({ text }) => pattern.test(text))?.weight ?? 0
    cache.set(word, weight)
    return weight
  }
}

const patterns = new Map<string, RegExp>()

/** A whole word or phrase, or its plural, in any case. Chinese has no spaces between words. */
function patternOf(word: string): RegExp {
  const cached = patterns.get(word)
  if (cached) return cached
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(' ', String.raw`\s+`)
  const isChinese = /\p{Script=Han}/u.test(word)
  const source = isChinese ? escaped : `(?<![\\p{L}\\p{N}])${escaped}s?(?![\\p{L}\\p{N}])`
  const pattern = new RegExp(source, 'iu')
  patterns.set(word, pattern)
  return pattern
}

function levelOf(severity: number): Severity {
  if (severity >= 9) return 'CRITICAL'
  if (severity >= 7) return 'HIGH'
  return severity >= 4 ? 'MEDIUM' : 'LOW'
}

function namesOf<T extends string>(
  table: Readonly<Record<T, readonly string[]>>,
  occurs: (word: string) => boolean,
): readonly T[] {
  return (Object.keys(table) as T[]).filter((name) => table[name].some(occurs))
}
