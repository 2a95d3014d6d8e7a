import type { Job } from '#shared/declare/job.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { OperationContext } from '../http/operation.ts'

/** How data of operators are read from a request, shown, and described in the audit. */
export interface OperatorDataFormat {
  /** The data of a request. @throws {HttpError} when they are not valid */
  parse(call: OperationContext, job: Job): JsonValue
  /** The response for stored data; `undefined` for those of the configuration. */
  show(data: JsonValue | undefined, job: Job, call: OperationContext): object
  /** What the audit says of the data. It is kept when they are erased, so that it holds no amounts. */
  summarize(data: JsonValue | undefined): object
  /** Whether a change requests a run of the job: one that costs no calls. */
  readonly requestsRun: boolean
}
