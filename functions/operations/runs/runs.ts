import { defined } from '#shared/domain/defined.ts'
import { SECOND_MS } from '#shared/domain/duration.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { isRunId, runIdOfTask } from '#shared/domain/ids.ts'
import type { OutcomeStatus } from '#shared/domain/outcome.ts'
import { RUN_RETENTION_MS, type RunRecord } from '#shared/domain/records/run-record.ts'
import { shown } from '#shared/domain/text.ts'
import { isoSeconds, isoText } from '#shared/domain/time.ts'
import { cancelTask } from '#shared/engine/task/cancel.ts'
import { withAudit } from '../audit.ts'
import type { OperationContext, OperationHandler, OperationRequest } from '../http/operation.ts'
import { expectOnlyParameters, isoOrNull, jobOfPath, parseLimit, parseSpan } from '../http/request.ts'
import { HttpError, jsonResponse } from '../http/response.ts'
import { searchByTime } from './search.ts'

const OUTCOMES: Readonly<Record<RunRecord['status'], true>> = {
  running: true,
  succeeded: true,
  unchanged: true,
  partial: true,
  skipped: true,
  failed: true,
  abandoned: true,
  missed: true,
} satisfies Record<'running' | OutcomeStatus, true>

/** The runs of a job, newest first: by default of the last 90 days, with `outcome` those of one outcome. */
export const listRuns: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request, ports } = call
  expectOnlyParameters(request.query, ['limit', 'from', 'to', 'outcome'])
  const limit = parseLimit(request.query)
  const range = { ...parseSpan(request.query, RUN_RETENTION_MS, request.at), limit }
  const outcome = parseOutcome(request.query)
  const { runs } = ports.store
  const { records, searchedTo } =
    outcome === undefined
      ? { records: await runs.list(job.id, range) }
      : await searchByTime(range, {
          list: (page) => runs.list(job.id, page),
          matches: ({ status }) => status === outcome,
          timeOf: ({ tick, startedAt }) => tick ?? startedAt,
          stepMs: SECOND_MS,
        })
  return jsonResponse(200, {
    job: job.id,
    runs: records.map((run) => viewOf(run, call)),
    ...defined({ searched_to: searchedTo === undefined ? undefined : isoText(searchedTo) }),
  })
}

/** One run; its id starts with the job's id. */
export const showRun: OperationHandler = async (call) => {
  const { id, system, request, ports } = call
  expectOnlyParameters(request.query, [])
  const job = system.jobs.find((candidate) => isRunId(id, candidate.id))
  const run = job && (await ports.store.runs.get(job.id, id))
  if (run) return jsonResponse(200, viewOf(run, call))
  throw new HttpError({
    status: 404,
    message: `no run ${shown(id)} is recorded; a run that was requested a moment ago is recorded when it starts`,
    headers: { 'retry-after': '1' },
  })
}

function viewOf(run: RunRecord, { route, request }: OperationContext) {
  return route.path.startsWith('/admin/') ? jobLogView(run, request.at) : runView(run, request.at)
}

function parseOutcome({ outcome }: OperationRequest['query']): RunRecord['status'] | undefined {
  if (outcome === undefined) return undefined
  if (Object.hasOwn(OUTCOMES, outcome)) return outcome as RunRecord['status']
  const allowed = Object.keys(OUTCOMES).join(', ')
  throw new HttpError({ status: 400, message: `outcome: expected one of ${allowed}; got ${shown(outcome)}` })
}

