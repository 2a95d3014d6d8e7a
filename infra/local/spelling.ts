/**
 * The known name that was probably meant: the nearest one, if it is near at all.
 *
 * @returns `undefined` when every known name differs in more than a quarter of its letters
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= best.candidate.length / 4 ? best.candidate : undefined
}

/**
 * How many letters have to be added, left out or replaced to make one name from the other.
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
