import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { Control } from '#shared/domain/records/control.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { activeOverrides, isLeftOutByInterval } from '#shared/engine/model/overrides.ts'
import { isoOrNull } from './instant.ts'

const MAX_TICKS = 5

/** The next five ticks of a job's schedule, each with why it will be skipped, if all before it succeed. */
export function nextRuns(job: Job, state: JobState, control: Control, now: number) {
  const clock = clockOf(job.schedule)
  if (job.off !== undefined || !clock) return []
  const { pause, skip } = control
  const overrides = activeOverrides(job, control) ?? {}
  let last: Pick<JobState, 'lastTick' | 'lastSuccessAt'> = state
  return occurrences(clock, { after: now, limit: MAX_TICKS }).map((tick) => {
    const isPaused = pause !== undefined && pause.until > tick
    const isLeftOut = skip?.tick === tick || isLeftOutByInterval(tick, last, overrides)
    if (!isPaused && !isLeftOut) last = { lastTick: tick, lastSuccessAt: tick }
    return { tick: isoOrNull(tick), skipped: isPaused ? 'paused' : isLeftOut ? 'left-out' : null }
  })
}
