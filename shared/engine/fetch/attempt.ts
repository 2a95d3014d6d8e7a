import { bodyLimit } from '#shared/declare/upstream.ts'
import { hashOf } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { asRefreshError, copyWith, RefreshError } from '#shared/domain/errors.ts'
import { parseHttpDate } from '#shared/domain/http-date.ts'
import { uuid } from '#shared/domain/ids.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import { excerpt, redactor } from '#shared/domain/redaction.ts'
import type { Call } from '../model/refresh.ts'
import type { ProviderWork } from '../model/run-state.ts'
import type { CallBudget } from '../rate-limit/call-budget.ts'
import { type Usage, usageOf } from '../rate-limit/cool-down.ts'
import type { RequestMemory } from './body-memory.ts'
import { readCredentials } from './credentials.ts'

/** Response header with which a simulated provider marks its answers. */
export const DATA_SOURCE_HEADER = 'x-data-source'

/** State that the calls of one request share. */
export interface RequestState {
  readonly work: Omit<ProviderWork<unknown>, 'refresh'>
  readonly budget: CallBudget
  readonly deadline: number
  /** The request's part of the memory that the bodies of a run may take. */
  readonly memory: RequestMemory
  /** Validator of the stored value, for a conditional request. */
  readonly validator: Validator | undefined
  /** Every secret that was sent, to redact it in errors (I10). */
  readonly secrets: string[]
  /** Version of the secret that the last call sent. */
  secretVersion?: string
  /** Whether the secret was read again after a 401: once per request. */
  isSecretRefetched: boolean
}

/** Result of one attempt. */
export type AttemptResult = {
  readonly text: string
  /** Number of requests sent: none when the failure is our own, two when a 401 was repeated with a fresh secret. */
  readonly sent: number
  readonly usage?: Usage | undefined
} & (
  | {
      readonly error: RefreshError
      /** The last request was not sent: the failure is our own. */
      readonly isUnsent?: true
    }
  | ({
      readonly error?: undefined
      readonly dataSource: DataSource
      /** When the provider made the answer, in milliseconds since the epoch: see {@link answerTime}. */
      readonly answeredAt: number
    } & (
      | { readonly body: object; readonly validator?: Validator }
      /** The stored value is still current. */
      | { readonly body?: undefined }
    ))
)

type PreparedRequest = Awaited<ReturnType<typeof buildRequest>>

/**
 * One attempt at a call, within the run's budget. The first 401 is repeated once with a fresh secret. Never throws: a
 * failure is part of the result.
 */
export async function attemptCall(call: Call, base: URL, state: RequestState): Promise<AttemptResult> {
  let sent = 0
  try {
    const first = await send(await buildRequest(call, base, state, false), state)
    sent = 1
    if (first.status !== 401 || !state.work.upstream.secret || state.isSecretRefetched)
      return { ...first, sent }
    state.isSecretRefetched = true
    const second = await send(await buildRequest(call, base, state, true), state)
    return { ...second, sent: 2 }
  } catch (error) {
    return { text: '', sent, error: withExcerpt(asRefreshError(error), '', state.secrets), isUnsent: true }
  }
}

/** Distributes over the union, which `Omit` does not. */
type Unsent<T> = T extends unknown ? Omit<T, 'sent'> : never

/** Result of one request. */
type SendResult = Unsent<AttemptResult> & { readonly status?: number }

function send(request: PreparedRequest, state: RequestState): Promise<SendResult> {
  const { upstream, ports } = state.work
  const call = () =>
    state.budget.call(async (): Promise<SendResult> => {
      try {
        const sentAt = ports.clock.now()
        const timeoutMs = Math.min(upstream.attemptTimeoutMs, state.deadline - sentAt)
        const response = await ports.http({ ...request, timeoutMs })
        const usage = usageOf(response.headers, upstream.usage, sentAt)
        return { ...interpretResponse(response, request, state), status: response.status, usage }
      } catch (error) {
        return { text: '', error: withExcerpt(asRefreshError(error), '', state.secrets) }
      }
    })
  return state.memory.receive(request.maxBytes, call, ({ error, text }) => (error ? 0 : text.length))
}

/**
 * Adds the declared secret, and conditions when the stored value came from this URL by a GET. A secret of the query is no
 * part of the URL: the HTTP client adds it.
 */
