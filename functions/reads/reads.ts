import type { Job } from '#shared/declare/job.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { failureResponse, type HttpResult, problem } from '#shared/http/problem.ts'
import { type Match, router } from '#shared/http/router.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import { withCors } from '#shared/read/headers.ts'
import { health } from '#shared/read/health.ts'
import { ReadPath, type ReadPorts } from '#shared/read/read-path.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import { type LoadDocument, OpenApiDocument } from './open-api.ts'
import { logRead } from './read-log.ts'

/** Clients resolve dot segments before they send a request: a path with one is meant to mislead. */
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/

/** Who may read, beyond what the gateway checks. */
export interface ReadAccess {
  /** Whether reads need no authorization. Shared caches may then store responses, and otherwise never. */
  readonly isPublic: boolean
  /** Origins whose pages may read. */
  readonly corsOrigins: readonly string[]
}

/** Every request of the public paths: datasets, health and the OpenAPI document, 404 and 405. */
export class Reads {
  readonly #jobs: ReadonlyMap<string, Job>
  readonly #version: string
  readonly #ports: ReadPorts
  readonly #access: ReadAccess
  readonly #match: ReturnType<typeof router<RouteRow>>
  readonly #readPath: ReadPath
  readonly #document: OpenApiDocument

  constructor(
    jobs: readonly Job[],
    version: string,
    ports: ReadPorts,
    access: ReadAccess = { isPublic: true, corsOrigins: [] },
    load: LoadDocument = missingDocument,
  ) {
    this.#jobs = new Map(jobs.map((job) => [job.id, job]))
    this.#version = version
    this.#ports = ports
    this.#access = access
    this.#match = router(routeTable(jobs))
    this.#readPath = new ReadPath({ ...ports, jobs }, version)
    this.#document = new OpenApiDocument(load)
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
    if (!match.isMatch) return match.status === 404 ? notFound() : this.#wrongMethod(match.rows)
    const { row, parameters } = match
    // a decoded path can match a route that the gateway, and so its authorizer, did not see
    if (row.access === 'operator' || request.routeKey === '$default') return notFound()
    if (row.serves === 'dataset') {
      const job = this.#jobs.get(row.job)
      if (!job) throw new TypeError(`the route ${row.path} names the unknown job ${row.job}`)
      const result = await this.#readPath.read(job, row.route, parameters, request)
      logRead(this.#ports.log, job, row.route, result)
      return result
    }
    return row.serves === 'health' ? this.#health() : this.#document.respond(request)
  }

  #misleading(match: Match): HttpResult {
    const failure = { status: 400, message: 'A path has no segments . or ..' }
    const job = match.isMatch && match.row.serves === 'dataset' ? this.#jobs.get(match.row.job) : undefined
    return job ? failureResponse(job.envelope, failure, this.#ports.clock.now()) : problem(failure)
  }

  async #health(): Promise<HttpResult> {
    const { store, clock, log } = this.#ports
    try {
      return await health([...this.#jobs.values()], store.states, clock, this.#version)
    } catch (error) {
      log.error('The table cannot be read', { error })
      return problem({ status: 503, message: 'The storage cannot be reached' }, { 'retry-after': '30' })
    }
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

function notFound(): HttpResult {
  return problem({ status: 404, message: 'No dataset is served at this path' })
}

function missingDocument(): Promise<never> {
  return Promise.reject(new Error('expected a way to load the OpenAPI document, got none'))
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
