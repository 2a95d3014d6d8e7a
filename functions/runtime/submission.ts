import type { Job } from '#shared/declare/job.ts'
import type { JsonValue, Params } from '#shared/domain/json.ts'

/** A submission as a job's `submit.ts` sees it. */
interface SubmissionRequest {
  readonly query: Readonly<Record<string, string | undefined>>
  /** The body of a POST, in JSON; an empty object where there is none. */
  readonly body: JsonValue
}

/** What was submitted, as the documented answer tells it. */
interface SubmittedTask {
  /** As documented, not the run's own. */
  readonly taskId: string
  readonly params: Params
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** How a job's submissions are read and answered. Pure. */
export interface SubmissionFormat {
  /** What is asked for, every default filled in, so that the same work is told; or what is wrong with it. */
  parseParams(request: SubmissionRequest, job: Job): Params | { readonly wrong: string }
  responseBody(task: SubmittedTask): JsonValue
  /** Where the task can be polled. */
  location(taskId: string): string
}
