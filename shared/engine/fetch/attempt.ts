import { hashOf } from '#shared/domain/codec.ts'
import { defined } from '#shared/domain/defined.ts'
import { asRefreshError, copyWith, type RefreshError } from '#shared/domain/errors.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import { excerpt, redactor } from '#shared/domain/redaction.ts'
import type { Call } from '../model/refresh.ts'
import type { Work } from '../model/run-state.ts'
import type { CallBudget } from '../rate-limit/call-budget.ts'
import { type Usage, usageOf } from '../rate-limit/cool-down.ts'

/** Response header with which a simulated provider marks its answers. */
export const DATA_SOURCE_HEADER = 'x-data-source'

/** State that the calls of one request share. */
export interface RequestState {
  readonly work: Omit<Work<unknown>, 'refresh'>
  readonly budget: CallBudget
  readonly deadline: number
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
export type AttemptResult = { readonly text: string; readonly usage?: Usage | undefined } & (
  | {
      readonly error: RefreshError
      /** No request was sent: the failure is our own. */
      readonly isUnsent?: true
    }
  | ({ readonly error?: undefined; readonly dataSource: DataSource } & (
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
  try {
    const first = await send(await buildRequest(call, base, state, false), state)
    if (first.status !== 401 || !state.work.upstream.secret || state.isSecretRefetched) return first
    state.isSecretRefetched = true
    return await send(await buildRequest(call, base, state, true), state)
  } catch (error) {
    return { text: '', error: withExcerpt(asRefreshError(error), '', state.secrets), isUnsent: true }
  }
}

function send(
  request: PreparedRequest,
  state: RequestState,
): Promise<AttemptResult & { readonly status?: number }> {
  const { upstream, ports } = state.work
  return state.budget.call(async () => {
    try {
      const sentAt = ports.clock.now()
      const timeoutMs = Math.min(upstream.attemptTimeoutMs, state.deadline - sentAt)
      const response = await ports.http({ ...request, timeoutMs, maxBytes: upstream.maxBytes })
      const usage = usageOf(response.headers, upstream.usage, sentAt)
      return { ...interpretResponse(response, request, state), status: response.status, usage }
    } catch (error) {
      return { text: '', error: withExcerpt(asRefreshError(error), '', state.secrets) }
    }
  })
}

/** Adds the declared secret, and conditions when the stored value came from this URL. */
async function buildRequest(call: Call, base: URL, state: RequestState, freshSecret: boolean) {
  const { upstream, ports } = state.work
  const url = callUrl(base, call)
  const urlHash = hashOf(url.href)
  const headers: Record<string, string> = { accept: 'application/json' }
  const { validator } = state
  const isConditional = validator?.urlHash === urlHash
  if (isConditional && validator.etag !== undefined) headers['if-none-match'] = validator.etag
  if (isConditional && validator.lastModified !== undefined)
    headers['if-modified-since'] = validator.lastModified
  if (upstream.secret) {
    const { value, version } = await ports.secrets.get(upstream.secret.parameter, freshSecret)
    state.secrets.push(value)
    state.secretVersion = version
    headers[upstream.secret.header] = value
  }
  return { url, urlHash, headers, isConditional }
}

function interpretResponse(
  response: HttpResponse,
  { urlHash, isConditional }: Pick<PreparedRequest, 'urlHash' | 'isConditional'>,
  { work: { upstream, ports }, secrets }: RequestState,
): AttemptResult {
  const { status, body, headers } = response
  const dataSource = headers[DATA_SOURCE_HEADER] === 'simulated' ? 'simulated' : 'live'
  if (status === 304 && isConditional) return { text: '', dataSource }
  const classified = upstream.classify(response, ports.clock.now())
  if (classified.kind === 'failed') return { text: body, error: withExcerpt(classified.error, body, secrets) }
  const { etag, 'last-modified': lastModified } = headers
  const tags = defined({ etag, lastModified })
  const validator = Object.keys(tags).length === 0 ? undefined : { urlHash, ...tags }
  return { text: body, body: classified.body, dataSource, ...defined({ validator }) }
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
