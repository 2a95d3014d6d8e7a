import { pathToFileURL } from 'node:url'
import { jobs } from '#functions/jobs/declared.ts'
import { operatorViewsByJob } from '#functions/jobs/operator-views.ts'
import { submissionsByJob } from '#functions/jobs/submissions.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { Operations } from '#functions/operations/operations.ts'
import { ReadCounts } from '#functions/reads/metrics.ts'
import { Reads } from '#functions/reads/reads.ts'
import { SubmitRequests } from '#functions/submit/requests.ts'
import { openGateway } from '#infra/local/gateway/gateway.ts'
import { tokenAuthorizer } from '#infra/local/gateway/operator-token.ts'
import { simulatedProfile } from '#infra/local/simulated/profile.ts'
import type { Job } from '#shared/declare/job.ts'
import { resolveSystem, type System } from '#shared/declare/system.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { compress } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { BusEvent, RedrivenTick } from '#shared/domain/ports/bus.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import type { Ports, RunRequest, Work } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { routeTable, type ServedBy } from '#shared/http/routes.ts'
import { authorizedRequest, bodyText } from '#shared/read/request.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { memoryStore } from '#test/fakes/store/memory-store.ts'
import { lazyParts, noMetrics } from '#test/fakes/world/clients.ts'
import { memoryQueues } from '#test/fakes/world/failure-queues.ts'
import { taskMachines } from '#test/fakes/world/task-machine.ts'
import { type VirtualClock, virtualClock } from '#test/fakes/world/virtual-clock.ts'
import { GoodBodies } from '#test/hostile/good-bodies.ts'
import type { OnCleanup } from '#test/support/temporary/cleanup.ts'

type GatewayEvent = Parameters<typeof authorizedRequest>[0]

/** Every job under the settings of `npm start`, at a time at which most providers have data of this day. */
const START = Date.UTC(2026, 10, 20, 22)

/** The job of which no run is made: it deletes what is old, and nothing here is. */
const WITHOUT_RUNS = ['retention']

const TOKEN = 'A'.repeat(43)

/** The whole API on a loopback port. */
export interface LocalApi {
  readonly origin: string
  /** The header of an operator. */
  readonly authorization: string
  readonly system: System
  readonly clock: VirtualClock
  /** Keys that are stored, by job. */
  readonly keys: ReadonlyMap<string, readonly string[]>
  /** Ids of some runs. */
  readonly runs: readonly string[]
  /** Errors that no function expected: each was a response 500. */
  readonly defects: readonly unknown[]
}

/**
 * The functions of the API behind the gateway of `npm start`, over the table in memory and a virtual clock, with every job
 * published once by its simulated providers. What requests start runs at once.
 */
export async function openLocalApi(atEnd: OnCleanup, document: object): Promise<LocalApi> {
  const clock = wholeMilliseconds(virtualClock(START))
  const system = resolveSystem(
    { jobs, upstreams },
    simulatedProfile(
      upstreams.map(({ name }) => name),
      {},
    ),
  )
  const defects: unknown[] = []
  const world = await ApiWorld.open(system, clock, (error) => defects.push(error))
  await world.publishAll()
  const functions = functionsOf(world, document)
  const gateway = await openGateway({
    port: 0,
    routes: routeTable(system.jobs),
    invoke: (name, event) => functions[name](event as GatewayEvent),
    authorize: tokenAuthorizer(TOKEN),
    onAccessDenied: () => {},
    onFault: (error) => defects.push(error),
  })
  atEnd(gateway.close)
  const keys = await Promise.all(
    system.jobs.map(async ({ id }) => [id, await world.store.keys.list(id)] as const),
  )
  return {
    origin: gateway.url,
    authorization: `Bearer ${TOKEN}`,
    system,
    clock,
    keys: new Map(keys),
    runs: [...world.store.memory.runs.values()].map(({ id }) => id),
    defects,
  }
}

/** The clock of a machine: runs wait for parts of a millisecond too. */
function wholeMilliseconds(clock: VirtualClock): VirtualClock {
  return { ...clock, now: () => Math.floor(clock.now()) }
}

function functionsOf({ system, ports, store, machines }: ApiWorld, document: object) {
  const { clock, random, log, bus } = ports
  const base = { clock, random, log, bus, store }
  const counts = new ReadCounts('test', clock)
  const readPorts = { ...base, views: viewsByJob, counts }
  const files = new Map([['openapi.json', compress(JSON.stringify(document))]])
  const file = async (path: string) => files.get(path)
  const reads = new Reads(system.jobs, '0.0.0', readPorts, undefined, lazyParts({ file }))
  const operations = new Operations(system, '0.0.0', {
    ...base,
    metrics: noMetrics,
    queues: memoryQueues(clock),
    views: viewsByJob,
    operatorViews: operatorViewsByJob,
  })
  const submitPorts = { ...base, stateMachines: machines }
  const submit = new SubmitRequests({ jobs: system.jobs, submissions: submissionsByJob, ports: submitPorts })
  return {
    reads: (event) => reads.handle(readRequest(event)),
    operations: (event) => operations.handle(authorizedRequest(event, clock.now())),
    submit: (event) => submit.handle(authorizedRequest(event, clock.now())),
  } satisfies Record<ServedBy, (event: GatewayEvent) => Promise<unknown>>
}

