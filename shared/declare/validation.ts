/**
 * Refuses keys that a declaration does not know, so that a misspelt one is not silently without effect.
 *
 * @throws {TypeError} naming the key and the known ones
 */
export function rejectUnknownKeys(where: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new TypeError(`${where}: expected the keys ${known.join(', ')}; got ${JSON.stringify(key)}`)
    }
  }
}

/** @throws {TypeError} when `text` does not match, saying what was expected */
export function expectMatch(where: string, text: unknown, pattern: RegExp, expected: string): void {
  if (typeof text !== 'string' || !pattern.test(text)) {
    throw new TypeError(`${where}: expected ${expected}, got ${JSON.stringify(text)}`)
  }
}

/** @throws {TypeError} when `value` is none of `words` */
export function expectOneOf(where: string, value: unknown, words: readonly string[]): void {
  if (typeof value !== 'string' || !words.includes(value)) {
    throw new TypeError(`${where}: expected one of ${words.join(', ')}, got ${JSON.stringify(value)}`)
  }
}

/** @throws {TypeError} when `value` is not a whole number of at least 1 */
export function expectWholeNumber(where: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw new TypeError(`${where}: expected a whole number of at least 1, got ${value}`)
}
