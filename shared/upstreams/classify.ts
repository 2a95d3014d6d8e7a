import type { Classified } from '#shared/declare/upstream.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { type FailReason, RefreshError } from '#shared/domain/errors.ts'
import { ExactNumber, parseJson } from '#shared/domain/json.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'

/** The rules of one provider. */
export interface ProviderRules {
  /** JSON type of a successful body; `either` if it depends on the endpoint. */
  readonly expects: 'object' | 'array' | 'either'
  /**
   * Recognises the provider's own error markers, independent of the status.
   *
   * @param body - the parsed body; `undefined` if it is not JSON
   * @param now - milliseconds since the epoch
   */
  readonly marker?: (body: unknown, answer: HttpResponse, now: number) => ProviderFailure | undefined
  /** Cool-down after a 429 without `Retry-After`. */
  readonly coolDownMs: number
}

export interface ProviderFailure {
  readonly reason: FailReason
  readonly message: string
  readonly scope?: 'provider' | 'item'
  /** Whether another attempt may succeed; true by default for `rate-limited`. */
  readonly retryable?: boolean
  /** Wait that the provider states elsewhere than in `Retry-After`, which takes precedence. */
  readonly retryAfterMs?: number
  /** Cool-down if the provider states no wait, in place of the provider's default. */
  readonly coolDownMs?: number
}

/**
 * Classifies a response: server errors first, then the provider's markers, then the status, then the JSON type of the
 * body.
 *
 * @param now - milliseconds since the epoch, for a `Retry-After` that is a date
 */
export function classify(answer: HttpResponse, rules: ProviderRules, now: number): Classified {
  const { status, body: text } = answer
  const failed = (reason: FailReason, message: string, more: Partial<ProviderFailure> = {}) => {
    const { retryable = false, scope = 'item' } = more
    const wait =
      reason === 'rate-limited'
        ? rateLimitWait(answer.headers['retry-after'], { ...rules, ...more }, now)
        : {}
    const error = new RefreshError(reason, `${message} (status ${status})`, { retryable, scope, ...wait })
    return { kind: 'failed', error } as const
  }

  if (status >= 500)
    return failed('upstream-fault', 'the upstream reports a server error', { retryable: true })
  const body = parseOrUndefined(text.trim())
  const marker = rules.marker?.(body, answer, now)
  if (marker) {
    const retryable = marker.retryable ?? marker.reason === 'rate-limited'
    return failed(marker.reason, marker.message, { scope: 'provider', ...marker, retryable })
  }
  const byStatus = STATUS_CLASS[status]
  if (byStatus) return failed(byStatus.reason, byStatus.message, byStatus)
  if (status < 200 || status >= 300) return failed('upstream-fault', 'unexpected status')
  if (text.trim() === '') return failed('malformed', 'expected a body, got none')
  if (body === undefined) return failed('malformed', 'expected JSON, got something else')
  const type = jsonType(body)
  const expected = rules.expects === 'either' ? ['object', 'array'] : [rules.expects]
  if (!expected.includes(type))
    return failed('malformed', `expected a JSON ${expected.join(' or ')}, got ${type}`)
  return { kind: 'ok', body: body as object }
}

/** The wait that the provider requests, or the cool-down if it requests none. */
function rateLimitWait(
  header: string | undefined,
  limits: Pick<ProviderFailure, 'retryAfterMs'> & { readonly coolDownMs: number },
  now: number,
) {
  const requestedMs = retryAfterMs(header, now) ?? limits.retryAfterMs
  return requestedMs === undefined ? { coolDownMs: limits.coolDownMs } : { retryAfterMs: requestedMs }
}

/** The parsed JSON, or `undefined` for text that is not JSON. */
function parseOrUndefined(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    // A RangeError: nested too deeply for the stack.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

function jsonType(body: unknown): string {
  if (body === null) return 'null'
  if (body instanceof ExactNumber) return 'number'
  return Array.isArray(body) ? 'array' : typeof body
}

interface StatusClass {
  readonly reason: FailReason
  readonly message: string
  readonly retryable?: boolean
  readonly scope?: 'provider' | 'item'
}

const BAD_REQUEST: StatusClass = {
  reason: 'bad-request',
  message: 'the upstream rejects our request as invalid',
}
const NOT_FOUND: StatusClass = {
  reason: 'not-found',
  message: 'the upstream does not have the requested resource',
}
const BUSY: StatusClass = {
  reason: 'upstream-fault',
  message: 'the upstream requests another attempt',
  retryable: true,
}
const LIMITED: StatusClass = {
  reason: 'rate-limited',
  message: 'the upstream limits our rate',
  retryable: true,
  scope: 'provider',
}

const STATUS_CLASS: Readonly<Record<number, StatusClass>> = {
  400: BAD_REQUEST,
  401: { reason: 'auth', message: 'the upstream does not accept our key', scope: 'provider' },
  402: { reason: 'quota-exhausted', message: 'the quota is exhausted', scope: 'provider' },
  403: { reason: 'refused', message: 'the upstream refuses to serve us', scope: 'provider' },
  404: NOT_FOUND,
  405: BAD_REQUEST,
  406: BAD_REQUEST,
  408: BUSY,
  410: NOT_FOUND,
  411: BAD_REQUEST,
  413: BAD_REQUEST,
  414: BAD_REQUEST,
  415: BAD_REQUEST,
  418: { ...LIMITED, retryable: false },
  422: BAD_REQUEST,
  425: BUSY,
  426: BAD_REQUEST,
  429: LIMITED,
  451: { reason: 'forbidden-region', message: 'the upstream does not serve our region', scope: 'provider' },
}

const MAX_WAIT_MS = 72 * HOUR_MS

/**
 * Milliseconds of a `Retry-After` header: whole seconds or an HTTP date, clamped to 0…72 h.
 *
 * @returns `undefined` for a missing or malformed header
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^-?\d{1,12}$/.test(text)) return clamp(Number(text) * 1_000)
  const date = /^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  return Number.isNaN(date) ? undefined : waitUntil(date, now)
}

/** Milliseconds until a time (epoch ms), clamped to 0…72 h. */
export function waitUntil(at: number, now: number): number {
  return clamp(at - now)
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_WAIT_MS)
}
