import { defineUpstream } from '#shared/declare/upstream.ts'
import { MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import { classify } from './classify.ts'
import { errorCode, members } from './error-codes.ts'
import { FRED_NOTICE, FRED_SETTINGS, fredOff } from './macro/settings.ts'
import type { ProviderFailure } from './provider-failure.ts'

/**
 * FRED, the database of economic series of the Federal Reserve Bank of St. Louis.
 *
 * Two calls a second are allowed; starts have to be 0.7 s apart. At 22 calls per minute slots are 2.8 s apart, which leaves
 * 0.8 s if a call is a second late and two clocks differ by a second.
 *
 * @see https://fred.stlouisfed.org/docs/api/fred/
 */
export const fred = defineUpstream({
  name: 'fred',
  title: 'FRED',
  settings: FRED_SETTINGS,
  baseUrls: () => ['https://api.stlouisfed.org'],
  // no header is accepted
  secret: ({ FRED_KEY_PARAMETER: parameter }) =>
    parameter === undefined ? undefined : { parameter, query: 'api_key' },
  off: fredOff,
  limits: () => ({ perMinute: 22, concurrency: 1 }),
  attemptTimeout: '15 seconds',
  // 400 observations take 45 KB
  maxBytes: 256 * 1024,
  attribution: {
    text: FRED_NOTICE,
    url: 'https://fred.stlouisfed.org',
  },
  classify: (answer, now) => classify(answer, { expects: 'object', marker, coolDownMs: 20 * SECOND_MS }, now),
})

/** An error as FRED states it. */
interface StatedError {
  readonly code: number
  readonly message: string
}

function marker(body: unknown, { status, body: text }: HttpResponse): ProviderFailure | undefined {
  if (status === 401 || status === 403) return REFUSED_KEY
  const error = body === undefined ? xmlError(text) : jsonError(body)
  return error && failureOf(error)
}

/** Reads `{error_code, error_message}`, and `{code, message}` of the newer interface. */
function jsonError(body: unknown): StatedError | undefined {
  const { code: newer, message: newerMessage, error_code: older = newer, error_message } = members(body)
  const code = errorCode(older)
  const message = error_message ?? newerMessage
  return code === undefined ? undefined : { code, message: typeof message === 'string' ? message : '' }
}

/** The error stands near the beginning of the document. */
const XML_SEARCH_LENGTH = 1_000

/** Some errors are XML, although JSON was requested: `<error code="400" message="..."/>`. */
function xmlError(text: string): StatedError | undefined {
  const [, attributes] = /<error\s([^<>]*)>/.exec(text.slice(0, XML_SEARCH_LENGTH)) ?? []
  const [, code] = /\bcode="(\d{1,9})"/.exec(attributes ?? '') ?? []
  const [, message = ''] = /\bmessage="([^"]*)"/.exec(attributes ?? '') ?? []
  return code === undefined ? undefined : { code: Number(code), message }
}

function failureOf({ code, message }: StatedError): ProviderFailure | undefined {
  if (code < 400) return undefined
  if (code >= 500) return SERVER_ERROR
  if (/\bapi_key\b/i.test(message)) return /not registered/i.test(message) ? UNREGISTERED_KEY : REFUSED_KEY
  if (/series does not exist/i.test(message)) return NO_SERIES
  return FAILURES[code] ?? BAD_REQUEST
}

const REFUSED_KEY: ProviderFailure = { reason: 'auth', message: 'FRED does not accept our key' }

/**
 * A valid key is reported as not registered now and then. The call is repeated after a minute; the cool-down doubles with
 * each further refusal, so that a key that is wrong stops the provider.
 */
const UNREGISTERED_KEY: ProviderFailure = {
  reason: 'auth',
  message: 'FRED does not know our key',
  retryable: true,
  coolDownMs: MINUTE_MS,
}

const NO_SERIES: ProviderFailure = {
  reason: 'not-found',
  message: 'FRED does not have the series',
  scope: 'item',
}

const BAD_REQUEST: ProviderFailure = {
  reason: 'bad-request',
  message: 'FRED rejects our request as invalid',
  scope: 'item',
}

const SERVER_ERROR: ProviderFailure = {
  reason: 'upstream-fault',
  message: 'FRED reports a server error',
  scope: 'item',
  retryable: true,
}

/** By the code of the error, which can stand under another status. The meaning of 423 is not documented. */
const FAILURES: Readonly<Record<number, ProviderFailure>> = {
  401: REFUSED_KEY,
  403: REFUSED_KEY,
  404: { ...NO_SERIES, message: 'FRED does not have what was requested' },
  423: { reason: 'upstream-fault', message: 'FRED reports a lock', scope: 'item', retryable: false },
  429: { reason: 'rate-limited', message: 'FRED limits our rate' },
}
