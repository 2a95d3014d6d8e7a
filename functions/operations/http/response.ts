import { isUnavailable, RETRY_AFTER_S, UNAVAILABLE_MESSAGE } from '#functions/runtime/unavailable.ts'
import type { Job } from '#shared/declare/job.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { failureResponse, type HttpResult, problem } from '#shared/http/problem.ts'
import type { OperationContext, OperationHandler } from './operation.ts'

interface HttpFailure {
  readonly status: number
  /** Names what was expected and what the request had; never a secret. */
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the problem details. */
  readonly members?: object
}

/** A rejected request. `Operations` turns it into the response. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly result: HttpResult

  constructor({ status, message, headers, members }: HttpFailure, options?: ErrorOptions) {
    super(message, options)
    this.result = problem({ status, message }, headers, members)
  }
}

/**
 * The response to a request that threw: the one of an `HttpError`; 503, with a log line that has the cause, when the table
 * or the bus failed.
 *
 * @throws the error itself when it is a defect
 */
export function asHttpError(
  error: unknown,
  { request: { method, path }, ports }: Pick<OperationContext, 'request' | 'ports'>,
): HttpError {
  if (error instanceof HttpError) return error
  if (!isUnavailable(error)) throw error
  ports.log.error('A request failed: the table or the bus did not respond', { method, path, error })
  const headers = { 'retry-after': String(RETRY_AFTER_S) }
  return new HttpError({ status: 503, message: UNAVAILABLE_MESSAGE, headers }, { cause: error })
}

/** An error as a response in the documented envelope of a job. */
export function errorInEnvelope(error: HttpError, job: Job, now: number): HttpResult {
  const { statusCode: status, headers } = error.result
  const { 'content-type': _problemType, ...otherHeaders } = headers
  return failureResponse(job.envelope, { status, message: error.message }, now, otherHeaders)
}

/** A JSON response of the operators' API; it is not cached. */
export function jsonResponse(
  statusCode: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): HttpResult {
  return {
    statusCode,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  }
}

/** An operation on one job, whose results and errors are in the documented envelope of that job. */
export function inEnvelope(
  operate: (job: Job, call: OperationContext) => Promise<JsonValue>,
): OperationHandler {
  return async (call) => {
    const { job, request, ports } = call
    if (!job) throw new TypeError(`the path ${call.route.path} names no job`)
    try {
      const data = await operate(job, call)
      const meta = { asOf: request.at, fetchedAt: request.at, degraded: false }
      return jsonResponse(200, envelopeOf(job.envelope).wrap(data, meta) as object)
    } catch (error) {
      return errorInEnvelope(asHttpError(error, call), job, ports.clock.now())
    }
  }
}
