import type { Job } from '#shared/declare/job.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { failureResponse } from '#shared/http/problem.ts'
import { jsonResponse } from './answer.ts'
import type { OperationContext, OperationHandler } from './operation.ts'
import { HttpError } from './refused.ts'

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