function readRequest(event: GatewayEvent) {
  const { requestContext, rawPath: path, headers, routeKey, queryStringParameters: query } = event
  return { method: requestContext.http.method, path, headers, routeKey, query, body: bodyText(event) }
}

/** Every job with its simulated providers, over one table and one clock. */
class ApiWorld {
  readonly system: System
  readonly store: ReturnType<typeof memoryStore>
  readonly ports: Ports
  readonly #works = new Map<string, Work<unknown>>()
  readonly #machines = new Map<string, ReturnType<typeof taskMachines>>()
  readonly #onDefect: (error: unknown) => void
  readonly #bodies = new GoodBodies()
  readonly #sentAt: number[] = []
  /** Runs and tasks that have not ended. */
  readonly #running = new Set<Promise<unknown>>()

  private constructor(system: System, clock: VirtualClock, onDefect: (error: unknown) => void) {
    this.system = system
    this.store = memoryStore(clock)
    this.#onDefect = onDefect
    let seed = 1
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_648
    }
    const ignore = () => {}
    this.ports = {
      clock,
      random,
      http: async (request) => this.#reply(request),
      store: this.store,
      bus: { publish: async (event) => this.#deliver(event) },
      secrets: { get: async (parameter) => ({ value: `key of ${parameter}`, version: '1' }) },
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    }
  }

  static async open(system: System, clock: VirtualClock, onDefect: (error: unknown) => void) {
    const world = new ApiWorld(system, clock, onDefect)
    for (const job of system.jobs.filter(({ id }) => !WITHOUT_RUNS.includes(id))) {
      const work = await world.#workOf(job)
      world.#works.set(job.id, work)
      world.#machines.set(job.id, taskMachines(work))
    }
    return world
  }

  /** Starts the machine of a task, which runs to its end meanwhile. */
  readonly machines = {
    start: async (job: string, id: string): Promise<void> => {
      const machines = this.#machines.get(job)
      if (!machines) throw new TypeError(`expected a job with a state machine, got ${job}`)
      await machines.start(job, id)
      this.#track(machines.run(id))
    },
  }

  /** Runs every job once, inputs first. */
  async publishAll(): Promise<void> {
    const done = new Set<string>()
    const publish = async (id: string): Promise<void> => {
      const work = this.#works.get(id)
      if (!work || done.has(id)) return
      done.add(id)
      for (const input of [...work.job.inputs, ...work.job.viewInputs]) await publish(input)
      this.#start(work, { cause: 'first-run' })
      while (this.#running.size > 0) await Promise.all(this.#running)
    }
    for (const { id } of this.system.jobs) await publish(id)
  }

  async #workOf(job: Job): Promise<Work<unknown>> {
    const module = pathToFileURL(`functions/jobs/${job.id}/refresh.ts`)
    const { refresh } = (await import(module.href)) as { refresh: Refresh<unknown> }
    const [upstream, ...otherUpstreams] = job.upstreams.map((name) => this.#upstream(name))
    const work = { job, refresh, otherUpstreams, ports: this.ports }
    return upstream ? { ...work, upstream } : work
  }

  #upstream(name: string): Upstream {
    const upstream = this.system.upstreams.get(name)
    if (upstream) return upstream
    throw new TypeError(`expected a provider, got ${name}`)
  }

  #reply(request: Parameters<Ports['http']>[0]) {
    const call = GoodBodies.callOf(request, [...this.system.upstreams.values()])
    if (!call) throw new RefreshError('network', `no simulated provider has the host ${request.url.host}`)
    const now = this.ports.clock.now()
    const { headers = {}, ...response } = this.#bodies.reply(call, request, { now, sentAt: this.#sentAt })
    return { ...response, headers }
  }

  #deliver(event: BusEvent | RedrivenTick): void {
    if (event.type !== 'refresh.requested') return
    // no queue of this world has a message, so that none is redriven
    if (event.detail.cause === 'tick') throw new TypeError('expected no redriven tick')
    const { job, ...request } = event.detail
    const work = this.#works.get(job)
    if (work && work.job.off === undefined) this.#start(work, request)
  }

  #start(work: Work<unknown>, request: Pick<RunRequest, 'cause' | 'key' | 'runId' | 'params'>): void {
    const { job, ports } = work
    const at = ports.clock.now()
    const event = { id: `event-${at}`, at }
    if (job.run.mode === 'plain') {
      this.#track(run({ ...request, event }, work))
      return
    }
    const { cause, runId, params = job.params } = request
    const submission = { job, cause, params, event, requiresNewRun: true, ...defined({ runId }) }
    this.#track(submit(submission, { ...ports, store: this.store, stateMachines: this.machines }))
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.catch(this.#onDefect).finally(() => this.#running.delete(tracked))
    this.#running.add(tracked)
  }
}
