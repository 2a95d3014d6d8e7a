import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import { effectiveControl } from '#shared/domain/records/control.ts'
import { jsonResponse } from './answer.ts'
import { nextRuns } from './next-runs.ts'
import type { OperationContext, OperationHandler } from './operation.ts'
import { expectOnlyParameters } from './query.ts'

/** The jobs that have a schedule, in the documented shape of schedulers; one that is off, or runs on demand, has none. */
export const listSchedules: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  const scheduled = call.system.jobs.flatMap((job) => {
    const clock = job.off === undefined ? clockOf(job.schedule) : undefined
    return clock ? [scheduleView(job, clock, call)] : []
  })
  return jsonResponse(200, { jobs: await Promise.all(scheduled) })
}

async function scheduleView(job: Job, { expression, zone }: Schedule, { request, ports }: OperationContext) {
  const { states, controls } = ports.store
  const [state, stored] = await Promise.all([states.get(job.id), controls.get(job.id)])
  const control = effectiveControl(job, stored)
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
