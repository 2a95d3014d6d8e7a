import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { freshness } from '#shared/engine/freshness.ts'
import { SNAPSHOT_KEY } from '#shared/engine/snapshot-view.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { failureIn, type HttpResult, problem } from '#shared/http/problem.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import type { Bus } from '#shared/ports/bus.ts'
import type { Clock } from '#shared/ports/clock.ts'
import type { Log } from '#shared/ports/log.ts'
import type { StateStore } from '#shared/ports/store.ts'
import { absences } from './absences.ts'
import { type ColdFill, coldFills } from './cold.ts'
import type { ReadCounts } from './counts.ts'
import { datasets, type ReadStore } from './dataset.ts'
import { health } from './health.ts'
import { filled, wrongParameter } from './parameters.ts'
import { asksForPrivilege } from './privilege.ts'
import type { ReadRequest } from './read-request.ts'
import { forReaders, type Readers } from './readers.ts'
import { refreshRequests, type Wanted } from './refresh-requests.ts'
import type { Representation } from './representation.ts'
import { type Found, respond } from './respond.ts'
import { type Match, router } from './router.ts'

/** The world as reads see it: no upstream, no write but an event on the bus. */
export interface ReadPorts {
  readonly store: ReadStore & { readonly states: Pick<StateStore, 'get'> }
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
  readonly counts: Pick<ReadCounts, 'add'>
}

type DatasetRow = Extract<RouteRow, { serves: 'dataset' }>

/** Clients resolve these before they ask: a path that still has one was made to lead elsewhere. */
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/

/**
 * Answers every request of the public paths. A read holds no lock, calls no upstream and writes nothing; what it
 * cannot serve fresh it serves stale, and asks for a refresh.
 */
