import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { decidedFor } from '#shared/engine/initial-pause.ts'
import { answer } from './answer.ts'
import { nextRuns } from './next-runs.ts'
import type { Call, Operate } from './operation.ts'
import { expectOnly } from './query.ts'

/** The jobs that have a schedule, in the documented shape of schedulers; one that is off, or runs on demand, has none. */
export const listSchedules: Operate = async (call) => {
  expectOnly(call.request.query, [])
  const scheduled = call.system.jobs.flatMap((job) => {
    const clock = job.off === undefined ? clockOf(job.schedule) : undefined
    return clock ? [view(job, clock, call)] : []
  })
  return answer(200, { jobs: await Promise.all(scheduled) })
}

async function view(job: Job, { expression, zone }: Schedule, { request, ports }: Call) {
  const { states, controls } = ports.store
  const [state, stored] = await Promise.all([states.get(job.id), controls.get(job.id)])
  const control = decidedFor(job, stored)
  const next = nextRuns(job, state, control, request.at).find(({ skipped }) => skipped === null)
  const isPaused = control.pause !== undefined && control.pause.until > request.at
  return {
    id: job.id,
    name: job.title,
    next_run_time: next?.tick ?? null,
    trigger: expression,
    timezone: zone,
    status: isPaused ? 'paused' : 'active',
  }
}
