import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { DataSource } from '#shared/domain/records/publication.ts'
import { failureResponse, type HttpResult } from '#shared/http/problem.ts'
import { ComposedCache } from './composed-cache.ts'
import type { ReadOrigin } from './headers.ts'
import type { Representation } from './representation.ts'
import {
  forceRefreshMember,
  invalidParameter,
  type ParsedBody,
  parseBody,
  type ReadRequest,
} from './request.ts'
import { datasetResponse, uncachedResponse } from './response.ts'
import type { View, ViewResult } from './view.ts'
import { StoreViewContext, type ViewPorts } from './view-context.ts'

/** The ports of views, and an observer of the `X-Cache` header of each response that has one. */
export interface ViewResponsePorts extends ViewPorts {
  readonly onServed?: (cache: string | undefined) => void
}

/** One request of a route that a view answers. */
interface ViewCall {
  readonly job: Job
  readonly route: Route
  readonly request: ReadRequest
  readonly now: number
}

/** Responses of views. A body composed from the same publications is built once. */
export class ViewResponses {
  readonly #ports: ViewResponsePorts
  readonly #composed = new ComposedCache()

  constructor(ports: ViewResponsePorts) {
    this.#ports = ports
  }

  /** Checks the parameters and the body of a request, calls the view, and adds the headers. */
  async respond(
    view: View,
    job: Job,
    route: Route,
    parameters: Readonly<Record<string, string>>,
    request: ReadRequest,
  ): Promise<HttpResult> {
    const call: ViewCall = { job, route, request, now: this.#ports.clock.now() }
    const query = request.query ?? {}
    const invalid = invalidParameter(route.parameters, parameters) ?? invalidParameter(route.query, query)
    if (invalid !== undefined) return failed(call, invalid, 400)
    const body = route.method === 'POST' ? checkedBody(request.body) : undefined
    if (body && 'message' in body) return failed(call, body.message, body.status)
    let dataSource: DataSource | undefined
    const onDataSource = (source: DataSource) => {
      dataSource = dataSource === 'simulated' ? dataSource : source
    }
    const context = new StoreViewContext(job, { ...this.#ports, onDataSource })
    const result = await view({ parameters, query, body: body?.json, now: call.now }, context)
    return this.#toHttp(result, call, dataSource)
  }

  #toHttp(result: ViewResult, call: ViewCall, dataSource: DataSource | undefined): HttpResult {
    const { job, route, request, now } = call
    if (route.uncached && result.kind !== 'now' && result.kind !== 'failure')
      throw new TypeError(
        `expected an uncached response of ${route.path}, as declared; got one that caches keep`,
      )
    switch (result.kind) {
      case 'failure':
        return failureResponse(job.envelope, result, now, result.headers)
      case 'now': {
        const text = JSON.stringify(result.body)
        return uncachedResponse(result.status, request, text, { dataSource }, result.headers)
      }
      case 'value': {
        const { from } = result
        const origin = { waited: 'waited' in from && from.waited, isFallback: from.isFallback }
        return this.#withHeaders(this.#composed.fromOne(route.path, result), origin, call)
      }
      case 'joined': {
        const waited = result.from.some((item) => item.waited)
        const isFallback = result.from.some((item) => item.isFallback)
        return this.#withHeaders(this.#composed.fromMany(route.path, result), { waited, isFallback }, call)
      }
      default:
        return assertNever(result)
    }
  }

  /** The response to a POST is neither cached nor conditional. */
  #withHeaders(
    value: Representation,
    origin: ReadOrigin,
    { job, route, request, now }: ViewCall,
  ): HttpResult {
    const { 'if-none-match': _ignored, ...unconditional } = request.headers
    const isPost = route.method === 'POST'
    const headers = isPost ? unconditional : request.headers
    const result = datasetResponse(value, job, { ...request, headers }, origin, now)
    this.#ports.onServed?.(result.headers['x-cache'])
    return isPost ? { ...result, headers: { ...result.headers, 'cache-control': 'no-store' } } : result
  }
}

function failed({ job, now }: ViewCall, message: string, status: number): HttpResult {
  return failureResponse(job.envelope, { status, message }, now)
}

function checkedBody(text: string | undefined): ParsedBody {
  const body = parseBody(text)
  if ('message' in body) return body
  const flag = forceRefreshMember(body.json)
  if (flag === undefined || typeof flag === 'boolean') return body
  return { status: 400, message: 'force_refresh must be true or false' }
}
