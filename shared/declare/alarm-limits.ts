import type { Job } from './job.ts'
import { longestGap } from './occurrences.ts'
import { clockOf, type Schedule } from './schedule.ts'

/** An arbitrary moment: the year after it contains every change of clocks. */
const SAMPLE_START = Date.UTC(2026, 0, 1)

/** Cached, because a search takes long and a schedule never changes within a process. */
const longestIntervals = new Map<string, number>()

/** The longest time in ms between two ticks of a schedule; `Infinity` when it does not fire twice in a year. */
export function longestInterval(schedule: Schedule): number {
  const name = `${schedule.expression} ${schedule.zone}`
  const interval = longestIntervals.get(name) ?? longestGap(schedule, SAMPLE_START)
  longestIntervals.set(name, interval)
  return interval
}

/**
 * How long the data of a job may be overdue before its alarm fires, in ms: as declared, by default two intervals.
 * `undefined` for a job that runs on demand, which is never overdue.
 */
export function overdueLimitMs({
  schedule,
  overdueAfterMs,
}: Pick<Job, 'schedule' | 'overdueAfterMs'>): number | undefined {
  const clock = clockOf(schedule)
  return clock && (overdueAfterMs ?? 2 * longestInterval(clock))
}
