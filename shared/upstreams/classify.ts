import type { Classified } from '#shared/declare/upstream.ts'
import { type FailReason, RefreshError } from '#shared/domain/errors.ts'
import { ExactNumber, parseJson } from '#shared/domain/json.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'

/** What is particular to one provider. */
export interface ProviderRules {
  /** Shape of a success; `either` where it depends on the address. */
  readonly expects: 'object' | 'array' | 'either'
  /**
   * Reads the provider's own error markers, whatever the status.
   *
   * @param body - parsed; `undefined` for a text that is not JSON
   * @param now - milliseconds since the epoch
   */
  readonly marker?: (body: unknown, answer: HttpResponse, now: number) => ProviderFailure | undefined
  /** How long to leave it alone after a 429 that does not say. */
  readonly coolDownMs: number
}

export interface ProviderFailure {
  readonly reason: FailReason
  readonly message: string
  readonly scope?: 'provider' | 'item'
  /** Another attempt may succeed; a rate limit always may. */
  readonly retryable?: boolean
  /** The wait of a rate limit that the provider states elsewhere than in `Retry-After`, which goes before. */
  readonly retryAfterMs?: number
  /** The wait of a rate limit that states none, in place of the provider's usual one. */
  readonly coolDownMs?: number
}

/**
 * Classifies an answer: server errors first, then the provider's markers, then the status, then the shape of a
 * success.
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
    return { class: 'failed', error } as const
  }

  if (status >= 500)
    return failed('upstream-fault', 'the upstream reports an error of its own', { retryable: true })
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
  const shape = jsonKind(body)
  const expected = rules.expects === 'either' ? ['object', 'array'] : [rules.expects]
  if (!expected.includes(shape))
    return failed('malformed', `expected a JSON ${expected.join(' or ')}, got ${shape}`)
  return { class: 'ok', body: body as object }
}

/** How long the provider asks to be left alone, or how long to leave it alone when it does not say. */
function rateLimitWait(
  header: string | undefined,
  {
    retryAfterMs: stated,
    coolDownMs,
  }: Pick<ProviderFailure, 'retryAfterMs'> & { readonly coolDownMs: number },
  now: number,
) {
  const asked = retryAfterMs(header, now) ?? stated
  return asked === undefined ? { coolDownMs } : { retryAfterMs: asked }
}

/** JSON, or `undefined` for text that is none. */
function parseOrUndefined(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    // a RangeError: nested deeper than the stack
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

function jsonKind(body: unknown): string {
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

const BAD_REQUEST: StatusClass = { reason: 'bad-request', message: 'the upstream calls our request wrong' }
const NOT_FOUND: StatusClass = { reason: 'not-found', message: 'the upstream does not know it' }
const BUSY: StatusClass = {
  reason: 'upstream-fault',
  message: 'the upstream asks to try again',
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
  402: { reason: 'quota-exhausted', message: 'the allowance is used up', scope: 'provider' },
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

const MAX_WAIT_MS = 72 * 3_600_000

/**
 * Milliseconds that a `Retry-After` header asks for: whole seconds or an HTTP date, clamped to 0…72 h.
 *
 * @returns `undefined` when there is none or it is neither (RFC 9110, section 10.2.3)
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^-?\d{1,12}$/.test(text)) return clamp(Number(text) * 1_000)
  const date = /^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  return Number.isNaN(date) ? undefined : waitUntil(date, now)
}

/** Milliseconds from now until a moment that a provider names, clamped like those of a header. */
export function waitUntil(at: number, now: number): number {
  return clamp(at - now)
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_WAIT_MS)
}
