import { parseRunRequest, refreshedJob } from '#functions/runtime/events.ts'
import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { tickRunId } from '#shared/domain/ids.ts'
import { effectiveControl, pausedOutcome } from '#shared/domain/records/control.ts'
import { newRunRecord } from '#shared/domain/records/run-record.ts'
import { isTriggeredBy, triggeringInputs } from '#shared/engine/gate/input-triggers.ts'
import { supersededOutcome } from '#shared/engine/gate/superseded-ticks.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import { type SubmitPorts, type SubmitResult, submit } from '#shared/engine/task/submit.ts'

/** The result of a submission, as the invocation returns it. */
export interface EventResult {
  /** `skipped`: nothing was submitted: the job is paused, has the input already, or a newer tick has come. */
  readonly status: SubmitResult['status'] | 'skipped'
  readonly run?: string
}

/**
 * Submits the tasks that an event of a schedule or of the bus demands; a refreshed dataset demands one for each job that
 * it triggers. Returns normally once each task is recorded, also one that could not be started.
 *
 * @throws {TypeError} for an event that matches no job whose runs are tasks; it goes to the dead letter queue
 */
export function submitEvents(jobs: readonly Job[], ports: SubmitPorts) {
  const taskJobs = jobs.filter(({ run }) => run.mode === 'task')
  return async (event: unknown): Promise<readonly EventResult[]> => {
    const results = await Promise.allSettled(
      jobsOfEvent(event, taskJobs).map((job) =>
        submitRequest(job, parseRunRequest(event, job, ports.clock.now()), ports),
      ),
    )
    const failure = results.find(({ status }) => status === 'rejected')
    // a redelivery creates no second task for the jobs that succeeded
    if (failure?.status === 'rejected') throw failure.reason
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }
}

async function submitRequest(job: Job, request: RunRequest, ports: SubmitPorts): Promise<EventResult> {
  const { cause, key, tick, input, event, runId, params = {} } = request
  if (key !== undefined)
    throw new TypeError(`expected a run of all of ${job.id}, got one of a key, which is not a task`)
  if (input !== undefined && !(await isInputNewer(job, input, ports))) {
    await ports.store.states.countSkip(job.id)
    return { status: 'skipped' }
  }
  if (tick !== undefined && (await recordSuperseded(job, tick, ports))) return { status: 'skipped' }
  const requiresNewRun = cause === 'operator'
  const result = await submit(
    { job, cause, params, requiresNewRun, ...defined({ tick, input, event, runId }) },
    ports,
  )
  return { status: result.status, ...defined({ run: 'run' in result ? result.run.id : undefined }) }
}

/**
 * Records the skip of a tick that is delivered when a newer one has come: it needs no execution of its own. False for the
 * newest tick, and for one that is recorded already.
 */
async function recordSuperseded(
  job: Job,
  tick: number,
  { store, clock, log }: SubmitPorts,
): Promise<boolean> {
  const now = clock.now()
  const outcome = supersededOutcome(tick, job, now)
  if (!outcome) return false
  const id = tickRunId(job.id, tick)
  const record = newRunRecord({ id, job: job.id, cause: 'tick', tick, owner: id, endsAt: now }, now)
  const { opened } = await store.runs.open({ ...record, ...outcome, endedAt: now })
  if (opened) log.info(`${job.title}: skipped (superseded)`, { job: job.id, run_id: id })
  return opened
}

/** A task is recorded at submission, so a run that its gate would skip at once is not submitted. */
async function isInputNewer(job: Job, input: string, { store, clock }: SubmitPorts): Promise<boolean> {
  const [state, control] = await Promise.all([store.states.get(job.id), store.controls.get(job.id)])
  const now = clock.now()
  return !pausedOutcome(effectiveControl(job, control), now) && isTriggeredBy(input, job, state, now)
}

/** The job that a tick or a request names; for a refreshed dataset, the enabled jobs that it triggers. */
function jobsOfEvent(event: unknown, taskJobs: readonly Job[]): readonly Job[] {
  const refreshed = refreshedJob(event)
  const { job: tickJob, detail } = (event ?? {}) as { job?: unknown; detail?: { job?: unknown } }
  const name = refreshed ?? detail?.job ?? tickJob
  const jobs =
    refreshed === undefined
      ? taskJobs.filter(({ id }) => id === name)
      : taskJobs.filter(
          (job) => job.off === undefined && triggeringInputs(job).some((input) => input === name),
        )
  if (jobs.length > 0) return jobs
  const expected = refreshed === undefined ? taskJobs.map(({ id }) => id) : taskJobs.flatMap(triggeringInputs)
  throw new TypeError(
    `expected an event for one of ${[...new Set(expected)].join(', ') || 'no job'}; got ${JSON.stringify(name) ?? 'none'}`,
  )
}
