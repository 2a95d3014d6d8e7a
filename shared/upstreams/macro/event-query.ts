import { shown } from '#shared/domain/text.ts'

/** The words by which news are requested. Source: the specification of the macro system, section 3. */
export const EVENT_QUERY_WORDS: readonly string[] = [
  'war',
  'conflict',
  'sanctions',
  'crisis',
  'terror',
  'coup',
  'trade dispute',
]

/** Longest query of GDELT, in characters. The provider does not document its limit. */
const MAX_GDELT_LENGTH = 250

/** Longest query of NewsAPI, in characters after encoding. */
const MAX_NEWS_API_LENGTH = 500

/** Words of ASCII letters and digits, which may contain single signs, or phrases of them. */
const TERM = /^[a-z0-9]+(?:[ .&-][a-z0-9]+)*$/i
const OPERATORS = ['and', 'or', 'not']
const MIN_LETTERS = 3

/**
 * The query of GDELT for articles in English that contain any of the words.
 *
 * GDELT refuses a single word in quotes, a word with a hyphen, a point or `&` without them, words under three letters, an
 * `OR` without parentheses and parentheses around one term.
 *
 * @example
 * gdeltQuery(['coup']) // 'coup sourcelang:english'
 * gdeltQuery(['war', 'f-16', 'trade dispute']) // '(war OR "f-16" OR "trade dispute") sourcelang:english'
 * @throws {TypeError} for no words, a word that cannot be searched for or occurs twice, and a query that is too long
 */
export function gdeltQuery(words: readonly string[]): string {
  const query = `${anyOf(words)} sourcelang:english`
  return expectLength(query, query.length, MAX_GDELT_LENGTH)
}

/**
 * The query of NewsAPI for articles that contain any of the words; the language is a parameter of its own.
 *
 * @throws {TypeError} as {@link gdeltQuery}
 */
export function newsApiQuery(words: readonly string[]): string {
  const query = anyOf(words)
  return expectLength(query, encodeURIComponent(query).length, MAX_NEWS_API_LENGTH)
}

function anyOf(words: readonly string[]): string {
  const terms = words.map(term)
  const [first] = terms
  if (first === undefined) throw new TypeError('expected at least one word to search for, got none')
  if (new Set(terms.map((each) => each.toLowerCase())).size < terms.length)
    throw new TypeError(`expected each word to search for once, got ${shown(words)}`)
  return terms.length === 1 ? first : `(${terms.join(' OR ')})`
}

function term(word: string): string {
  const alphanumerics = word.replaceAll(/[^a-z0-9]/gi, '').length
  if (!TERM.test(word) || alphanumerics < MIN_LETTERS || OPERATORS.includes(word.toLowerCase()))
    throw new TypeError(
      `expected a word or phrase of at least ${MIN_LETTERS} ASCII letters or digits, got ${shown(word)}`,
    )
  return alphanumerics === word.length ? word : `"${word}"`
}

function expectLength(query: string, length: number, max: number): string {
  if (length <= max) return query
  throw new TypeError(`expected a query of at most ${max} characters, got ${length}`)
}
