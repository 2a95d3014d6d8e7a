import { isFreeRunId } from '#shared/engine/ids.ts'
import type { OutcomeStatus } from '#shared/engine/outcome.ts'
import type { RunRecord } from '#shared/ports/records.ts'
import type { RunStore } from '#shared/ports/store.ts'
import { answer } from './answer.ts'
import { jobLog } from './job-log.ts'
import { namedJob } from './named.ts'
import type { Call, Operate, OperationRequest } from './operation.ts'
import { expectOnly, limitOf, spanOf } from './query.ts'
import { Refused, shown } from './refused.ts'
import { runView } from './run-view.ts'

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

/** Records looked through for those of one outcome: more would outlast a request. */
const MOST_SEEN = 2_000
const PAGE = 200

/** The runs of a job, newest first: of a span (all that is kept unless said), of one outcome where that is asked for. */
export const listRuns: Operate = async (call) => {
  const job = namedJob(call)
  const { request, ports } = call
  expectOnly(request.query, ['limit', 'from', 'to', 'outcome'])
  const limit = limitOf(request.query)
  const span = spanOf(request.query, KEPT_MS, request.at)
  const outcome = outcomeOf(request.query)
  const found =
    outcome === undefined
      ? { runs: await ports.store.runs.list(job.id, { ...span, limit }) }
      : await ofOutcome(outcome, job.id, { ...span, limit }, ports.store.runs)
  const searched = 'searchedTo' in found && found.searchedTo !== undefined ? found.searchedTo : undefined
  return answer(200, {
    job: job.id,
    runs: found.runs.map((run) => view(run, call)),
    ...(searched === undefined ? {} : { searched_to: new Date(searched).toISOString() }),
  })
}

/** One run; its id names its job. */
export const showRun: Operate = async (call) => {
  const { id, system, request, ports } = call
  expectOnly(request.query, [])
  const job = system.jobs.find((one) => isFreeRunId(id, one.id) || isTickRunId(id, one.id))
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

function isTickRunId(id: string, job: string): boolean {
  return id.startsWith(`${job}-`) && /^\d{8}T\d{6}Z$/.test(id.slice(job.length + 1))
}

function outcomeOf({ outcome }: OperationRequest['query']): RunRecord['status'] | undefined {
  if (outcome === undefined) return undefined
  if (Object.hasOwn(OUTCOMES, outcome)) return outcome as RunRecord['status']
  const known = Object.keys(OUTCOMES).join(', ')
  throw new Refused({ status: 400, message: `outcome: expected one of ${known}; got ${shown(outcome)}` })
}

/** Looks through the runs page by page; `searchedTo`: it stopped there, before the span's beginning. */
async function ofOutcome(
  outcome: RunRecord['status'],
  job: string,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
  store: RunStore,
): Promise<{ readonly runs: readonly RunRecord[]; readonly searchedTo?: number }> {
  const seen = new Map<string, RunRecord>()
  let until = to
  for (;;) {
    const page = await store.list(job, { from, to: until, limit: PAGE })
    const before = seen.size
    for (const run of page) seen.set(run.id, run)
    const runs = [...seen.values()].filter(({ status }) => status === outcome).slice(0, limit)
    const last = page.at(-1)
    if (runs.length === limit || page.length < PAGE || last === undefined) return { runs }
    until = seen.size === before ? until - 1_000 : (last.tick ?? last.startedAt)
    if (seen.size >= MOST_SEEN) return { runs, searchedTo: until }
  }
}
