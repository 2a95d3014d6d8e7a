import type { Job } from '#shared/declare/job.ts'
import type { JsonValue, Params } from '#shared/domain/json.ts'

/** The part of a request that a job's `submit.ts` parses. */
interface SubmissionRequest {
  readonly query: Readonly<Record<string, string | undefined>>
  /** The JSON body of a POST; an empty object without a body. */
  readonly body: JsonValue
}

/** A submitted task, as input of the documented response. */
interface SubmittedTask {
  /** The documented id, which is not the id of the run. */
  readonly taskId: string
  readonly params: Params
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** How a job's submissions are parsed and answered. Pure. */
export interface SubmissionFormat {
  /** The parameters with every default filled in, so that equal work is recognized; `error` is the message for a 400. */
  parseParams(request: SubmissionRequest, job: Job): Params | { readonly error: string }
  responseBody(task: SubmittedTask): JsonValue
  /** The path at which the task is polled. */
  location(taskId: string): string
}

/** Whether an `Idempotency-Key` is legal: 1 to 128 visible ASCII characters. */
export function isIdempotencyKey(key: string): boolean {
  return /^[\x21-\x7e]{1,128}$/.test(key)
}
