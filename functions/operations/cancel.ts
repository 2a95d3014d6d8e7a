import { isRunId, runOfTask } from '#shared/domain/ids.ts'
import { cancelTask } from '#shared/engine/task/cancel.ts'
import { answer } from './answer.ts'
import type { Operate } from './operation.ts'
import { expectOnly } from './query.ts'
import { recorded } from './recorded.ts'
import { Refused, shown } from './refused.ts'

/** Cancels a task, named by the id of its run or as its job documents it. */
export const cancel: Operate = async (call) => {
  const { id, system, request, ports } = call
  expectOnly(request.query, [])
  const [found] = system.jobs.flatMap((job) => {
    const run = runOfTask(id, job) ?? (isRunId(id, job.id) ? id : undefined)
    return run === undefined ? [] : [{ job: job.id, run }]
  })
  if (!found) throw unknown(id)
  const change = { action: 'cancel', subject: `run:${found.run}`, after: { task_id: id } }
  const ended = await recorded(call, change, () => cancelTask(found.job, found.run, request.actor, ports))
  if (ended === 'unknown') throw unknown(id)
  if (ended === 'ended') {
    throw new Refused({ status: 409, message: 'expected a task that is under way; this one has ended' })
  }
  return answer(200, { task_id: id, run_id: found.run, status: 'cancelled' })
}

function unknown(id: string): Refused {
  return new Refused({ status: 404, message: `Task not found: ${shown(id)}` })
}
