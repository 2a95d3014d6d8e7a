/** Whether it holds, and what is to be said if not. */
export type Finding = readonly [holds: boolean, what: string]

/** What does not hold. */
export function failedFindings(all: readonly Finding[]): string[] {
  return all.flatMap(([holds, what]) => (holds ? [] : [what]))
}

/** How often each thing was seen. */
export type Tally = Record<string, number>

/** Counts things by their name, the most frequent first. */
export function tally(names: Iterable<string>): Tally {
  const groups = Map.groupBy(names, (name) => name)
  const counts = [...groups].map(([name, { length }]) => [name, length] as const)
  return Object.fromEntries(counts.sort(([, a], [, b]) => b - a))
}
