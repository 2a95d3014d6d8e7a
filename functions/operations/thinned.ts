import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { type DurationText, durationText, milliseconds } from '#shared/domain/duration.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { minFreshMs } from '#shared/engine/model/overrides.ts'
import { HttpError, shown } from './refused.ts'
import { typicalInterval } from './usual-interval.ts'

const MAX_INTERVAL_MS = 366 * 86_400_000

/**
 * An override of a job's interval, from a duration as text. It leaves ticks out; a schedule cannot tick at other times
 * than it does.
 *
 * @throws {HttpError} 400 for what is no duration, no multiple of the schedule's own interval, or too long
 */
export function intervalOverride(
  job: Job,
  every: string,
  now: number,
): Pick<Overrides, 'intervalMs' | 'toleranceMs'> {
  const refused = (what: string) =>
    new HttpError({ status: 400, message: `every: expected ${what}, got ${shown(every)}` })
  const intervalMs = parseDuration(every)
  if (!clockOf(job.schedule)) throw refused(`a job that has a schedule; ${job.id} runs on demand`)
  if (intervalMs === undefined) throw refused('a duration such as "30 minutes" or "2 hours"')
  const interval = typicalInterval(job, now)
  if (intervalMs < interval || intervalMs % interval !== 0) {
    throw refused(
      `a multiple of ${durationText(interval)}, the schedule's own interval, because an override leaves ticks out ` +
        'and cannot make a schedule tick more often or at another time',
    )
  }
  const longest = job.stored === 'snapshot' ? job.freshness.serveStaleForMs : MAX_INTERVAL_MS
  const over = minFreshMs(intervalMs, job) - longest
  if (over <= 0) return { intervalMs, toleranceMs: interval / 2 }
  const why = job.stored === 'snapshot' ? ', for which the members of the set can be served' : ''
  throw refused(`at most ${durationText(intervalMs - over)}${why}`)
}

function parseDuration(every: string): number | undefined {
  try {
    return milliseconds(every as DurationText)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
