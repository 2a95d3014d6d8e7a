import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { DataSource } from '#shared/domain/records/publication.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { failureIn, type HttpResult } from '#shared/http/problem.ts'
import { compositions } from './compositions.ts'
import { type LookPorts, lookOf } from './look.ts'
import { ofNow } from './of-now.ts'
import { wrongValue } from './parameters.ts'
import { saysForceRefresh } from './privilege.ts'
import { LARGEST_BODY, type ReadRequest } from './read-request.ts'
import type { Representation } from './representation.ts'
import { type Found, respond } from './respond.ts'
import type { Shape, Shaped } from './shape.ts'

/** What shapes look at, and who is told how each answer that has labels was come by: its `X-Cache`. */
export interface ShapedPorts extends LookPorts {
  readonly onServed?: (cache: string | undefined) => void
}

/** Answers of shapes. What is composed of the same publications is composed once. */
export function shapedAnswers(ports: ShapedPorts) {
  const { clock, onServed = () => {} } = ports
  const composed = compositions()

  return async (
    shape: Shape,
    job: Job,
    route: Route,
    parameters: Readonly<Record<string, string>>,
    request: ReadRequest,
  ): Promise<HttpResult> => {
    const now = clock.now()
    const query = request.query ?? {}
    const wrong = wrongValue(route.parameters, parameters) ?? wrongValue(route.query, query)
    if (wrong !== undefined) return failed(wrong, 400)
    const body = route.method === 'POST' ? bodyOf(request.body) : undefined
    if (body && 'message' in body) return failed(body.message, body.status)
    if (body && !isFlag(saysForceRefresh(request.body)))
      return failed('force_refresh must be true or false', 400)
    let dataSource: DataSource | undefined
    const onSeen = (source: DataSource) => {
      dataSource = dataSource === 'recorded' ? dataSource : source
    }
    const shaped = await shape(
      { parameters, query, body: body?.json, now },
      lookOf(job, { ...ports, onSeen }),
    )
    return answerOf(shaped, route, request, now)

    function failed(message: string, status: number): HttpResult {
      return failureIn(job.envelope, { status, message }, now)
    }

    function answerOf(shaped: Shaped, of: Route, asked: ReadRequest, at: number): HttpResult {
      switch (shaped.answer) {
        case 'failure':
          return failureIn(job.envelope, shaped, at, shaped.headers)
        case 'now':
          return ofNow(
            shaped.status,
            asked,
            JSON.stringify(shaped.body),
            { now: at, dataSource },
            shaped.headers,
          )
        case 'value': {
          const { of: published, isCopy, waited = false } = shaped.from
          const value = composed.ofOne(of.path, JSON.stringify(shaped.body), published)
          return labelled(value, of, asked, { waited, isCopy }, at)
        }
        case 'joined': {
          const waited = shaped.from.some((item) => item.waited)
          const isCopy = shaped.from.some((item) => item.isCopy)
          return labelled(composed.ofMany(of.path, shaped), of, asked, { waited, isCopy }, at)
        }
        case 'stored':
          return labelled(shaped.item.of, of, asked, shaped.item, at)
        default:
          return assertNever(shaped)
      }
    }

    /** No cache keeps the answer of a POST, nor is one asked whether it has changed. */
    function labelled(...[value, of, asked, how, at]: [Representation, Route, ReadRequest, Found, number]) {
      const { 'if-none-match': _ignored, ...unconditional } = asked.headers
      const isPost = of.method === 'POST'
      const result = respond(value, job, isPost ? { ...asked, headers: unconditional } : asked, how, at)
      onServed(result.headers['x-cache'])
      if (!isPost) return result
      return { ...result, headers: { ...result.headers, 'cache-control': 'no-store' } }
    }
  }
}

function isFlag(said: unknown): boolean {
  return said === undefined || typeof said === 'boolean'
}

function bodyOf(
  text: string | undefined,
): { readonly json: JsonValue } | { readonly status: number; readonly message: string } {
  if (text !== undefined && Buffer.byteLength(text) > LARGEST_BODY)
    return { status: 413, message: `expected a body of at most ${LARGEST_BODY} bytes` }
  try {
    return { json: JSON.parse(text ?? '') as JsonValue }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { status: 400, message: 'expected a body in JSON' }
  }
}
