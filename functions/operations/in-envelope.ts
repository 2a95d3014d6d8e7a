import type { Job } from '#shared/declare/job.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { failureIn } from '#shared/http/problem.ts'
import { answer } from './answer.ts'
import type { Call, Operate } from './operation.ts'
import { Refused } from './refused.ts'

/** An operation on one job whose answers and refusals stand in the envelope of that job, as documented. */
export function inEnvelope(operate: (job: Job, call: Call) => Promise<JsonValue>): Operate {
  return async (call) => {
    const { job, request, ports } = call
    if (!job) throw new TypeError(`the path ${call.route.path} names no job`)
    try {
      const data = await operate(job, call)
      const { envelope } = job
      const meta = { asOf: request.at, fetchedAt: request.at, degraded: false }
      return answer(200, envelopeOf(envelope).wrap(data, meta) as object)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { statusCode: status, headers } = error.result
      const { 'content-type': _problem, ...others } = headers
      return failureIn(job.envelope, { status, message: error.message }, ports.clock.now(), others)
    }
  }
}
