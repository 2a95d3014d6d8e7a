import type { Job } from '#shared/declare/job.ts'
import { envelopeOf, type Failure } from './envelopes.ts'

/** An HTTP response of a function (payload format 2.0). */
export interface HttpResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: boolean
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/**
 * An error response as problem details (RFC 9457).
 *
 * @param extension - further members, such as those of a documented envelope
 */
export function problem(
  failure: Failure,
  headers: Readonly<Record<string, string>> = {},
  extension: object = {},
): HttpResult {
  const { status, message } = failure
  return errorResult(status, 'application/problem+json', headers, {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail: message,
    ...extension,
  })
}

/** An error response of a documented route: in its envelope, or as problem details if it has none for errors. */
export function failureResponse(
  envelope: Job['envelope'],
  failure: Failure,
  now: number,
  headers: Readonly<Record<string, string>> = {},
): HttpResult {
  const members = envelopeOf(envelope).failure(failure, now)
  return members
    ? errorResult(failure.status, 'application/json', headers, members)
    : problem(failure, headers)
}

function errorResult(
  statusCode: number,
  type: string,
  headers: Readonly<Record<string, string>>,
  body: object,
): HttpResult {
  return {
    statusCode,
    headers: {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  }
}
