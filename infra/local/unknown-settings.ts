import type { NamedSetting } from '#shared/declare/system.ts'
import { editDistance, nearestName } from './spelling.ts'

/** Shorter names have too many innocent neighbours to be called misspelt. */
const MIN_NAME_LENGTH = 8
const MAX_TYPO_DISTANCE = 2

/**
 * Names of the environment that look like settings and are none, one line each: those that start with `FRESHET_` or
 * with the words that the settings of one owner share, and near misses of a known name.
 */
export function unknownSettings(
  names: readonly string[],
  own: readonly string[],
  declared: readonly Pick<NamedSetting, 'name' | 'owner'>[],
): string[] {
  const known = [...own, ...declared.map(({ name }) => name)]
  const prefixes = ['FRESHET_', ...sharedPrefixes(declared)]
  return names
    .filter((name) => !known.includes(name))
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)) || isNearMiss(name, known))
    .map((name) => {
      const meant = nearestName(name, known)
      return `unknown setting ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`
    })
}

function isNearMiss(name: string, known: readonly string[]): boolean {
  return known.some(
    (candidate) => candidate.length >= MIN_NAME_LENGTH && editDistance(name, candidate) <= MAX_TYPO_DISTANCE,
  )
}

/** Beginnings of two words or more that at least two settings of one owner have: `GLOBAL_STATS_`. */
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
