import type { Job } from '#shared/declare/job.ts'
import { assertNever } from '#shared/domain/errors.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { isoSeconds, isoText } from '#shared/domain/time.ts'

/** Members of a body that are known at publication. Times are milliseconds since the epoch. */
interface Meta {
  readonly asOf: number
  readonly fetchedAt: number
  readonly degraded: boolean
}

/** A failure as the client sees it: never a stack, never an upstream's message. */
export interface Failure {
  readonly status: number
  readonly message: string
  /** Replaces the envelope's default code for the status. */
  readonly code?: string
}

/** A documented envelope of bodies and errors. */
interface Envelope {
  wrap(data: JsonValue, meta: Meta): JsonValue
  /** The payload inside a wrapped body. */
  unwrap(body: JsonValue): JsonValue
  /** The members of an error body; `undefined` where errors are problem details. */
  failure(failure: Failure, now: number): { readonly [key: string]: JsonValue } | undefined
}

const ERROR_CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_INPUT',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'INVALID_INPUT',
  422: 'VALIDATION_ERROR',
  429: 'RATE_LIMITED',
  503: 'EXTERNAL_SERVICE_ERROR',
}

/** `{success, data, error, timestamp, meta}` */
const success: Envelope = {
  wrap: (data, meta) => ({
    success: true,
    data,
    error: null,
    timestamp: isoSeconds(meta.fetchedAt),
    meta: metaMembers(meta),
  }),
  unwrap: (body) => (body as { data: JsonValue }).data,
  failure: ({ status, message, code }, now) => ({
    success: false,
    data: null,
    error: { code: code ?? ERROR_CODES[status] ?? 'INTERNAL_ERROR', message, details: null },
    timestamp: isoSeconds(now),
  }),
}

/** `{data, meta}`, errors as problem details */
const plain: Envelope = {
  wrap: (data, meta) => ({ data, meta: metaMembers(meta) }),
  unwrap: (body) => (body as { data: JsonValue }).data,
  failure: () => undefined,
}

/** `{status, …, timestamp}`: the members of the data stand at the top level */
const status: Envelope = {
  wrap: (data, meta) => ({
    status: 'success',
    ...(data as { readonly [key: string]: JsonValue }),
    timestamp: isoSeconds(meta.fetchedAt),
    meta: metaMembers(meta),
  }),
  unwrap: (body) => {
    const { status: _status, timestamp: _timestamp, meta: _meta, ...data } = body as Record<string, JsonValue>
    return data
  },
  failure: ({ message }, now) => ({ status: 'error', message, timestamp: isoSeconds(now) }),
}

/** `{code, msg, data, meta}` */
const code: Envelope = {
  wrap: (data, meta) => ({
    code: 1,
    msg: 'success',
    data,
    // A bar ends one millisecond before the next one starts, so whole seconds would be wrong.
    meta: { ...metaMembers(meta), as_of: isoExact(meta.asOf) },
  }),
  unwrap: (body) => (body as { data: JsonValue }).data,
  failure: ({ message }) => ({ code: 0, msg: message, data: null }),
}

/** `{code, message, data, meta}`: the code is 0, and in a failure the HTTP status */
const message: Envelope = {
  wrap: (data, meta) => ({ code: 0, message: 'success', data, meta: metaMembers(meta) }),
  unwrap: (body) => (body as { data: JsonValue }).data,
  failure: (failure) => ({ code: failure.status, message: failure.message, data: null }),
}

/** The envelope that a job's declaration names. */
export function envelopeOf(name: Job['envelope']): Envelope {
  switch (name) {
    case 'success':
      return success
    case 'plain':
      return plain
    case 'status':
      return status
    case 'code':
      return code
    case 'message':
      return message
    default:
      return assertNever(name)
  }
}

/** ISO 8601, with milliseconds only if they are not zero: `2025-10-11T07:44:59.999Z`. */
function isoExact(ms: number): string {
  return ms % 1_000 === 0 ? isoSeconds(ms) : isoText(ms)
}

function metaMembers({ asOf, fetchedAt, degraded }: Meta) {
  return { as_of: isoSeconds(asOf), fetched_at: isoSeconds(fetchedAt), degraded }
}
