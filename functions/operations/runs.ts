import { isRunId } from '#shared/domain/ids.ts'
import type { OutcomeStatus } from '#shared/domain/outcome.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { jsonResponse } from './answer.ts'
import { isoOrNull } from './instant.ts'
import { jobLogView } from './job-log.ts'
import { jobOfPath } from './named.ts'
import type { OperationContext, OperationHandler, OperationRequest } from './operation.ts'
import { expectOnlyParameters, parseLimit, parseSpan } from './query.ts'
import { HttpError, shown } from './refused.ts'
import { runView } from './run-view.ts'
import { searchRuns } from './runs-of-outcome.ts'

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
