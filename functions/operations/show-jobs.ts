import type { Job } from '#shared/declare/job.ts'
import { effectiveControl } from '#shared/domain/records/control.ts'
import { jsonResponse } from './answer.ts'
import { jobView } from './job-view.ts'
import { jobOfPath } from './named.ts'
import type { OperationContext, OperationHandler } from './operation.ts'
import { expectOnlyParameters } from './query.ts'

/** Every job, by id. */
export const listJobs: OperationHandler = async (call) => {
  expectOnlyParameters(call.request.query, [])
  const jobs = await Promise.all(call.system.jobs.map((job) => loadJobView(job, call)))
  return jsonResponse(200, { version: call.version, jobs })
}

/** One job. */
export const showJob: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, [])
  return jsonResponse(200, await loadJobView(job, call))
}

async function loadJobView(job: Job, { request, ports }: OperationContext) {
  const { states, controls } = ports.store
  const [state, control] = await Promise.all([states.get(job.id), controls.get(job.id)])
  return jobView(job, state, effectiveControl(job, control), request.at)
}
