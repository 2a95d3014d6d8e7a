import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'

/** Enough ticks to tell how far they usually are apart. */
const SAMPLE_TICKS = 50

/**
 * The most common distance between the next ticks, in milliseconds: a change of clocks makes one of them longer or
 * shorter. Of a job that runs on demand, the time between two runs that readers may ask for.
 */
export function typicalInterval(job: Pick<Job, 'schedule' | 'freshness'>, now: number): number {
  const schedule = clockOf(job.schedule)
  if (!schedule) return job.freshness.freshForMs
  const ticks = occurrences(schedule, { after: now, limit: SAMPLE_TICKS })
  const gaps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? tick))
  const groups = [...Map.groupBy(gaps, (gap) => gap).values()].sort((a, b) => b.length - a.length)
  return groups[0]?.[0] ?? Number.POSITIVE_INFINITY
}