/** A run as the API returns it. A run that is `running` after its lease has expired has lost its process. */
export function runView(run: RunRecord, now: number) {
  return {
    run_id: run.id,
    job: run.job,
    cause: run.cause,
    tick: isoOrNull(run.tick),
    key: run.key ?? null,
    input: run.input ?? null,
    outcome: run.status,
    is_lease_expired: isLeaseExpired(run, now),
    reason: run.reason ?? null,
    message: isLeaseExpired(run, now) ? leaseExpiredMessage(run) : (run.message ?? null),
    started_at: isoOrNull(run.startedAt),
    ended_at: isoOrNull(run.endedAt),
    duration_seconds: run.endedAt === undefined ? null : (run.endedAt - run.startedAt) / 1_000,
    progress: run.progress ?? null,
    counts: run.counts ?? null,
    lost: run.lost ?? null,
    attempts: run.attempts ?? null,
    duplicates: run.duplicates,
  }
}

function isLeaseExpired({ status, leaseUntil }: RunRecord, now: number): boolean {
  return status === 'running' && leaseUntil <= now
}

function leaseExpiredMessage({ leaseUntil }: RunRecord): string {
  return `the lease expired at ${isoText(leaseUntil)} without an outcome; another delivery continues the run, or the watchdog closes it as abandoned`
}

type LogStatus = 'running' | 'success' | 'partial' | 'failed' | 'timed_out' | 'skipped'

/** A run in the documented format of the job log. */
function jobLogView(run: RunRecord, now: number) {
  const { counts, tick, endedAt, startedAt } = run
  return {
    run_id: run.id,
    job_name: run.job,
    scheduled_time: tick === undefined ? null : isoSeconds(tick),
    start_time: isoSeconds(startedAt),
    end_time: endedAt === undefined ? null : isoSeconds(endedAt),
    status: logStatus(run),
    error: isLeaseExpired(run, now) ? leaseExpiredMessage(run) : logError(run),
    metrics: {
      symbols_count: counts?.planned ?? 0,
      success_count: counts ? counts.published + counts.unchanged : 0,
      failed_count: counts?.failed ?? 0,
      skipped_count: counts?.superseded ?? 0,
    },
    duration: endedAt === undefined ? null : (endedAt - startedAt) / 1_000,
  }
}

function logStatus({ status, reason }: RunRecord): LogStatus {
  switch (status) {
    case 'running':
    case 'partial':
    case 'skipped':
      return status
    case 'succeeded':
    case 'unchanged':
      return 'success'
    case 'failed':
      return reason === 'timeout' ? 'timed_out' : 'failed'
    case 'abandoned':
    case 'missed':
      return 'failed'
    default:
      return assertNever(status)
  }
}

/** The error of a run in one line; `null` for a run that is in progress or succeeded. */
function logError({ status, reason, message }: RunRecord): string | null {
  if (status === 'running' || status === 'succeeded' || status === 'unchanged') return null
  return [reason ?? status, message].filter((part) => part !== undefined).join(': ')
}

/** Cancels a task, named by its run id or by its documented task id. */
export const cancel: OperationHandler = async (call) => {
  const { id, system, request, ports } = call
  expectOnlyParameters(request.query, [])
  const [task] = system.jobs.flatMap((job) => {
    const run = runIdOfTask(id, job) ?? (isRunId(id, job.id) ? id : undefined)
    return run === undefined ? [] : [{ job: job.id, run_id: run }]
  })
  if (!task) throw unknownTask(id)
  const change = {
    action: 'cancel',
    target: task,
    after: { task_id: id },
    message: (result: CancelResult) => (result === 'cancelled' ? `Task ${id} cancelled` : undefined),
  }
  const result = await withAudit(call, change, () => cancelTask(task.job, task.run_id, request.actor, ports))
  switch (result) {
    case 'cancelled':
      return jsonResponse(200, { task_id: id, run_id: task.run_id, status: 'cancelled' })
    case 'unknown':
      throw unknownTask(id)
    case 'ended':
      throw new HttpError({ status: 409, message: 'expected a task in progress; this one has ended' })
    default:
      return assertNever(result)
  }
}

type CancelResult = Awaited<ReturnType<typeof cancelTask>>

function unknownTask(id: string): HttpError {
  return new HttpError({ status: 404, message: `Task not found: ${shown(id)}` })
}
