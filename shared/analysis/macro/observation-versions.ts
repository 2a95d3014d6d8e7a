import type { Observation } from './indicator-changes.ts'

/** One value of an observation, and the day from which on we had it. */
interface Version {
  /** `null` from the day on which it was withdrawn. */
  readonly value: number | null
  /** Day in New York on which the provider first answered with it, `YYYY-MM-DD`. */
  readonly since: string
}

/** An observation with its revisions. */
export interface VersionedObservation {
  /** `YYYY-MM-DD` */
  readonly date: string
  /** Newest first; none if the only value was withdrawn within its day. */
  readonly versions: readonly Version[]
}

/** A value of an observation, and the day from which on we had it. */
export interface DatedValue extends Observation, Pick<Version, 'since'> {}

/** What an answer has. */
interface AnsweredObservations {
  readonly values: readonly Observation[]
  /** Dates without a value: one that had a value has it no more. */
  readonly missing: readonly string[]
}

/** The observations after an answer, newest first, and those of them that are new, revised or withdrawn. */
interface MergedObservations {
  readonly observations: readonly VersionedObservation[]
  readonly changed: readonly VersionedObservation[]
}

/** Of an observation that is revised more often, the oldest values are dropped. */
const MAX_VERSIONS = 12

/**
 * Merges the observations of an answer into the stored ones, by date. What the answer does not contain stays. A value that
 * differs from the stored one, or that is withdrawn, becomes a further version of its day; of several within one day the
 * last one counts.
 *
 * @param day - day in New York of the answer, `YYYY-MM-DD`
 * @param limit - number of observations to keep, the newest ones
 */
export function mergeObservations(
  stored: readonly VersionedObservation[],
  { values, missing }: AnsweredObservations,
  { day, limit }: { readonly day: string; readonly limit: number },
): MergedObservations {
  const byDate = new Map(stored.map((observation) => [observation.date, observation]))
  const answered = [...values, ...missing.map((date) => ({ date, value: null }))]
  const changed = answered.flatMap(({ date, value }) => {
    const before = byDate.get(date)?.versions ?? []
    if ((before[0]?.value ?? null) === value) return []
    const observation = { date, versions: withVersion(before, { value, since: day }) }
    byDate.set(date, observation)
    return [observation]
  })
  const observations = [...byDate.values()].toSorted((a, b) => (a.date > b.date ? -1 : 1)).slice(0, limit)
  const oldest = observations.at(-1)?.date ?? ''
  return { observations, changed: changed.filter(({ date }) => date >= oldest) }
}

/** A version of the same day is replaced; if its value was withdrawn within the day, it was none. */
function withVersion(before: readonly Version[], version: Version): readonly Version[] {
  const earlier = before.filter(({ since }) => since < version.since)
  if ((earlier[0]?.value ?? null) === version.value) return earlier
  return [version, ...earlier].slice(0, MAX_VERSIONS)
}

/** The newest values of observations, in their order. */
export function newestValues(observations: readonly VersionedObservation[]): readonly DatedValue[] {
  return observations.flatMap(({ date, versions: [newest] }) =>
    newest === undefined || newest.value === null ? [] : [{ date, value: newest.value, since: newest.since }],
  )
}
