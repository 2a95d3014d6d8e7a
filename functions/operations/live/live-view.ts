import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { pollUntil } from '#shared/domain/polling.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { Datasets } from '#shared/read/datasets.ts'
import type { Representation } from '#shared/read/representation.ts'
import type { BatchFillResult, FillResult } from '#shared/read/view.ts'
import type { ViewPorts } from '#shared/read/view-context.ts'
import { ViewResponses } from '#shared/read/view-response.ts'
import type { OperationContext } from '../http/operation.ts'
import {
  expectLiveQuery,
  isCheckedInInterval,
  liveSpacingMs,
  runFailureText,
  tooEarlyText,
  withBypassLabel,
} from './live-read.ts'
import {
  consistentReader,
  consistentStore,
  isConfirmed,
  isNewer,
  joinOrStartRun,
  VALUE_WAIT_MS,
  waitForValue,
} from './live-run.ts'

/**
 * Responds as the public path of a view would, after the keys that the view reads have been refreshed: one key by a run
 * for that key, several keys by one run for all of them where the route names a task parameter. Keys that were checked
 * within the job's interval are not refreshed; where the route declares a spacing, all are, or the view gets `limited`.
 */
export async function liveView(
  job: Job,
  route: Route,
  parameters: Readonly<Record<string, string>>,
  call: OperationContext,
): Promise<HttpResult> {
  expectLiveQuery(call.request.query, route)
  const { store, clock, views = {} } = call.ports
  const view = views[job.id]?.[route.view ?? '']
  if (!view || route.live === undefined)
    throw new TypeError(`the route ${route.path} names the unknown view ${route.view}`)
  const liveRefresh = new LiveRefresh(job, route, call)
  const responses = new ViewResponses({
    version: call.version,
    isForOperator: true,
    datasets: new Datasets(consistentStore(store), clock),
    store,
    clock,
    inputOf: (consumer, name) => inputOf(consumer, name, call),
    // A live read refreshes the keys itself and requests nothing else.
    onStale: async () => {},
    fill: async () => ({ status: 'empty' }),
    liveRefresh,
  })
  const declared = Object.entries(call.request.query).filter(([name]) =>
    Object.hasOwn(route.query ?? {}, name),
  )
  const query = Object.fromEntries(declared)
  const response = await responses.respond(view, job, route, parameters, { ...call.request, query })
  return response.statusCode === 200 && liveRefresh.hasStartedRun ? withBypassLabel(response) : response
}

function inputOf({ id, inputs, viewInputs }: Job, name: string, { system }: OperationContext): Job {
  const input = [...inputs, ...viewInputs].includes(name)
    ? system.jobs.find((job) => job.id === name)
    : undefined
  if (input) return input
  throw new TypeError(`expected an input of ${id}, got ${name}`)
}

/** The longest wait for several keys, which take longer than one; the gateway's limit is 30 s. */
const BATCH_WAIT_MS = 20_000

const FIRST_POLL_MS = 200
const MAX_POLL_MS = 1_000

/** As many runs may one request start where each key has its own. */
const MAX_SINGLE_RUNS = 10

/** Refreshes keys of a job for one request: each key once in the job's interval or spacing, each run with an audit entry. */
class LiveRefresh implements NonNullable<ViewPorts['liveRefresh']> {
  readonly #job: Job
  /** The parameter of the job's tasks that lists keys. */
  readonly #parameter: string | undefined
  readonly #spacingMs: number | undefined
  readonly #call: OperationContext
  #hasStartedRun = false

  constructor(job: Job, route: Route, call: OperationContext) {
    this.#job = job
    this.#parameter = route.live?.keys
    this.#spacingMs = liveSpacingMs(route)
    this.#call = call
  }

  /** Whether this request has started a run. */
  get hasStartedRun(): boolean {
    return this.#hasStartedRun
  }

  isNew(value: Representation): boolean {
    return (
      this.#spacingMs === undefined && isCheckedInInterval(value, this.#job, this.#call.ports.clock.now())
    )
  }

