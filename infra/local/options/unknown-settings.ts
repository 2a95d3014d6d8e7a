import type { NamedSetting } from '#shared/declare/system.ts'

/** A shorter name resembles too many unrelated variables. */
const MIN_NAME_LENGTH = 8
const MAX_TYPO_DISTANCE = 2

/**
 * One line for each variable that looks like a setting and is none: it starts with `FRESHET_` or with the words that
 * the settings of one owner share, or it resembles a legal name.
 */
export function unknownSettings(
  names: readonly string[],
  own: readonly string[],
  declared: readonly Pick<NamedSetting, 'name' | 'owner'>[],
): string[] {
  const legal = [...own, ...declared.map(({ name }) => name)]
  const prefixes = ['FRESHET_', ...sharedPrefixes(declared)]
  return names
    .filter((name) => !legal.includes(name))
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)) || isNearMiss(name, legal))
    .map((name) => {
      const suggestion = nearestName(name, legal)
      return `unknown setting ${name}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`
    })
}

function isNearMiss(name: string, legal: readonly string[]): boolean {
  return legal.some(
    (candidate) => candidate.length >= MIN_NAME_LENGTH && editDistance(name, candidate) <= MAX_TYPO_DISTANCE,
  )
}

/** Prefixes of at least two words that at least two settings of one owner share: `GLOBAL_STATS_`. */
function sharedPrefixes(declared: readonly Pick<NamedSetting, 'name' | 'owner'>[]): string[] {
  const counts = new Map<string, number>()
  for (const { name, owner } of declared) {
    const words = name.split('_')
    for (let length = 2; length < words.length; length += 1) {
      const key = `${owner} ${words.slice(0, length).join('_')}_`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return [...counts].filter(([, count]) => count >= 2).map(([key]) => key.slice(key.indexOf(' ') + 1))
}

/**
 * The legal name that was probably meant.
 *
 * @returns `undefined` when every legal name differs in more than a quarter of its letters
 */
function nearestName(name: string, legal: readonly string[]): string | undefined {
  const ranked = legal
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= best.candidate.length / 4 ? best.candidate : undefined
}

/**
 * The number of letters to add, remove or replace in order to get from one name to the other.
 *
 * @see V. I. Levenshtein, Binary codes capable of correcting deletions, insertions and reversals (1966)
 */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, at(previous, j) + 1, at(row, j - 1) + 1))
    }
    previous = row
  }
  return at(previous, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
