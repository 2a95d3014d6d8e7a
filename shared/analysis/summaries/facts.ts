import { isCalendarDate } from '#shared/domain/time.ts'

/**
 * What a summary describes: stored figures, labels of an enumeration such as `MEDIUM`, and dates `YYYY-MM-DD`, by name;
 * `null` for what is missing. No text of a provider, so that nothing in it can instruct a model.
 */
export type Facts = Readonly<Record<string, number | string | null>>

/** The ends of the scale of all scores, so that a text may name them. */
export const SCORE_SCALE = { lowest_score: 0, highest_score: 100 } as const

const NAME = /^[a-z]+(?:_[a-z]+)*$/
const LABEL = /^[A-Za-z][A-Za-z_]{0,39}$/

/** The figures among some facts. */
export function figuresOf(facts: Facts): readonly number[] {
  return Object.values(facts).filter((value) => typeof value === 'number')
}

/**
 * Checks that facts are what may be sent to a model.
 *
 * @throws {TypeError} naming the fact that is neither a finite number, a label, a date nor `null`, or whose name has other
 *   signs than small letters and underscores
 */
export function expectFacts(facts: Facts): void {
  for (const [name, value] of Object.entries(facts)) {
    if (!NAME.test(name)) throw new TypeError(`expected the name of a fact in snake_case, got ${name}`)
    if (isFact(value)) continue
    const got = typeof value === 'string' ? `a text of ${value.length} characters` : String(value)
    throw new TypeError(`${name}: expected a finite number, a label, a date or null, got ${got}`)
  }
}

function isFact(value: Facts[string]): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return value === null || (typeof value === 'string' && (LABEL.test(value) || isCalendarDate(value)))
}
