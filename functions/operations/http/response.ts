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

/** A JSON response of the operators' API; it is not cached. */
export function jsonResponse(
  statusCode: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): HttpResult {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
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
      if (!(error instanceof HttpError)) throw error
      const { statusCode: status, headers } = error.result
      const { 'content-type': _problemType, ...otherHeaders } = headers
      return failureResponse(
        job.envelope,
        { status, message: error.message },
        ports.clock.now(),
        otherHeaders,
      )
    }
  }
}
