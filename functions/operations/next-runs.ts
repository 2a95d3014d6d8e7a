import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import type { Control, JobState } from '#shared/ports/records.ts'
import { isoOrNull } from './instant.ts'

const SHOWN = 5

/** The next five ticks of a job's schedule, each with why it will be skipped, as far as that is known today. */
export function nextRuns(job: Job, _state: JobState, { pause, skip }: Control, now: number) {
  if (job.off !== undefined) return []
  return occurrences(job.schedule, { after: now, limit: SHOWN }).map((tick) => {
    const isPaused = pause !== undefined && pause.until > tick
    const why = isPaused ? 'paused' : skip?.tick === tick ? 'left-out' : null
    return { tick: isoOrNull(tick), skipped: why }
  })
}
