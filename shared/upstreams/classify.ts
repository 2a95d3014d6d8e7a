import type { Classified } from '#shared/declare/upstream-spec.ts'
import { defined } from '#shared/domain/defined.ts'
import { type FailReason, RefreshError } from '#shared/domain/errors.ts'
import { ExactNumber, parseJson } from '#shared/domain/json.ts'
import { type HttpResponse, isSuccessStatus } from '#shared/domain/ports/http.ts'
import { cloudflareFailure } from './cloudflare.ts'
import type { ProviderFailure } from './provider-failure.ts'
import { retryAfterMs } from './retry-after.ts'

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
  /** Corrects a body that is not JSON, for a provider that writes some texts of it wrongly; by default it is malformed. */
  readonly repair?: (text: string) => string
  /** Cool-down after a rate limit for which the provider states no wait. */
  readonly coolDownMs: number
}

/** A failure, and whether the provider's code or text says so, not only the status. */
interface ExplainedFailure extends ProviderFailure {
  readonly isExplicit?: boolean
}

/**
 * Classifies a response: Cloudflare's errors, server errors, the provider's markers, the status, a body that could not
 * be read, the JSON type of the body. A failing status and `Retry-After` hold whatever the body is: no marker makes a
 * refusal of all our calls a matter of one item, or a rate limit a refused key.
 *
 * @param now - milliseconds since the epoch, for a `Retry-After` that is a moment
 */
export function classify(answer: HttpResponse, rules: ProviderRules, now: number): Classified {
  const body = parseBody(answer.body.trim(), rules.repair)
  const failure = failureOf(body, answer, rules, now)
  if (!failure) return { kind: 'ok', body: body as object }
  if (failure instanceof RefreshError) return { kind: 'failed', error: failure }
  const {
    reason,
    message,
    retryable = false,
    scope = 'item',
    isExplicit = false,
    escalates = false,
  } = failure
  const { retryAfterMs: stated, coolDownMs } = failure
  const header = COOLING.includes(reason) ? retryAfterMs(answer.headers['retry-after'], now) : undefined
  const waitMs = header ?? stated
  const defaultMs = coolDownMs ?? (reason === 'rate-limited' ? rules.coolDownMs : undefined)
  const waits = waitMs === undefined ? defined({ coolDownMs: defaultMs }) : { retryAfterMs: waitMs }
  const error = new RefreshError(reason, `${message} (status ${answer.status})`, {
    retryable,
    scope,
    isExplicit,
    escalates,
    ...waits,
  })
  return { kind: 'failed', error }
}

/** Failures for which a `Retry-After` states when the provider answers again. */
const COOLING: readonly FailReason[] = [
  'rate-limited',
  'quota-exhausted',
  'refused',
  'forbidden-region',
  'upstream-fault',
]

function failureOf(
  body: unknown,
  answer: HttpResponse,
  rules: ProviderRules,
  now: number,
): ExplainedFailure | RefreshError | undefined {
  const { status, bodyFailure } = answer
  const byStatus = statusFailure(status)
  const byEdge = cloudflareFailure(body, answer)
  if (byEdge && outranks(byEdge, byStatus)) return refined(byEdge, byStatus)
  if (status >= 500) return byStatus
  const marker = isSuccessStatus(status) && bodyFailure ? undefined : rules.marker?.(body, answer, now)
  if (marker && outranks(marker, byStatus)) return refined(marker, byStatus)
  return byStatus ?? bodyFailure ?? typeFailure(body, answer.body, rules)
}

/** Whether a marker says more than the status: what refuses all calls is never a matter of one item. */
function outranks(
  { reason, scope = 'provider' }: ProviderFailure,
  byStatus: StatusClass | undefined,
): boolean {
  if (byStatus?.scope !== 'provider') return true
  if (byStatus.reason === 'rate-limited' && !STRONGER_THAN_LIMIT.includes(reason)) return false
  return scope === 'provider'
}

const STRONGER_THAN_LIMIT: readonly FailReason[] = [
  'rate-limited',
  'quota-exhausted',
  'refused',
  'forbidden-region',
]

/** The marker with what the status says about another attempt. */
function refined(marker: ProviderFailure, byStatus: StatusClass | undefined): ExplainedFailure {
  const isBusy = byStatus?.reason === 'upstream-fault' && byStatus.retryable === true
  const byReason = marker.reason === 'rate-limited' || (marker.reason === 'upstream-fault' && isBusy)
  const retryable = byStatus?.retryable !== false && (marker.retryable ?? byReason)
  return { scope: 'provider', ...marker, retryable, isExplicit: true }
}

function statusFailure(status: number): StatusClass | undefined {
  if (status >= 500) return SERVER_ERROR
  const byStatus = STATUS_CLASS[status]
  if (byStatus || isSuccessStatus(status)) return byStatus
  return { reason: 'upstream-fault', message: 'unexpected status' }
}

function typeFailure(body: unknown, text: string, { expects }: ProviderRules): ProviderFailure | undefined {
  const malformed = (message: string) => ({ reason: 'malformed', message }) as const
  if (text.trim() === '') return malformed('expected a body, got none')
  if (isTooDense(text)) return malformed('expected fewer values in a body of its size, got too many')
  if (body === undefined) return malformed('expected JSON, got something else')
  const type = jsonType(body)
  const expected = expects === 'either' ? ['object', 'array'] : [expects]
  return expected.includes(type)
    ? undefined
    : malformed(`expected a JSON ${expected.join(' or ')}, got ${type}`)
}

/**
 * An object or array has at least 16 bytes on average, and a value 8, beyond the first thousand; those of providers have
 * 40 and 12. Parsed, an empty object takes twenty times the size of its text, so that a body within its limit could fill
 * the memory of a function.
 */
const MIN_BYTES: readonly (readonly [brackets: string, bytes: number])[] = [
  ['{[', 16],
  [',', 8],
]
const FREE_VALUES = 1_000

/** Whether a text has more values than its length allows; signs within strings count too. */
function isTooDense(text: string): boolean {
  return MIN_BYTES.some(([signs, bytes]) => {
    let left = FREE_VALUES + text.length / bytes
    for (const sign of signs) {
      for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
        left -= 1
        if (left < 0) return true
      }
    }
    return false
  })
}

/** The parsed body; one that is not JSON once more after its repair. */
function parseBody(text: string, repair: ProviderRules['repair']): unknown {
  const body = parseOrUndefined(text)
  return body === undefined && repair && text !== '' ? parseOrUndefined(repair(text)) : body
}

/** The parsed JSON, or `undefined` for text that is not JSON, or too much of it. */
function parseOrUndefined(text: string): unknown {
  if (isTooDense(text)) return undefined
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
const SERVER_ERROR: StatusClass = {
  reason: 'upstream-fault',
  message: 'the upstream reports a server error',
  retryable: true,
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
