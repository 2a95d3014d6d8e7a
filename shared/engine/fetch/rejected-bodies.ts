import { defined } from '#shared/domain/defined.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { asRefreshError, copyWith, RefreshError } from '#shared/domain/errors.ts'
import type { RejectedRecord } from '#shared/domain/records/rejected.ts'
import { excerpt } from '#shared/domain/redaction.ts'
import type { RunState, Work } from '../model/run-state.ts'
import { storeCall } from '../model/store-call.ts'
import { RejectedValueError } from '../validate/validate.ts'
import type { FetchResult } from './fetch-request.ts'

const REJECTED_RETENTION_MS = 7 * DAY_MS
const MAX_MESSAGE_LENGTH = 1_000

/** The error with a redacted message on one line: a message may quote the body. */
export function sanitizedError(error: RefreshError, redact: (text: string) => string): RefreshError {
  const message = excerpt(redact(error.message), MAX_MESSAGE_LENGTH)
  return message === error.message ? error : copyWith(error, { message })
}

/** The rejected body that is stored for a key, if the job compares values with it. */
export async function readRejected<V>(
  key: string,
  { job, refresh, ports }: Work<V>,
): Promise<RejectedRecord | undefined> {
  return refresh.comparesRejected ? storeCall(ports.store.rejected.get(job.id, key)) : undefined
}

/**
 * Stores a malformed or rejected body for operators, unless it may hold personal data.
 *
 * @returns the error; when the body could not be stored, the table's error with the first one as its cause
 */
export async function storeRejected<V>(
  key: string,
  error: RefreshError,
  { rejectedText, hasPersonalData }: FetchResult,
  { record }: RunState,
  { job, refresh, ports }: Work<V>,
): Promise<RefreshError> {
  if (hasPersonalData || (error.reason !== 'rejected' && error.reason !== 'malformed')) return error
  const rejectedAt = ports.clock.now()
  const hasValue = refresh.comparesRejected && error instanceof RejectedValueError
  const rejected: RejectedRecord = {
    key,
    runId: record.id,
    rejectedAt,
    reason: error.reason,
    message: error.message,
    body: rejectedText(),
    ...defined({ value: hasValue ? JSON.stringify(error.value) : undefined }),
    expiresAt: rejectedAt + REJECTED_RETENTION_MS,
  }
  try {
    await storeCall(ports.store.rejected.put(job.id, rejected))
    return error
  } catch (thrown) {
    const { message } = asRefreshError(thrown)
    return new RefreshError('store', `${message} (while storing a rejected body: ${error.message})`, {
      cause: error,
    })
  }
}
