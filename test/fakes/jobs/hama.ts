import { job } from '#functions/jobs/hama/job.ts'
import { refresh } from '#functions/jobs/hama/refresh.ts'
import { job as universeJob } from '#functions/jobs/symbol-universe/job.ts'
import { refresh as universeRefresh } from '#functions/jobs/symbol-universe/refresh.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { Operations } from '#functions/operations/operations.ts'
import { ReadCounts } from '#functions/reads/metrics.ts'
import { Reads } from '#functions/reads/reads.ts'
import { binanceSpot as recorded } from '#infra/local/simulated/binance-spot.ts'
import type { Candle } from '#shared/analysis/candles.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { Bus, BusEvent } from '#shared/domain/ports/bus.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import { run } from '#shared/engine/run.ts'
import type { ReadPorts } from '#shared/read/read-path.ts'
import { binanceSpot, binanceSpotApi } from '#shared/upstreams/binance.ts'
import { jsonOf, noMetrics } from '#test/fakes/world/clients.ts'
import { memoryQueues } from '#test/fakes/world/failure-queues.ts'
import { type Reply, world } from '#test/fakes/world/world.ts'

/** One minute after a bar has closed. */
export const TICK = Date.UTC(2026, 10, 20, 15, 1)

const PREFIX = '/api/gainer-analysis'

const UNIVERSE_SETTINGS = ['HAMA_UNIVERSE_SIZE', 'HAMA_INCLUDE', 'HAMA_EXCLUDE']

/** Both jobs over the fakes, asking the stand-in; the universe is published. */
export async function hamaWorld(settings: SettingTexts = {}, start = TICK) {
  const isOfUniverse = ([name]: [string, unknown]) => UNIVERSE_SETTINGS.includes(name)
  const given = Object.entries(settings)
  const own = Object.fromEntries(given.filter((one) => !isOfUniverse(one)))
  const base = world({
    job: resolveJob(job, own),
    upstream: resolveUpstream(binanceSpot, {}),
    otherUpstreams: [resolveUpstream(binanceSpotApi, {})],
    refresh,
    start,
  })
  const universe = {
    ...base.work,
    job: resolveJob(universeJob, Object.fromEntries(given.filter(isOfUniverse))),
    refresh: universeRefresh,
  }
  base.script((request) => simulatedReply(request, base.clock.now()))
  const refreshUniverse = () => run({ cause: 'operator' }, universe)
  const first = await refreshUniverse()
  if (first.status !== 'succeeded') throw new Error(`expected a universe, got ${first.message}`)
  base.calls.splice(0)
  base.events.splice(0)
  return { ...base, universe, refreshUniverse }
}

export type HamaWorld = Awaited<ReturnType<typeof hamaWorld>>

/** What the stand-in says, at either address. */
export function simulatedReply({ url }: HttpRequest, now: number, seed = 1): Exclude<Reply, string> {
  const { status, body } = recorded(seed, now, url.pathname, url.searchParams)
  return { status, body }
}

/** Bars as the exchange lists them. */
export function klinesOf(candles: readonly Candle[]): unknown[][] {
  return candles.map(({ openTime, closeTime, open, high, low, close, volume, quoteVolume }) => [
    openTime,
    ...[open, high, low, close, volume].map(String),
    closeTime,
    String(quoteVolume),
    100,
    '0',
    '0',
    '0',
  ])
}

/** The reads of one process. Runs that it requests begin at once, unless `isDeaf`: then the events are lost. */
export function hamaReader(base: HamaWorld, change: Partial<ReadPorts> = {}, isDeaf = false) {
  const { ports } = base.work
  const publish = async (event: BusEvent) => {
    base.events.push(event)
    if (event.type !== 'refresh.requested' || isDeaf) return
    const { cause, key, job: name } = event.detail
    const at = ports.clock.now()
    const request = { cause, event: { id: `event-${base.events.length}`, at }, ...(key ? { key } : {}) }
    void (name === 'hama' ? run(request, base.work) : run(request, base.universe))
  }
  const reads = new Reads([base.work.job, base.universe.job], '0.0.0', {
    ...ports,
    store: base.store,
    bus: { publish },
    views: viewsByJob,
    counts: new ReadCounts('test', ports.clock),
    ...change,
  })
  const raw = (method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = {}) =>
    reads.handle({ method, path: `${PREFIX}${path}`, headers, query: {}, body })
  const ask = async (method: string, path: string, body?: unknown) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const result = await raw(method, path, text)
    return { status: result.statusCode, headers: result.headers, body: jsonOf(result) }
  }
  return {
    raw,
    get: (path: string) => ask('GET', path),
    post: (path: string, body: unknown) => ask('POST', path, body),
  }
}

/** An operator of both jobs, and the public status of the schedule. `bus` gets the runs that are requested. */
export function hamaOperator(base: HamaWorld, bus: Bus = base.work.ports.bus) {
  const { ports, upstream } = base.work
  const jobs = [base.work.job, base.universe.job]
  const system = { jobs, upstreams: new Map([[upstream.name, upstream]]), changed: new Map() }
  const operations = new Operations(system, '0.0.0', {
    ...ports,
    store: base.store,
    metrics: noMetrics,
    queues: memoryQueues(ports.clock),
    bus,
    views: viewsByJob,
  })
  const at = (path: string) => (/^\/(?:v1|api)\//.test(path) ? path : `${PREFIX}${path}`)
  const ask = async (method: string, path: string, body?: unknown) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const request = {
      method,
      path: at(path),
      query: {},
      headers: {},
      body: text,
      actor: 'operator',
      at: ports.clock.now(),
    }
    const result = await operations.handle(request)
    return { status: result.statusCode, headers: result.headers, body: JSON.parse(result.body) }
  }
  return {
    start: (body?: unknown) => ask('POST', '/scheduler/start', body),
    ask,
    resume: () => ask('POST', '/v1/jobs/hama/resume'),
    override: (body: unknown) => ask('PUT', '/v1/jobs/hama/overrides', body),
    view: async () => (await ask('GET', '/v1/jobs/hama')).body,
    change: (body?: unknown) => ask('PUT', '/symbols', body),
    stop: (body?: unknown) => ask('POST', '/scheduler/stop', body),
    clear: (symbol?: string) => ask('DELETE', symbol === undefined ? '/cache' : `/cache/${symbol}`),
    status: async () => (await hamaReader(base).get('/scheduler/status')).body.data,
    audits: () => base.store.memory.audits.map(({ action }) => action),
  }
}
