import type { Job } from '#shared/declare/job.ts'
import { type Submission, type SubmitPorts, type Submitted, submit } from '#shared/engine/task/submit.ts'
import { runRequest } from '../job-event.ts'

/** How a submission ended, as the invocation answers. */
export interface SubmitAnswer {
  readonly how: Submitted['how']
  readonly run?: string
}

/**
 * Reads what a job's schedule or the bus asks for, and submits it as a task. It returns normally once the task, or that
 * it could not be started, is recorded.
 *
 * @throws {TypeError} for an event of no job whose runs are tasks: it is kept in the dead letters
 */
export function submitEvents(jobs: readonly Job[], ports: SubmitPorts) {
  return async (event: unknown): Promise<SubmitAnswer> => {
    const job = jobOf(event, jobs)
    const request = runRequest(event, job.id, ports.clock.now())
    const { cause, key, tick, event: said, runId, params = {} } = request
    if (key !== undefined)
      throw new TypeError(`expected a run of all of ${job.id}, got one of a key: that is no task`)
    const submission: Submission = {
      job,
      cause,
      params,
      ...(tick === undefined ? {} : { tick }),
      ...(said === undefined ? {} : { event: said }),
      ...(runId === undefined ? {} : { runId }),
      isAnew: cause === 'operator',
    }
    const submitted = await submit(submission, ports)
    return { how: submitted.how, ...('run' in submitted ? { run: submitted.run.id } : {}) }
  }
}

function jobOf(event: unknown, jobs: readonly Job[]): Job {
  const { job: tick, detail } = (event ?? {}) as { job?: unknown; detail?: { job?: unknown } }
  const name = detail?.job ?? tick
  const job = jobs.find(({ id, run }) => id === name && run.shape === 'task')
  if (job) return job
  const known = jobs.filter(({ run }) => run.shape === 'task').map(({ id }) => id)
  throw new TypeError(
    `expected an event for one of ${known.join(', ') || 'no job'}; got ${JSON.stringify(name) ?? 'none'}`,
  )
}
