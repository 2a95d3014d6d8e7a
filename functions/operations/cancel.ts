import { isRunId, runOfTask } from '#shared/domain/ids.ts'
import { cancelTask } from '#shared/engine/task/cancel.ts'
import { jsonResponse } from './answer.ts'
import type { OperationHandler } from './operation.ts'
import { expectOnlyParameters } from './query.ts'
import { withAudit } from './recorded.ts'
import { HttpError, shown } from './refused.ts'

/** Cancels a task, named by the id of its run or as its job documents it. */
export const cancel: OperationHandler = async (call) => {
  const { id, system, request, ports } = call
  expectOnlyParameters(request.query, [])
  const [found] = system.jobs.flatMap((job) => {
    const run = runOfTask(id, job) ?? (isRunId(id, job.id) ? id : undefined)
    return run === undefined ? [] : [{ job: job.id, run }]
  })
  if (!found) throw unknownTask(id)
  const change = { action: 'cancel', subject: `run:${found.run}`, after: { task_id: id } }
  const ended = await withAudit(call, change, () => cancelTask(found.job, found.run, request.actor, ports))
  if (ended === 'unknown') throw unknownTask(id)
  if (ended === 'ended') {
    throw new HttpError({ status: 409, message: 'expected a task that is under way; this one has ended' })
  }
  return jsonResponse(200, { task_id: id, run_id: found.run, status: 'cancelled' })
}

function unknownTask(id: string): HttpError {
  return new HttpError({ status: 404, message: `Task not found: ${shown(id)}` })
}
