import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { DataSource } from '#shared/domain/records/publication.ts'
import { failureResponse, type HttpResult } from '#shared/http/problem.ts'
import { composedCache } from './composed-cache.ts'
import type { Representation } from './representation.ts'
import { forceRefreshValue, invalidParameter, MAX_BODY_BYTES, type ReadRequest } from './request.ts'
import { datasetResponse, type ReadOrigin, uncachedResponse } from './response.ts'
import type { View, ViewResult } from './view.ts'
import { type ViewPorts, viewContext } from './view-context.ts'

/** What shapes look at, and who is told how each answer that has labels was come by: its `X-Cache`. */
export interface ViewResponsePorts extends ViewPorts {
  readonly onServed?: (cache: string | undefined) => void
}

/** Answers of shapes. What is composed of the same publications is composed once. */
export function viewResponses(ports: ViewResponsePorts) {
  const { clock, onServed = () => {} } = ports
  const composed = composedCache()

  return async (
    shape: View,
    job: Job,
    route: Route,
    parameters: Readonly<Record<string, string>>,
    request: ReadRequest,
  ): Promise<HttpResult> => {
    const now = clock.now()
    const query = request.query ?? {}
    const wrong = invalidParameter(route.parameters, parameters) ?? invalidParameter(route.query, query)
    if (wrong !== undefined) return failed(wrong, 400)
    const body = route.method === 'POST' ? parseBody(request.body) : undefined
    if (body && 'message' in body) return failed(body.message, body.status)
    if (body && !isOptionalFlag(forceRefreshValue(request.body)))
      return failed('force_refresh must be true or false', 400)
    let dataSource: DataSource | undefined
    const onDataSource = (source: DataSource) => {
      dataSource = dataSource === 'simulated' ? dataSource : source
    }
    const shaped = await shape(
      { parameters, query, body: body?.json, now },
      viewContext(job, { ...ports, onDataSource }),
    )
    return answerOf(shaped, route, request, now)

    function failed(message: string, status: number): HttpResult {
      return failureResponse(job.envelope, { status, message }, now)
    }

    function answerOf(shaped: ViewResult, of: Route, asked: ReadRequest, at: number): HttpResult {
      switch (shaped.answer) {
        case 'failure':
          return failureResponse(job.envelope, shaped, at, shaped.headers)
        case 'now':
          return uncachedResponse(
            shaped.status,
            asked,
            JSON.stringify(shaped.body),
            { now: at, dataSource },
            shaped.headers,
          )
        case 'value': {
          const { times: published, isFallback, waited = false } = shaped.from
          const value = composed.fromOne(of.path, JSON.stringify(shaped.body), published)
          return labelled(value, of, asked, { waited, isFallback }, at)
        }
        case 'joined': {
          const waited = shaped.from.some((item) => item.waited)
          const isFallback = shaped.from.some((item) => item.isFallback)
          return labelled(composed.fromMany(of.path, shaped), of, asked, { waited, isFallback }, at)
        }
        case 'stored':
          return labelled(shaped.item.representation, of, asked, shaped.item, at)
        default:
          return assertNever(shaped)
      }
    }

    /** No cache keeps the answer of a POST, nor is one asked whether it has changed. */
    function labelled(
      ...[value, of, asked, how, at]: [Representation, Route, ReadRequest, ReadOrigin, number]
    ) {
      const { 'if-none-match': _ignored, ...unconditional } = asked.headers
      const isPost = of.method === 'POST'
      const result = datasetResponse(
        value,
        job,
        isPost ? { ...asked, headers: unconditional } : asked,
        how,
        at,
      )
      onServed(result.headers['x-cache'])
      if (!isPost) return result
      return { ...result, headers: { ...result.headers, 'cache-control': 'no-store' } }
    }
  }
}

function isOptionalFlag(said: unknown): boolean {
  return said === undefined || typeof said === 'boolean'
}

function parseBody(
  text: string | undefined,
): { readonly json: JsonValue } | { readonly status: number; readonly message: string } {
  if (text !== undefined && Buffer.byteLength(text) > MAX_BODY_BYTES)
    return { status: 413, message: `expected a body of at most ${MAX_BODY_BYTES} bytes` }
  try {
    return { json: JSON.parse(text ?? '') as JsonValue }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { status: 400, message: 'expected a body in JSON' }
  }
}
