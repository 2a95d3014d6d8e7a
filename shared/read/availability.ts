import type { Job } from '#shared/declare/job.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { FillResult, ViewResult } from './view.ts'

/** What a job answers for a key that cannot be served. The texts are the job's own, never a provider's. */
export interface AvailabilityTexts {
  /** Nothing is stored, and the refresh brought nothing or did not end in time; status 503 with `Retry-After`. */
  readonly unavailable: string
  /** Too many keys are requested; status 429 with `Retry-After`. */
  readonly limited: string
  /** The job is off; status 503. By default that of `unavailable`. */
  readonly off?: string
  /** The provider has refused the credential, now or before its cool-down; status 503. By default that of `unavailable`. */
  readonly authFailed?: string
}

const RETRY_AFTER_S = 60

/** The response for a key that could not be filled. Operators get the reason of their own live read instead of a text. */
export function unavailableResponse(
  fill: Exclude<FillResult, { readonly status: 'filled' }>,
  job: Pick<Job, 'off'>,
  { unavailable, limited, off = unavailable, authFailed = unavailable }: AvailabilityTexts,
): ViewResult {
  switch (fill.status) {
    case 'limited':
      return failure(429, fill.reason ?? limited, Math.ceil(fill.retryAfterMs / 1_000))
    case 'empty':
      if (fill.reason !== undefined) return failure(503, fill.reason, RETRY_AFTER_S)
      if (job.off !== undefined) return failure(503, off)
      return fill.cause === 'auth' ? failure(503, authFailed) : failure(503, unavailable, RETRY_AFTER_S)
    default:
      return assertNever(fill)
  }
}

function failure(status: number, message: string, retryAfterS?: number): ViewResult {
  const headers = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }
  return { kind: 'failure', status, message, headers }
}
