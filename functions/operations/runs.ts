import { assertNever } from '#shared/domain/errors.ts'
import { isRunId, runOfTask } from '#shared/domain/ids.ts'
import type { OutcomeStatus } from '#shared/domain/outcome.ts'
import type { RunStore } from '#shared/domain/ports/store.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { cancelTask } from '#shared/engine/task/cancel.ts'
import { withAudit } from './audit.ts'
import type { OperationContext, OperationHandler, OperationRequest } from './http/operation.ts'
import { expectOnlyParameters, isoOrNull, jobOfPath, parseLimit, parseSpan } from './http/request.ts'
import { HttpError, jsonResponse, shown } from './http/response.ts'

const RETENTION_MS = 90 * 86_400_000

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

/** The runs of a job, newest first: of a span (all that is kept unless said), of one outcome where that is asked for. */
export const listRuns: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request, ports } = call
  expectOnlyParameters(request.query, ['limit', 'from', 'to', 'outcome'])
  const limit = parseLimit(request.query)
  const span = parseSpan(request.query, RETENTION_MS, request.at)
  const outcome = parseOutcome(request.query)
  const range = { ...span, limit }
  const { runs, searchedTo } =
    outcome === undefined
      ? { runs: await ports.store.runs.list(job.id, range) }
      : await searchRuns(outcome, job.id, range, ports.store.runs)
  return jsonResponse(200, {
    job: job.id,
    runs: runs.map((run) => viewOf(run, call)),
    ...(searchedTo === undefined ? {} : { searched_to: isoOrNull(searchedTo) }),
  })
}

/** One run; its id names its job. */
export const showRun: OperationHandler = async (call) => {
  const { id, system, request, ports } = call
  expectOnlyParameters(request.query, [])
  const job = system.jobs.find((one) => isRunId(id, one.id))
  const run = job && (await ports.store.runs.get(job.id, id))
  if (run) return jsonResponse(200, viewOf(run, call))
  throw new HttpError({
    status: 404,
    message: `No run ${shown(id)} is recorded; one that was asked for a moment ago is recorded when it begins`,
    headers: { 'retry-after': '1' },
  })
}

function viewOf(run: RunRecord, { route, request }: OperationContext) {
  return route.path.startsWith('/admin/') ? jobLogView(run, request.at) : runView(run, request.at)
}

function parseOutcome({ outcome }: OperationRequest['query']): RunRecord['status'] | undefined {
  if (outcome === undefined) return undefined
  if (Object.hasOwn(OUTCOMES, outcome)) return outcome as RunRecord['status']
  const known = Object.keys(OUTCOMES).join(', ')
  throw new HttpError({ status: 400, message: `outcome: expected one of ${known}; got ${shown(outcome)}` })
}

/** Records looked through: more would outlast a request. */
const MAX_SCANNED = 2_000
const PAGE_SIZE = 200

/** Runs that were found, newest first; `searchedTo`: the search stopped there, before the span's beginning. */
interface RunSearchResult {
  readonly runs: readonly RunRecord[]
  readonly searchedTo?: number
}

/** Looks for the runs of one outcome, page by page: the table cannot tell them apart. */
export async function searchRuns(
  outcome: RunRecord['status'],
  job: string,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
  store: RunStore,
): Promise<RunSearchResult> {
  const seen = new Map<string, RunRecord>()
  let until = to
  for (;;) {
    const page = await store.list(job, { from, to: until, limit: PAGE_SIZE })
    const before = seen.size
    for (const run of page) seen.set(run.id, run)
    const runs = [...seen.values()].filter(({ status }) => status === outcome).slice(0, limit)
    const last = page.at(-1)
    if (runs.length === limit || page.length < PAGE_SIZE || last === undefined) return { runs }
    until = seen.size === before ? until - 1_000 : (last.tick ?? last.startedAt)
    if (seen.size >= MAX_SCANNED) return { runs, searchedTo: until }
  }
}

/** A run as operators see it. One that says `running` past its lease has lost whoever worked on it. */
export function runView(run: RunRecord, now: number) {
  return {
    run_id: run.id,
    job: run.job,
    cause: run.cause,
    tick: isoOrNull(run.tick),
    key: run.key ?? null,
    input: run.input ?? null,
    outcome: run.status,
    is_lapsed: isLeaseExpired(run, now),
    reason: run.reason ?? null,
    message: isLeaseExpired(run, now) ? leaseExpiredMessage(run) : (run.message ?? null),
    started_at: isoOrNull(run.startedAt),
    ended_at: isoOrNull(run.endedAt),
    duration_seconds: run.endedAt === undefined ? null : (run.endedAt - run.startedAt) / 1_000,
    counts: run.counts ?? null,
    attempts: run.attempts ?? null,
    duplicates: run.duplicates,
  }
}

/** Whether a run that says `running` is not any more. */
export function isLeaseExpired({ status, leaseUntil }: RunRecord, now: number): boolean {
  return status === 'running' && leaseUntil <= now
}

/** Why such a run has not ended. */
export function leaseExpiredMessage({ leaseUntil }: RunRecord): string {
  return `its lease lapsed at ${isoOrNull(leaseUntil)} without an outcome; another delivery takes it over, or it is given up`
}

type LogStatus = 'running' | 'success' | 'partial' | 'failed' | 'timed_out' | 'skipped'

/** A run in the documented shape of the job log. */
export function jobLogView(run: RunRecord, now: number) {
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

/** Why a run did not end well, in one line. */
function logError({ status, reason, message }: RunRecord): string | null {
  if (status === 'running' || status === 'succeeded' || status === 'unchanged') return null
  return [reason ?? status, message].filter((part) => part !== undefined).join(': ')
}

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
