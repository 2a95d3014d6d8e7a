import type { Job } from '#shared/declare/job.ts'
import type { Control, JobState } from '#shared/ports/records.ts'

/** How a job stands. `pending`: its first run is still to come. */
export interface Standing {
  readonly state: 'off' | 'paused' | 'pending' | 'fresh' | 'overdue'
  /** 0 while nothing is owed. */
  readonly overdueSeconds: number
}

/** How a job stands, as `/health` has it, with what operators decided. */
export function standingOf(job: Job, state: JobState, { pause }: Control, now: number): Standing {
  const since = state.freshUntil ?? state.missingSince
  const overdueSeconds = since === undefined ? 0 : Math.max(0, Math.floor((now - since) / 1_000))
  if (job.off !== undefined) return { state: 'off', overdueSeconds: 0 }
  if (pause && pause.until > now) return { state: 'paused', overdueSeconds: 0 }
  if (state.freshUntil === undefined && state.lastRun === undefined)
    return { state: 'pending', overdueSeconds }
  return { state: since !== undefined && now > since ? 'overdue' : 'fresh', overdueSeconds }
}
