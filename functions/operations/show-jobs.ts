import type { Job } from '#shared/declare/job.ts'
import { decidedFor } from '#shared/engine/initial-pause.ts'
import { answer } from './answer.ts'
import { jobView } from './job-view.ts'
import { namedJob } from './named.ts'
import type { Call, Operate } from './operation.ts'
import { expectOnly } from './query.ts'

/** Every job, by id. */
export const listJobs: Operate = async (call) => {
  expectOnly(call.request.query, [])
  const jobs = await Promise.all(call.system.jobs.map((job) => view(job, call)))
  return answer(200, { version: call.version, jobs })
}

/** One job. */
export const showJob: Operate = async (call) => {
  const job = namedJob(call)
  expectOnly(call.request.query, [])
  return answer(200, await view(job, call))
}

async function view(job: Job, { request, ports }: Call) {
  const { states, controls } = ports.store
  const [state, control] = await Promise.all([states.get(job.id), controls.get(job.id)])
  return jobView(job, state, decidedFor(job, control), request.at)
}
