import type { Job } from '#shared/declare/job.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { type HttpResult, problem } from '#shared/http/problem.ts'
import { type Match, router } from '#shared/http/router.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import { withCors } from '#shared/read/headers.ts'
import { health } from '#shared/read/health.ts'
import { ReadPath, type ReadPorts } from '#shared/read/read-path.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import { type LoadDocument, openApiHandler } from './open-api.ts'

/** Clients resolve these before they ask: a path that still has one was made to lead elsewhere. */
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/

/** Answers every request of the public paths: datasets by the ladder of a read, the state of jobs, 404 and 405. */
export function readHandler(
  jobs: readonly Job[],
  version: string,
  ports: ReadPorts,
  readers: ReadAccess = { isPublic: true, corsOrigins: [] },
  load: LoadDocument = missingDocument,
) {
  const { clock, log } = ports
  const match = router(routeTable(jobs))
  const jobById = new Map(jobs.map((job) => [job.id, job]))
  const dataset = new ReadPath({ ...ports, jobs })
  const document = openApiHandler(load)

  return async (request: ReadRequest): Promise<HttpResult> => {
    const { method, path } = request
    if (DOT_SEGMENT.test(path)) return problem({ status: 400, message: 'A path has no segments . or ..' })
    const matched = match(method, path)
    const result = await routed(matched, request)
    return isOperatorPath(matched)
      ? result
      : withAccessHeaders(result, request, readers, publicMethods(matched))
  }

  async function routed(matched: Match, request: ReadRequest): Promise<HttpResult> {
    if (!matched.isMatch) return matched.status === 404 ? nothing() : wrongMethod(matched.rows)
    const { row, parameters } = matched
    // a decoded path may look like a route that the gateway, and so its authorizer, did not see
    if (row.access === 'operator' || request.routeKey === '$default') return nothing()
    if (row.serves === 'dataset') {
      const job = jobById.get(row.job)
      if (!job) throw new TypeError(`the route ${row.path} names the unknown job ${row.job}`)
      return dataset.read(job, row.route, parameters, request)
    }
    return row.serves === 'health' ? healthOrNot() : document(request)
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
}

function missingDocument(): Promise<never> {
  return Promise.reject(new Error('expected a way to load the OpenAPI document, got none'))
}

/** What a path that has not the method asked for has for its readers, be they operators or not. */
function publicMethods(matched: Match): readonly string[] {
  if (matched.isMatch || matched.status === 404) return []
  return matched.rows.filter(({ access }) => access === 'public').flatMap(({ methods }) => methods)
}

function isOperatorPath(matched: Match): boolean {
  if (matched.isMatch) return matched.row.access === 'operator'
  return matched.status === 405 && matched.rows.every(({ access }) => access === 'operator')
}

/** Who may read, beside what the gateway asks of them. */
export interface ReadAccess {
  /** Whether anybody may; shared caches keep answers then, and never those that somebody had to be let in for. */
  readonly isPublic: boolean
  /** Origins whose pages may. */
  readonly corsOrigins: readonly string[]
}

/**
 * An answer as the readers of a stage, and the caches before them, may have it.
 *
 * @param methods - of the path, that readers may ask
 */
export function withAccessHeaders(
  result: HttpResult,
  request: ReadRequest,
  readers: ReadAccess,
  methods: readonly string[],
): HttpResult {
  const { 'cache-control': cached, ...headers } = result.headers
  const kept =
    cached === undefined || readers.isPublic
      ? result
      : { ...result, headers: { ...headers, 'cache-control': cached.replace(/^public,/, 'private,') } }
  return withCors(kept, request, readers.corsOrigins, methods)
}