async function buildRequest(call: Call, base: URL, state: RequestState, freshSecret: boolean) {
  const { upstream, ports } = state.work
  const url = callUrl(base, call)
  const urlHash = hashOf(url.href)
  const headers: Record<string, string> = { accept: upstream.accept }
  if (upstream.requestIdHeader !== undefined) headers[upstream.requestIdHeader] = uuid(ports.random)
  const { validator } = state
  const isConditional = call.body === undefined && validator?.urlHash === urlHash
  if (isConditional && validator.etag !== undefined) headers['if-none-match'] = validator.etag
  if (isConditional && validator.lastModified !== undefined)
    headers['if-modified-since'] = validator.lastModified
  const body = call.body === undefined ? undefined : requestText(call.body)
  const maxBytes = bodyLimit(upstream, call.path)
  const request = { url, urlHash, headers, isConditional, maxBytes, ...defined({ body }) }
  if (!upstream.secret) return request
  const { parameter, header, query, scheme } = upstream.secret
  const { value, version } = await ports.secrets.get(parameter, freshSecret)
  const { token, headers: extraHeaders } = readCredentials(value, upstream.secret, upstream)
  state.secrets.push(token, ...Object.values(extraHeaders))
  state.secretVersion = version
  if (query !== undefined) return { ...request, secretQuery: { name: query, value: token } }
  headers[header] = scheme === undefined ? token : `${scheme} ${token}`
  return { ...request, headers: { ...headers, ...extraHeaders } }
}

/** Maximum size of the body of a request, in bytes: it has a question, never data. */
const MAX_REQUEST_BYTES = 64 * 1024

/** @throws {RefreshError} `defect` for a body over the limit, with its size and never its text */
function requestText(body: JsonValue): string {
  const text = JSON.stringify(body)
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_REQUEST_BYTES) return text
  throw new RefreshError(
    'defect',
    `expected a request body of at most ${MAX_REQUEST_BYTES} bytes, got ${bytes}`,
  )
}

function interpretResponse(
  response: HttpResponse,
  { urlHash, isConditional, body: sent }: Pick<PreparedRequest, 'urlHash' | 'isConditional' | 'body'>,
  { work: { job, upstream, ports }, secrets }: RequestState,
): Unsent<AttemptResult> {
  const { status, body, headers } = response
  const now = ports.clock.now()
  const dataSource = headers[DATA_SOURCE_HEADER] === 'simulated' ? 'simulated' : 'live'
  const answeredAt = answerTime(headers['date'], now)
  if (status === 304 && isConditional) return { text: '', dataSource, answeredAt }
  const classified = upstream.classify(response, now)
  if (classified.kind === 'failed') {
    const error = withMinimumWait(classified.error, job.run.backoffMs)
    return { text: body, error: withExcerpt(error, upstream.hasPersonalData ? '' : body, secrets) }
  }
  const { etag, 'last-modified': lastModified } = headers
  const tags = defined({ etag, lastModified })
  // what answers a POST is no representation of its URL
  const isValidated = sent === undefined && Object.keys(tags).length > 0
  const validator = isValidated ? { urlHash, ...tags } : undefined
  return { text: body, body: classified.body, dataSource, answeredAt, ...defined({ validator }) }
}

/** A `Date` that is younger is within the skew of clocks; one that is older is no time of this answer. */
const MIN_AGE_MS = MINUTE_MS
const MAX_AGE_MS = DAY_MS

/**
 * When the provider made an answer: the time of its `Date` header when that is more than 60 s and at most 24 h ago, else
 * now.
 *
 * @param now - milliseconds since the epoch
 * @see RFC 9110, section 6.6.1
 */
export function answerTime(date: string | undefined, now: number): number {
  const at = date === undefined ? undefined : parseHttpDate(date.trim(), now)
  if (at === undefined) return now
  const ageMs = now - at
  return ageMs > MIN_AGE_MS && ageMs <= MAX_AGE_MS ? at : now
}

/** A wait of nothing, such as `Retry-After: 0` or a time that is past, would repeat the call at once. */
function withMinimumWait(error: RefreshError, minimumMs: number): RefreshError {
  const { retryAfterMs } = error
  if (retryAfterMs === undefined || retryAfterMs >= SECOND_MS) return error
  return copyWith(error, { retryAfterMs: Math.max(retryAfterMs, minimumMs) })
}

/** The URL of a call: the base URL keeps its path, each query value is encoded once. */
export function callUrl(base: URL, { path, query = {} }: Call): URL {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/$/, '')}${path}`
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value)
  return url
}

/** The error with the start of its body, redacted first: a truncated secret would not be recognised. */
function withExcerpt(error: RefreshError, body: string, secrets: readonly string[]): RefreshError {
  const redact = redactor(secrets)
  const start = excerpt(redact(body).trim())
  return copyWith(error, {
    message: `${redact(error.message)}${start === '' ? '' : `; the body begins: ${start}`}`,
  })
}
