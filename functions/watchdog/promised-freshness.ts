import type { Job } from '#shared/declare/job.ts'
import { longestGap } from '#shared/declare/occurrences.ts'
import type { Schedule } from '#shared/declare/schedule.ts'

/** Any moment: a year from it holds every change of clocks. */
const SAMPLE_START = Date.UTC(2026, 0, 1)

/** Looking through a year takes a while, and a schedule does not change while a process lives. */
const longestGaps = new Map<string, number>()

/**
 * The share of time in which a job's data are fresh when that share of its ticks succeeds, each by its own luck: what
 * its interval and `freshFor` give.
 *
 * After a success data are fresh for x intervals, and the next success comes after n with probability p (1-p)^(n-1).
 * The expected stale part of the time between two successes is p q^m (m + 1/p - x), with m = floor(x) and q = 1-p.
 *
 * @param success - p, above 0 and at most 1
 * @returns 0..1; 0 for a schedule that does not fire twice in a year
 */
export function expectedFreshness(
  { schedule, freshness }: Pick<Job, 'freshness'> & { readonly schedule: Schedule },
  success: number,
): number {
  const intervals = freshness.freshForMs / longestInterval(schedule)
  const whole = Math.floor(intervals)
  return 1 - success * (1 - success) ** whole * (whole + 1 / success - intervals)
}

function longestInterval(schedule: Schedule): number {
  const name = `${schedule.expression} ${schedule.zone}`
  const known = longestGaps.get(name) ?? longestGap(schedule, SAMPLE_START)
  longestGaps.set(name, known)
  return known
}
