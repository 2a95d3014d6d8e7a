import type { OperationPorts, OperationRequest } from '#functions/operations/http/operation.ts'
import { Operations } from '#functions/operations/operations.ts'
import { ReadCounts } from '#functions/reads/metrics.ts'
import { overviewResponse } from '#functions/reads/overview.ts'
import { type LazyParts, type ReadAccess, Reads } from '#functions/reads/reads.ts'
import type { Job } from '#shared/declare/job.ts'
import { decompress } from '#shared/domain/codec.ts'
import type { Bus, BusEvent } from '#shared/domain/ports/bus.ts'
import type { Metrics } from '#shared/domain/ports/metrics.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import type { ReadPorts } from '#shared/read/read-path.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import { memoryQueues } from './failure-queues.ts'
import type { World } from './world.ts'

/** The reads of one process over a world, with further jobs that its views may read; `deliver` runs what was put on the bus, as the bus would. */
export function reader<V>(
  world: World<V>,
  change: Partial<ReadPorts> = {},
  readers?: ReadAccess,
  lazy?: LazyParts,
) {
  const { clock, store, bus, log } = world.work.ports
  const ports = { clock, store, bus, log, counts: new ReadCounts('test', clock), ...change }
  const reads = new Reads([world.work.job, ...(change.jobs ?? [])], '0.0.0', ports, readers, lazy)
  const answer = (request: ReadRequest) => reads.handle(request)
  const get = (path: string, headers: ReadRequest['headers'] = {}, method = 'GET') =>
    answer({ method, path, headers })
  const deliver = async () => {
    for (const event of world.events.splice(0)) {
      if (event.type !== 'refresh.requested') continue
      const { cause, key } = event.detail
      const at = clock.now()
      await world.run({ cause, event: { id: `event-${at}`, at }, ...(key === undefined ? {} : { key }) })
    }
  }
  return { answer, get, deliver }
}

/** What reads load on first use, from the sources; no file by default. */
export function lazyParts(change: Partial<LazyParts> = {}): LazyParts {
  return { file: async () => undefined, overview: () => overviewResponse, simulated: [], ...change }
}

/** Metrics before the first read. */
export const noMetrics: Metrics = {
  sums: async (names) => Object.fromEntries(names.map((name) => [name, 0])) as never,
}

/** The body of an answer, whatever its encoding. */
export function jsonOf({ body, headers, isBase64Encoded }: HttpResult) {
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : Buffer.from(body)
  return JSON.parse((headers['content-encoding'] === 'br' ? decompress(bytes) : bytes).toString('utf8'))
}

/** A bus that runs what is requested while the request is answered, as the real one does. `requests` are the events. */
export function runningBus<V>(
  { clock, run }: Pick<World<V>, 'clock' | 'run'>,
  afterMs = 0,
): { readonly bus: Bus; readonly requests: readonly BusEvent[] } {
  const requests: BusEvent[] = []
  const publish = async (event: BusEvent) => {
    requests.push(event)
    if (event.type !== 'refresh.requested') return
    const { job: _job, ...request } = event.detail
    const at = clock.now()
    void (async () => {
      await clock.sleep(afterMs)
      await run({ ...request, event: { id: `event-${at}`, at } })
    })()
  }
  return { bus: { publish }, requests }
}

/** An operator of the job of a world, and of other jobs; `deliver` runs what was put on the bus, as the bus would. */
export function operator<V>(
  world: World<V>,
  change: Partial<OperationPorts> = {},
  otherJobs: readonly Job[] = [],
) {
  const { job, upstream, ports } = world.work
  const system = {
    jobs: [job, ...otherJobs],
    upstreams: new Map([[upstream.name, upstream]]),
    changed: new Map(),
  }
  const operations = new Operations(system, '0.0.0', {
    ...ports,
    store: world.store,
    metrics: noMetrics,
    queues: memoryQueues(ports.clock),
    ...change,
  })

  const ask = async (method: string, target: string, more: Partial<OperationRequest> = {}) => {
    const [path = '', search = ''] = target.split('?')
    const query = Object.fromEntries(new URLSearchParams(search))
    const at = ports.clock.now()
    const request = { method, path, query, headers: {}, body: undefined, actor: 'operator', at, ...more }
    const { statusCode: status, headers, body: text } = await operations.handle(request)
    return { status, headers, text, body: text === '' ? undefined : JSON.parse(text) }
  }
  const deliver = async () => {
    for (const event of world.events.splice(0)) {
      if (event.type !== 'refresh.requested') continue
      const { job: _job, ...wish } = event.detail
      const at = ports.clock.now()
      await world.run({ ...wish, event: { id: `event-${at}`, at } })
    }
  }
  return {
    ask,
    deliver,
    get: (target: string, more: Partial<OperationRequest> = {}) => ask('GET', target, more),
    post: (target: string, body?: unknown, more: Partial<OperationRequest> = {}) =>
      ask('POST', target, { body: body === undefined ? undefined : JSON.stringify(body), ...more }),
    put: (target: string, body: unknown) => ask('PUT', target, { body: JSON.stringify(body) }),
    audits: () => world.store.memory.audits.map(({ action, actor, subject }) => ({ action, actor, subject })),
  }
}