  async fill(key: string): Promise<FillResult> {
    const job = this.#job
    if (job.off !== undefined) return this.#offResult()
    const readValue = consistentReader(job, key, this.#call.ports)
    const before = await readValue()
    const run = await this.#joinOrStartRun({ job, key, spacingMs: this.#spacingMs })
    if (run.status === 'limited') return { ...run, reason: tooEarlyText(job) }
    const result = await waitForValue(run.id, before, readValue, job, this.#call)
    if (result.status === 'missing')
      return this.#emptyResult(runFailureText(result.run, run.id, VALUE_WAIT_MS))
    return filledResult(result.value)
  }

  async fillMany(keys: readonly string[]): Promise<ReadonlyMap<string, BatchFillResult>> {
    const before = await this.#readStored(keys)
    if (keys.length === 1 || this.#parameter === undefined) {
      const fills = keys
        .slice(0, MAX_SINGLE_RUNS)
        .map(async (key) => [key, this.#orOlder(await this.fill(key), before.get(key))] as const)
      return new Map(await Promise.all(fills))
    }
    if (this.#job.off !== undefined)
      return new Map(keys.map((key) => [key, this.#orOlder(this.#offResult(), before.get(key))]))
    const params = { [this.#parameter]: keys.toSorted() }
    const run = await this.#joinOrStartRun({ job: this.#job, params })
    if (run.status === 'limited')
      throw new TypeError('expected no spacing of a run for several keys, got one')
    const ended = run.id === undefined ? undefined : await this.#waitForEnd(run.id)
    const after = await this.#readStored(keys)
    const results = new Map<string, BatchFillResult>()
    for (const key of keys) {
      const value = after.get(key)
      if (value && (isConfirmed(ended) || isNewer(value, before.get(key)))) {
        results.set(key, filledResult(value))
      } else if (value || ended) {
        const reason = runFailureText(ended, run.id, BATCH_WAIT_MS)
        results.set(key, this.#orOlder(this.#emptyResult(reason), value))
      }
      // Otherwise the key has no result: the run is in progress and may still bring it.
    }
    return results
  }

  async #joinOrStartRun(target: Parameters<typeof joinOrStartRun>[0]) {
    const run = await joinOrStartRun(target, this.#call)
    this.#hasStartedRun ||= run.status === 'started'
    return run
  }

  async #readStored(keys: readonly string[]): Promise<ReadonlyMap<string, Representation>> {
    const { store, clock } = this.#call.ports
    const results = await new Datasets(consistentStore(store), clock).readMany(this.#job, keys)
    const values = new Map<string, Representation>()
    for (const [key, { value, failure }] of results) {
      if (failure !== undefined) throw failure
      if (value && !value.isAbsent) values.set(key, value)
    }
    return values
  }

  /** The record of a run once it has ended; `undefined` if it does not end in time. */
  #waitForEnd(runId: string): Promise<RunRecord | undefined> {
    const { store, clock } = this.#call.ports
    const schedule = {
      deadline: clock.now() + BATCH_WAIT_MS,
      firstMs: FIRST_POLL_MS,
      maxMs: MAX_POLL_MS,
      startsWithWait: true,
    }
    return pollUntil(clock, schedule, async () => {
      const run = await store.runs.get(this.#job.id, runId)
      return run && run.status !== 'running' ? run : undefined
    })
  }

  #offResult(): FillResult {
    return this.#emptyResult(`${this.#job.id} is off: ${this.#job.off}`)
  }

  #emptyResult(reason: string): FillResult {
    return { status: 'empty', reason: `${this.#job.title} could not be refreshed: ${reason}` }
  }

  /** The stored value if a key could not be refreshed and the value is still servable. */
  #orOlder(result: FillResult, value: Representation | undefined): BatchFillResult {
    const { clock } = this.#call.ports
    if (result.status !== 'empty' || !value || freshness(value, clock.now()) === 'gone') return result
    return { status: 'older', item: { representation: value, waited: false, isFallback: false } }
  }
}

function filledResult(representation: Representation): FillResult {
  return { status: 'filled', item: { representation, waited: true, isFallback: false } }
}
