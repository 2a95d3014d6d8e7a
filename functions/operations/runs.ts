import { isRunId } from '#shared/domain/ids.ts'
import type { OutcomeStatus } from '#shared/domain/outcome.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { answer } from './answer.ts'
import { isoOrNull } from './instant.ts'
import { jobLog } from './job-log.ts'
import { namedJob } from './named.ts'
import type { Call, Operate, OperationRequest } from './operation.ts'
import { expectOnly, limitOf, spanOf } from './query.ts'
import { Refused, shown } from './refused.ts'
import { runView } from './run-view.ts'
import { runsOfOutcome } from './runs-of-outcome.ts'

const KEPT_MS = 90 * 86_400_000

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
export const listRuns: Operate = async (call) => {
  const job = namedJob(call)
  const { request, ports } = call
  expectOnly(request.query, ['limit', 'from', 'to', 'outcome'])
  const limit = limitOf(request.query)
  const span = spanOf(request.query, KEPT_MS, request.at)
  const outcome = outcomeOf(request.query)
  const range = { ...span, limit }
  const { runs, searchedTo } =
    outcome === undefined
      ? { runs: await ports.store.runs.list(job.id, range) }
      : await runsOfOutcome(outcome, job.id, range, ports.store.runs)
  return answer(200, {
    job: job.id,
    runs: runs.map((run) => view(run, call)),
    ...(searchedTo === undefined ? {} : { searched_to: isoOrNull(searchedTo) }),
  })
}

/** One run; its id names its job. */
export const showRun: Operate = async (call) => {
  const { id, system, request, ports } = call
  expectOnly(request.query, [])
  const job = system.jobs.find((one) => isRunId(id, one.id))
  const run = job && (await ports.store.runs.get(job.id, id))
  if (run) return answer(200, view(run, call))
  throw new Refused({
    status: 404,
    message: `No run ${shown(id)} is recorded; one that was asked for a moment ago is recorded when it begins`,
    headers: { 'retry-after': '1' },
  })
}

function view(run: RunRecord, { route, request }: Call) {
  return route.path.startsWith('/admin/') ? jobLog(run, request.at) : runView(run, request.at)
}

function outcomeOf({ outcome }: OperationRequest['query']): RunRecord['status'] | undefined {
  if (outcome === undefined) return undefined
  if (Object.hasOwn(OUTCOMES, outcome)) return outcome as RunRecord['status']
  const known = Object.keys(OUTCOMES).join(', ')
  throw new Refused({ status: 400, message: `outcome: expected one of ${known}; got ${shown(outcome)}` })
}
