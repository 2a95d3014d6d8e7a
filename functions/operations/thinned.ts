import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { type DurationText, durationText, milliseconds } from '#shared/domain/duration.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { leastFreshMs } from '#shared/engine/override.ts'
import { Refused, shown } from './refused.ts'
import { usualInterval } from './usual-interval.ts'

const LONGEST_MS = 366 * 86_400_000

/**
 * An override of a job's interval, from a duration as text. It leaves ticks out; a schedule cannot tick at other times
 * than it does.
 *
 * @throws {Refused} 400 for what is no duration, no multiple of the schedule's own interval, or too long
 */
export function thinned(job: Job, every: string, now: number): Pick<Overrides, 'everyMs' | 'slackMs'> {
  const refused = (what: string) =>
    new Refused({ status: 400, message: `every: expected ${what}, got ${shown(every)}` })
  const everyMs = durationOf(every)
  if (!clockOf(job.schedule)) throw refused(`a job that has a schedule; ${job.id} runs on demand`)
  if (everyMs === undefined) throw refused('a duration such as "30 minutes" or "2 hours"')
  const interval = usualInterval(job, now)
  if (everyMs < interval || everyMs % interval !== 0) {
    throw refused(
      `a multiple of ${durationText(interval)}, the schedule's own interval, because an override leaves ticks out ` +
        'and cannot make a schedule tick more often or at another time',
    )
  }
  const longest = job.stored === 'snapshot' ? job.freshness.serveStaleForMs : LONGEST_MS
  const over = leastFreshMs(everyMs, job) - longest
  if (over <= 0) return { everyMs, slackMs: interval / 2 }
  const why = job.stored === 'snapshot' ? ', for which the members of the set can be served' : ''
  throw refused(`at most ${durationText(everyMs - over)}${why}`)
}

function durationOf(every: string): number | undefined {
  try {
    return milliseconds(every as DurationText)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
