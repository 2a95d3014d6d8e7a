import type { Job } from '#shared/declare/job.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { failureResponse, type HttpResult, problem } from '#shared/http/problem.ts'
import type { OperationContext, OperationHandler } from './operation.ts'

interface HttpFailure {
  readonly status: number
  /** Says expected and got; never holds a secret. */
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the problem details. */
  readonly members?: object
}

/** A request that is not done, and why. Thrown wherever that is found out, answered at the one door. */
export class HttpError extends Error {
  override readonly name = 'Refused'
  readonly result: HttpResult

  constructor({ status, message, headers, members }: HttpFailure, options?: ErrorOptions) {
    super(message, options)
    this.result = problem({ status, message }, headers, members)
  }
}

/** What somebody said, in a message: as JSON, cut short. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100)
}

/** A JSON answer of the operators' API, which no cache keeps. */
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

/** An operation on one job whose answers and refusals stand in the envelope of that job, as documented. */
export function inEnvelope(
  operate: (job: Job, call: OperationContext) => Promise<JsonValue>,
): OperationHandler {
  return async (call) => {
    const { job, request, ports } = call
    if (!job) throw new TypeError(`the path ${call.route.path} names no job`)
    try {
      const data = await operate(job, call)
      const { envelope } = job
      const meta = { asOf: request.at, fetchedAt: request.at, degraded: false }
      return jsonResponse(200, envelopeOf(envelope).wrap(data, meta) as object)
    } catch (error) {
      if (!(error instanceof HttpError)) throw error
      const { statusCode: status, headers } = error.result
      const { 'content-type': _problem, ...others } = headers
      return failureResponse(job.envelope, { status, message: error.message }, ports.clock.now(), others)
    }
  }
}