export function reads(
  jobs: readonly Job[],
  version: string,
  ports: ReadPorts,
  readers: Readers = { areAnybody: true, corsOrigins: [] },
) {
  const { clock, log, counts } = ports
  const match = router(routeTable(jobs))
  const jobById = new Map(jobs.map((job) => [job.id, job]))
  const found = datasets(ports.store, clock)
  const requests = refreshRequests(ports.bus, ports.store.states, clock)
  const coldFill = coldFills(found, requests, clock)
  const absent = absences(clock)

  return async (request: ReadRequest): Promise<HttpResult> => {
    const { method, path } = request
    if (DOT_SEGMENT.test(path)) return problem({ status: 400, message: 'A path has no segments . or ..' })
    const matched = match(method, path)
    const result = await routed(matched, request)
    return isForOperators(matched) ? result : forReaders(result, request, readers)
  }

  async function routed(matched: Match, request: ReadRequest): Promise<HttpResult> {
    if (!matched.found) return matched.status === 404 ? nothing() : wrongMethod(matched.rows)
    const { row, parameters } = matched
    // a decoded path may look like a route that the gateway, and so its authorizer, did not see
    if (row.serves === 'operation' || request.routeKey === '$default') return nothing()
    if (row.serves === 'health') return healthOrNot()
    return dataset(row, parameters, request)
  }

  function nothing(): HttpResult {
    return problem({ status: 404, message: 'No dataset is served at this path' })
  }

  async function healthOrNot(): Promise<HttpResult> {
    try {
      return await health(jobs, ports.store.states, clock, version)
    } catch (error) {
      log.error('The table cannot be read', { error })
      return problem({ status: 503, message: 'The storage cannot be reached' }, { 'retry-after': '30' })
    }
  }

  function wrongMethod(rows: readonly RouteRow[]): HttpResult {
    const allow = rows.flatMap(({ methods }) => methods).join(', ')
    const failure = { status: 405, message: `This path answers ${allow}` }
    const [row] = rows
    const job = row?.serves === 'dataset' ? jobById.get(row.job) : undefined
    const members = job && envelopeOf(job.envelope).failure(failure, clock.now())
    return problem(failure, { allow }, members)
  }

  async function dataset(
    row: DatasetRow,
    parameters: Readonly<Record<string, string>>,
    request: ReadRequest,
  ): Promise<HttpResult> {
    const job = jobById.get(row.job)
    if (!job) throw new TypeError(`the route ${row.path} names the unknown job ${row.job}`)
    if (asksForPrivilege(request)) return forOperators(job, request.path)
    const wrong = wrongParameter(row.route, parameters)
    if (wrong !== undefined)
      return failureIn(job.envelope, { status: 400, message: `invalid ${wrong}` }, clock.now())
    const key = job.stored === 'snapshot' ? SNAPSHOT_KEY : filled(row.route.key, parameters)
    const wanted: Wanted = job.stored === 'items' && row.route.key.includes('{') ? { job, key } : { job }

    const name = `${job.id} ${key}`
    if (absent.has(name)) return cold(row.route, wanted, key, request)
    const { value, failure } = await found.read(job, key)
    const isCopy = failure !== undefined
    if (!value && isCopy) return unreachable(job, failure)
    if (!value) {
      if (row.route.cold === 'refuse') absent.note(name)
      return cold(row.route, wanted, key, request)
    }
    if (!isCopy && freshness(value, clock.now()) === 'stale') await askForRefresh(wanted)
    return answer(value, job, request, { waited: false, isCopy })
  }

  /** Nothing on a public path depends on who asks: what only operators may has a path of its own. */
  function forOperators(job: Job, path: string): HttpResult {
    const failure = { status: 403, message: `Live reads are for operators, at /v1/live${path}` }
    return failureIn(job.envelope, failure, clock.now())
  }

  async function cold(route: Route, wanted: Wanted, key: string, request: ReadRequest): Promise<HttpResult> {
    const { job } = wanted
    const fill: ColdFill = route.cold === 'wait' ? await waitFor(wanted, key) : { status: 'empty' }
    if (fill.status === 'filled') return answer(fill.value, job, request, { waited: true, isCopy: false })
    counts.add('cold')
    const status = fill.status === 'limited' ? 429 : 503
    const message =
      fill.status === 'limited' ? 'Too many datasets are asked for at once' : `${job.title} are not available`
    const seconds = fill.status === 'limited' ? Math.ceil(fill.retryAfterMs / 1_000) : 30
    return failureIn(job.envelope, { status, message }, clock.now(), { 'retry-after': String(seconds) })
  }

  /** Nobody could be asked, so nothing will come: the reader is told at once. */
  async function waitFor(wanted: Wanted, key: string): Promise<ColdFill> {
    try {
      return await coldFill(wanted, key)
    } catch (error) {
      log.error('A cold refresh could not be asked for', { job: wanted.job.id, error })
      return { status: 'empty' }
    }
  }

  function unreachable(job: Job, error: unknown): HttpResult {
    counts.add('errors')
    log.error('The table cannot be read and no copy is left', { job: job.id, error })
    const failure = { status: 503, message: 'The storage cannot be reached', code: 'INTERNAL_ERROR' }
    return failureIn(job.envelope, failure, clock.now(), { 'retry-after': '30' })
  }

  /** It is remembered for a while that the source does not know the key. */
  function unknown(job: Job): HttpResult {
    const failure = { status: 404, message: 'The source does not know this key' }
    return failureIn(job.envelope, failure, clock.now())
  }

  /** The reader has an answer already; that nobody could be asked for a newer one is told to the operator. */
  async function askForRefresh(wanted: Wanted): Promise<void> {
    try {
      await requests.ofStale(wanted)
    } catch (error) {
      log.warn('A refresh could not be asked for', { job: wanted.job.id, error })
    }
  }

  function answer(value: Representation, job: Job, { method, headers }: ReadRequest, how: Found): HttpResult {
    if (value.isAbsent) return unknown(job)
    const conditions = {
      method,
      acceptEncoding: headers['accept-encoding'],
      ifNoneMatch: headers['if-none-match'],
    }
    const now = clock.now()
    counts.add(how.waited ? 'waited' : freshness(value, now) === 'fresh' ? 'fresh' : 'stale')
    return respond(value, job, conditions, how, now)
  }
}

function isForOperators(matched: Match): boolean {
  if (matched.found) return matched.row.access === 'operator'
  return matched.status === 405 && matched.rows.every(({ access }) => access === 'operator')
}
