/** The groups of findings. */
type Check =
  | 'bounds'
  | 'agreement'
  | 'degraded'
  | 'invented'
  | 'expectation'
  | 'lost'
  | 'outcome'
  | 'label'
  | 'renewal'
  | 'heal'
  | 'throw'

/** One broken promise, before it is known which attack caused it. */
export interface Finding {
  readonly check: Check
  /** What is broken: the name of a member, or of a rule. Findings of one name and check are one kind. */
  readonly subject: string
  /** Where it was read. */
  readonly place: string
  readonly expected: string
  readonly got: string
}

/** A value in a report: short, on one line, without control characters. */
export function shownValue(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 80)}… (${text.length} characters)` : text
}
