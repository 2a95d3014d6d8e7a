import { parseRunRequest, refreshedJob } from '#functions/runtime/events.ts'
import type { Job } from '#shared/declare/job.ts'
import { effectiveControl, pausedOutcome } from '#shared/domain/records/control.ts'
import { isTriggeredBy, triggeringInputs } from '#shared/engine/gate/input-triggers.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import type { Submission } from '#shared/engine/task/submission.ts'
import { type SubmitPorts, type SubmitResult, submit } from '#shared/engine/task/submit.ts'

/** How a submission ended, as the invocation answers. */
export interface EventResult {
  /** `skipped`: nothing was submitted, because the job is paused or has what it needs. */
  readonly status: SubmitResult['status'] | 'skipped'
  readonly run?: string
}

/**
 * Reads what a job's schedule or the bus asks for, and submits it as a task; of a dataset that was refreshed, one for
 * each job that it is an input of. It returns normally once each task, or that it could not be started, is recorded.
 *
 * @throws {TypeError} for an event of no job whose runs are tasks: it is kept in the dead letters
 */
export function submitEvents(jobs: readonly Job[], ports: SubmitPorts) {
  const tasks = jobs.filter(({ run }) => run.mode === 'task')
  return async (event: unknown): Promise<readonly EventResult[]> => {
    const ends = await Promise.allSettled(
      jobsOfEvent(event, tasks).map((job) =>
        submitRequest(job, parseRunRequest(event, job, ports.clock.now()), ports),
      ),
    )
    const failure = ends.find((end) => end.status === 'rejected')
    // said again, the event makes no second task of those that were submitted
    if (failure) throw failure.reason
    return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  }
}

async function submitRequest(job: Job, request: RunRequest, ports: SubmitPorts): Promise<EventResult> {
  const { cause, key, tick, input, event, runId, params = {} } = request
  if (key !== undefined)
    throw new TypeError(`expected a run of all of ${job.id}, got one of a key: that is no task`)
  if (input !== undefined && !(await isInputNewer(job, input, ports))) {
    await ports.store.states.countSkip(job.id)
    return { status: 'skipped' }
  }
  const submission: Submission = {
    job,
    cause,
    params,
    ...(tick === undefined ? {} : { tick }),
    ...(input === undefined ? {} : { input }),
    ...(event === undefined ? {} : { event }),
    ...(runId === undefined ? {} : { runId }),
    requiresNewRun: cause === 'operator',
  }
  const ended = await submit(submission, ports)
  return { status: ended.status, ...('run' in ended ? { run: ended.run.id } : {}) }
}

/** A task is recorded when it is submitted: what its gate would leave out at once is not to become one. */
async function isInputNewer(job: Job, input: string, { store, clock }: SubmitPorts): Promise<boolean> {
  const [state, control] = await Promise.all([store.states.get(job.id), store.controls.get(job.id)])
  const now = clock.now()
  return !pausedOutcome(effectiveControl(job, control), now) && isTriggeredBy(input, job, state, now)
}

/** The one that a tick or a wish names; of a refreshed dataset, those that run and read it. */
function jobsOfEvent(event: unknown, tasks: readonly Job[]): readonly Job[] {
  const refreshed = refreshedJob(event)
  const { job: tick, detail } = (event ?? {}) as { job?: unknown; detail?: { job?: unknown } }
  const name = refreshed ?? detail?.job ?? tick
  const found =
    refreshed === undefined
      ? tasks.filter(({ id }) => id === name)
      : tasks.filter((job) => job.off === undefined && triggeringInputs(job).some((input) => input === name))
  if (found.length > 0) return found
  const known = refreshed === undefined ? tasks.map(({ id }) => id) : tasks.flatMap(triggeringInputs)
  throw new TypeError(
    `expected an event for one of ${[...new Set(known)].join(', ') || 'no job'}; got ${JSON.stringify(name) ?? 'none'}`,
  )
}
