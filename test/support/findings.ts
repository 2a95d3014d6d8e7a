/** Whether it holds, and what is to be said if not. */
export type Finding = readonly [holds: boolean, what: string]

/** What does not hold. */
export function failedFindings(all: readonly Finding[]): string[] {
  return all.flatMap(([holds, what]) => (holds ? [] : [what]))
}
