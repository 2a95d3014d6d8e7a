import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { Datasets } from '#shared/read/datasets.ts'
import type { Representation } from '#shared/read/representation.ts'
import type { BatchFillResult, FillResult } from '#shared/read/view.ts'
import type { LiveRefresh } from '#shared/read/view-context.ts'
import { ViewResponses } from '#shared/read/view-response.ts'
import type { OperationContext } from './http/operation.ts'
import { expectLiveQuery, isCheckedInInterval, runFailureText, withBypassLabel } from './live-read.ts'
import { consistentReader, consistentStore, joinOrStartRun, waitForValue } from './live-run.ts'

/**
 * Answers as the public path would that a shape makes, once the keys that it looks at are renewed: one of them by a run
 * of its own, several by one run of all of them. Keys that were checked within the job's interval are answered as they
 * stand.
 */
export async function liveView(
  job: Job,
  route: Route,
  parameters: Readonly<Record<string, string>>,
  call: OperationContext,
): Promise<HttpResult> {
  expectLiveQuery(call.request.query)
  const { store, clock, views = {} } = call.ports
  const shape = views[job.id]?.[route.view ?? '']
  if (!shape || route.live === undefined)
    throw new TypeError(`the route ${route.path} names the unknown shape ${route.view}`)
  const renewed = liveRefresh(job, route.live, call)
  const answer = new ViewResponses({
    datasets: new Datasets(consistentStore(store), clock),
    store,
    clock,
    inputOf: ({ id, inputs }, name) => {
      const input = inputs.includes(name) ? call.system.jobs.find((one) => one.id === name) : undefined
      if (input) return input
      throw new TypeError(`expected an input of ${id}, got ${name}`)
    },
    // whoever looks here has data renewed, and asks for nothing else
    onStale: async () => {},
    fill: async () => ({ status: 'empty' }),
    liveRefresh: renewed,
  })
  const result = await answer.respond(shape, job, route, parameters, { ...call.request, query: {} })
  return result.statusCode === 200 && renewed.hasStartedRun() ? withBypassLabel(result) : result
}

/** Many keys take longer than one; the gateway gives up after thirty seconds. */
const MAX_WAIT_MS = 20_000

const FIRST_POLL_MS = 200
const MAX_POLL_MS = 1_000

/** Renews keys for one request of an operator. */
interface RequestRefresh extends LiveRefresh {
  /** Whether this request has asked for a run. */
  hasStartedRun(): boolean
}

/**
 * How keys of a job are renewed: once per key and interval, each run with an audit entry.
 *
 * @param parameter - of the job's tasks, that names keys
 */
export function liveRefresh(job: Job, parameter: string, call: OperationContext): RequestRefresh {
  const { store, clock } = call.ports
  const off = job.off === undefined ? undefined : `${job.id} is off: ${job.off}`
  let isOurs = false
  const stored = async (keys: readonly string[]) => {
    const copies = await new Datasets(consistentStore(store), clock).readMany(job, keys)
    return new Map(
      [...copies].flatMap(([key, { value, failure }]) => {
        if (failure !== undefined) throw failure
        return value && !value.isAbsent ? [[key, value] as const] : []
      }),
    )
  }

  const fill = async (key: string): Promise<FillResult> => {
    if (off !== undefined) return unavailable(off)
    const look = consistentReader(job, key, call.ports)
    const before = await look()
    const run = await joinOrStartRun({ job, key }, call)
    isOurs ||= run.isStartedHere
    const ending = await waitForValue(run.id, before, look, job, call)
    if (ending.status === 'missing') return unavailable(runFailureText(ending.run, run.id))
    if (ending.value.isAbsent) return unavailable('the source does not know this key')
    return { status: 'filled', item: refreshedItem(ending.value) }
  }

  const fillMany = async (keys: readonly string[]): Promise<ReadonlyMap<string, BatchFillResult>> => {
    const before = await stored(keys)
    const [only] = keys
    if (keys.length === 1 && only !== undefined)
      return new Map([[only, orOlder(await fill(only), before.get(only))]])
    if (off !== undefined)
      return new Map(keys.map((key) => [key, orOlder(unavailable(off), before.get(key))]))
    const run = await joinOrStartRun({ job, params: { [parameter]: keys.toSorted() } }, call)
    isOurs ||= run.isStartedHere
    const ended = run.id === undefined ? undefined : await waitForEnd(run.id, job, call)
    const after = await stored(keys)
    return new Map(
      keys.flatMap((key) => {
        const value = after.get(key)
        if (value && (isConfirmed(ended) || isNewer(value, before.get(key))))
          return [[key, { status: 'filled', item: refreshedItem(value) }] as const]
        // what may still come is neither there nor missing
        if (!value && !ended) return []
        return [[key, orOlder(unavailable(runFailureText(ended, run.id)), value)] as const]
      }),
    )
  }

  return {
    fill,
    fillMany,
    isNew: (value) => isCheckedInInterval(value, job, clock.now()),
    hasStartedRun: () => isOurs,
  }

  function unavailable(why: string): FillResult {
    return { status: 'empty', reason: `${job.title} could not be refreshed: ${why}` }
  }

  function orOlder(filled: FillResult, value: Representation | undefined): BatchFillResult {
    if (filled.status !== 'empty' || !value || freshness(value, clock.now()) === 'gone') return filled
    return { status: 'older', item: { representation: value, waited: false, isFallback: false } }
  }
}

/** How a run has ended, of those that end in time. */
async function waitForEnd(
  runId: string,
  job: Job,
  { ports }: OperationContext,
): Promise<RunRecord | undefined> {
  const { store, clock } = ports
  const deadline = clock.now() + MAX_WAIT_MS
  for (let wait = FIRST_POLL_MS; clock.now() < deadline; wait = Math.min(wait * 1.5, MAX_POLL_MS)) {
    await clock.sleep(Math.min(wait, deadline - clock.now()))
    const run = await store.runs.get(job.id, runId)
    if (run && run.status !== 'running') return run
  }
  return undefined
}

/** A run that found nothing newer ended well all the same: what is stored is what the source has. */
function isConfirmed(run: RunRecord | undefined): boolean {
  return run?.status === 'succeeded' || run?.status === 'unchanged'
}

function isNewer({ checkedAt }: Representation, before: Representation | undefined): boolean {
  return before === undefined || checkedAt > before.checkedAt
}

function refreshedItem(representation: Representation) {
  return { representation, waited: true, isFallback: false }
}
