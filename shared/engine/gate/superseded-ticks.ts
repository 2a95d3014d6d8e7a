import type { Job } from '#shared/declare/job.ts'
import { previousOccurrence } from '#shared/declare/occurrences.ts'
import { clockOf, previousOnGrid } from '#shared/declare/schedule.ts'
import { type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import { isoText } from '#shared/domain/time.ts'

/**
 * The outcome of a tick that is delivered when a newer tick of its schedule has come, whether or not that one has been
 * delivered: of many late ticks, in any order, only the newest runs (F26). `undefined` for the newest.
 *
 * @param tick - epoch milliseconds
 */
export function supersededOutcome(
  tick: number,
  { schedule }: Pick<Job, 'schedule'>,
  now: number,
): Outcome | undefined {
  const clock = clockOf(schedule)
  const newest = clock && (clock.grid ? previousOnGrid(clock.grid, now) : previousOccurrence(clock, now))
  if (newest === undefined || newest <= tick) return undefined
  return skippedOutcome('superseded', `the tick of ${isoText(newest)} has come`)
}
