import type { Job } from '#shared/declare/job.ts'
import { decidedFor } from '#shared/engine/initial-pause.ts'
import { answer } from './answer.ts'
import { nextRuns } from './next-runs.ts'
import type { Call, Operate } from './operation.ts'
import { expectOnly } from './query.ts'

/** The jobs that have a schedule, in the documented shape of schedulers; one that is off has none. */
export const listSchedules: Operate = async (call) => {
  expectOnly(call.request.query, [])
  const scheduled = call.system.jobs.filter(({ off }) => off === undefined)
  return answer(200, { jobs: await Promise.all(scheduled.map((job) => view(job, call))) })
}

async function view(job: Job, { request, ports }: Call) {
  const { states, controls } = ports.store
  const [state, stored] = await Promise.all([states.get(job.id), controls.get(job.id)])
  const control = decidedFor(job, stored)
  const next = nextRuns(job, state, control, request.at).find(({ skipped }) => skipped === null)
  const isPaused = control.pause !== undefined && control.pause.until > request.at
  return {
    id: job.id,
    name: job.title,
    next_run_time: next?.tick ?? null,
    trigger: job.schedule.expression,
    timezone: job.schedule.zone,
    status: isPaused ? 'paused' : 'active',
  }
}
