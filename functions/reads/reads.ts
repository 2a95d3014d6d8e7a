import type { Job } from '#shared/declare/job.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { failureResponse, type HttpResult, problem } from '#shared/http/problem.ts'
import { type Match, router } from '#shared/http/router.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import { withCors } from '#shared/read/headers.ts'
import { health } from '#shared/read/health.ts'
import { ReadPath, type ReadPorts } from '#shared/read/read-path.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import type { OverviewResponse } from './overview.ts'
import { notFound, pageResponse } from './page.ts'
import { logRead } from './read-log.ts'
import { type LoadFile, StaticFiles } from './static-files.ts'

/** Clients resolve dot segments before they send a request: a path with one is meant to mislead. */
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/

/** Who may read, beyond what the gateway checks. */
export interface ReadAccess {
  /** Whether reads need no authorization. Shared caches may then store responses, and otherwise never. */
  readonly isPublic: boolean
  /** Origins whose pages may read. */
  readonly corsOrigins: readonly string[]
}

/** What lies beside the bundle and is loaded on first use, so that a read of data does not pay for it. */
export interface LazyParts {
  readonly file: LoadFile
  readonly overview: () => OverviewResponse
  /** Names of the providers that are simulated; none in a deployment. */
  readonly simulated: readonly string[]
}

/** The OpenAPI document changes only with a deployment. */
const DOCUMENT_HEADERS = { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' }

/** Every request of the public paths: datasets, health, the overview, the OpenAPI document and the page, 404 and 405. */
export class Reads {
  readonly #jobs: ReadonlyMap<string, Job>
  readonly #version: string
  readonly #ports: ReadPorts
  readonly #access: ReadAccess
  readonly #match: ReturnType<typeof router<RouteRow>>
  readonly #readPath: ReadPath
  readonly #lazy: LazyParts
  readonly #files: StaticFiles

  constructor(
    jobs: readonly Job[],
    version: string,
    ports: ReadPorts,
    access: ReadAccess = { isPublic: true, corsOrigins: [] },
    lazy: LazyParts = NO_PARTS,
  ) {
    this.#jobs = new Map(jobs.map((job) => [job.id, job]))
    this.#version = version
    this.#ports = ports
    this.#access = access
    this.#match = router(routeTable(jobs))
    this.#readPath = new ReadPath({ ...ports, jobs }, version)
    this.#lazy = lazy
    this.#files = new StaticFiles(lazy.file)
  }

  async handle(request: ReadRequest): Promise<HttpResult> {
    const { method, path } = request
    const match = this.#match(method, path)
    if (DOT_SEGMENT.test(path)) return this.#misleading(match)
    const result = await this.#route(match, request)
    return isOperatorPath(match)
      ? result
      : withAccessHeaders(result, request, this.#access, publicMethods(match))
  }

  async #route(match: Match, request: ReadRequest): Promise<HttpResult> {
    if (!match.isMatch) return match.status === 404 ? notFound(request) : this.#wrongMethod(match.rows)
    const { row, parameters } = match
    // a decoded path can match a route that the gateway, and so its authorizer, did not see
    const isBypass = request.routeKey === '$default' && row.serves !== 'page'
    if (row.access === 'operator' || isBypass) return notFound(request)
    switch (row.serves) {
      case 'dataset':
        return this.#dataset(row, parameters, request)
      case 'health':
        return this.#states((states) => health(this.#jobs.values(), states, this.#version, this.#now()))
      case 'overview':
        return this.#overview(request)
      case 'page':
        return pageResponse(parameters['file'], this.#files, request)
      case 'openapi':
        return this.#document(request)
      default:
        throw new TypeError(`the route ${row.path} is served by another function`)
    }
  }

  #misleading(match: Match): HttpResult {
    const failure = { status: 400, message: 'A path has no segments . or ..' }
    const job = match.isMatch && match.row.serves === 'dataset' ? this.#jobs.get(match.row.job) : undefined
    return job ? failureResponse(job.envelope, failure, this.#ports.clock.now()) : problem(failure)
  }

  async #dataset(
    { job: id, path, route }: Extract<RouteRow, { serves: 'dataset' }>,
    parameters: Readonly<Record<string, string>>,
    request: ReadRequest,
  ): Promise<HttpResult> {
    const job = this.#jobs.get(id)
    if (!job) throw new TypeError(`the route ${path} names the unknown job ${id}`)
    const result = await this.#readPath.read(job, route, parameters, request)
    logRead(this.#ports.log, job, route, result)
    return result
  }

  #overview(request: ReadRequest): Promise<HttpResult> {
    const { simulated, overview } = this.#lazy
    const input = { version: this.#version, jobs: [...this.#jobs.values()], simulated }
    return this.#states((states) => overview()({ ...input, states }, request, this.#now()))
  }

  async #document(request: ReadRequest): Promise<HttpResult> {
    const document = await this.#files.respond('openapi.json', DOCUMENT_HEADERS, request)
    if (document) return document
    throw new Error('expected the OpenAPI document beside the bundle, got none')
  }

  /** Answers from the public states of all jobs; 503 if the table cannot be read. */
  async #states(respond: (states: ReadonlyMap<string, JobState>) => HttpResult): Promise<HttpResult> {
    const { store, log } = this.#ports
    let states: ReadonlyMap<string, JobState>
    try {
      states = new Map(
        await Promise.all(
          [...this.#jobs.keys()].map(async (id) => [id, await store.states.get(id)] as const),
        ),
      )
    } catch (error) {
      log.error('The table cannot be read', { error })
      return problem({ status: 503, message: 'The storage cannot be reached' }, { 'retry-after': '30' })
    }
    return respond(states)
  }

  #now(): number {
    return this.#ports.clock.now()
  }

  #wrongMethod(rows: readonly RouteRow[]): HttpResult {
    const allow = rows.flatMap(({ methods }) => methods).join(', ')
    const failure = { status: 405, message: `This path answers ${allow}` }
    const [row] = rows
    const job = row?.serves === 'dataset' ? this.#jobs.get(row.job) : undefined
    const members = job && envelopeOf(job.envelope).failure(failure, this.#ports.clock.now())
    return problem(failure, { allow }, members)
  }
}

const NO_PARTS: LazyParts = {
  file: async () => undefined,
  overview: () => {
    throw new Error('expected a way to load the overview, got none')
  },
  simulated: [],
}

/** The public methods of a path that does not have the requested one. */
function publicMethods(match: Match): readonly string[] {
  if (match.isMatch || match.status === 404) return []
  return match.rows.filter(({ access }) => access === 'public').flatMap(({ methods }) => methods)
}

function isOperatorPath(match: Match): boolean {
  if (match.isMatch) return match.row.access === 'operator'
  return match.status === 405 && match.rows.every(({ access }) => access === 'operator')
}

/**
 * Adapts a response to the access of a stage: CORS headers, and `private` in place of `public` caching.
 *
 * @param methods - public methods of the path, for a preflight
 */
function withAccessHeaders(
  result: HttpResult,
  request: ReadRequest,
  access: ReadAccess,
  methods: readonly string[],
): HttpResult {
  const { headers } = result
  const cacheControl = headers['cache-control']
  const cacheable =
    cacheControl === undefined || access.isPublic
      ? result
      : { ...result, headers: { ...headers, 'cache-control': cacheControl.replace(/^public,/, 'private,') } }
  return withCors(cacheable, request, access.corsOrigins, methods)
}
