import type { Mutation } from '../mutations/mutations.ts'
import type { Finding } from './finding.ts'
import { isSuccess, type Step } from './loss.ts'

/** A list with fewer rows may be as short as that in a good body. */
const MIN_ROWS = 6

const CUTS = /^(?:rows )?(?:empty|an empty list|first only|last only)$/

/** Lists that lose rows in the course of things: a short one is believed once the stored one is no longer fresh. */
const SHRINKING = /\/checkins(?:$|\/)/

/** What a run says of a list that it does not use; of one with personal data only that it is not plausible. */
const REASON =
  /not believed|expected (?:at least|a list with|\d+ values|observations of)|not plausible: details are withheld/

/**
 * Lists that came without most of their rows and were used as if they were whole: the run fails, or it is partial, says
 * which list it does not believe, and keeps what was known.
 */
export function expectationFindings(
  mutations: readonly Mutation[],
  { run, isFirst }: Step,
): readonly Finding[] {
  const [mutation] = mutations
  if (!mutation || mutations.length > 1 || mutation.rows < MIN_ROWS) return []
  if (run.isDerived || !run.isBent) return []
  if (!isFirst && SHRINKING.test(mutation.path)) return []
  if (!CUTS.test(mutation.id.split('|').at(-1) ?? '')) return []
  const { status, message = '' } = run.record
  if (!isSuccess(run) && (status !== 'partial' || REASON.test(message))) return []
  return [
    {
      check: 'expectation',
      subject: 'short list',
      place: mutation.path,
      expected: `a failed run, or a partial one that says why it does not believe a list cut from ${mutation.rows} rows`,
      got: `${status} ${message}`,
    },
  ]
}
