import { hashOf } from '#shared/domain/codec.ts'
import { asRefreshError, copyWith, type RefreshError } from '#shared/domain/errors.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import { excerpt, redactor } from '#shared/domain/redaction.ts'
import type { Call } from '../model/refresh.ts'
import type { Work } from '../model/run-state.ts'
import type { Budget } from '../rate-limit/budget.ts'
import { type Usage, usageOf } from '../rate-limit/cool-down.ts'

/** Header by which a stand-in says that it answers in place of the provider. */
export const DATA_SOURCE_HEADER = 'x-data-source'

/** What the calls of one request share. */
export interface RequestState {
  readonly work: Omit<Work<unknown>, 'refresh'>
  readonly budget: Budget
  readonly deadline: number
  /** What the stored value was given to ask with whether it has changed. */
  readonly validator: Validator | undefined
  /** Every secret that went out, so that none comes back in an error. */
  readonly secrets: string[]
  /** Version of the secret that the last call carried. */
  secretVersion?: string
  /** Whether the secret was asked for anew: once is enough. */
  isSecretRefetched: boolean
}

/** The end of one attempt: its body as text, with what it means. */
export type AttemptResult = { readonly text: string; readonly usage?: Usage | undefined } & (
  | {
      readonly error: RefreshError
      /** No call went out: the failure is our own. */
      readonly isUnsent?: true
    }
  | ({ readonly error?: undefined; readonly dataSource: DataSource } & (
      | { readonly body: object; readonly validator?: Validator }
      /** Nothing has changed since the stored value was fetched. */
      | { readonly body?: undefined }
    ))
)

/**
 * One attempt at a call, within the run's budget. The first 401 is asked once more with a fresh secret. Never throws:
 * whatever goes wrong is the answer.
 */
export async function attemptCall(call: Call, base: URL, asking: RequestState): Promise<AttemptResult> {
  const { upstream, ports } = asking.work
  try {
    let attempted = await send(call, base, asking, false)
    if (attempted.status === 401 && upstream.secret && !asking.isSecretRefetched) {
      asking.isSecretRefetched = true
      attempted = await send(call, base, asking, true)
    }
    return attempted
  } catch (error) {
    return { text: '', error: withExcerpt(asRefreshError(error), '', asking.secrets), isUnsent: true }
  }

  async function send(
    ...what: Parameters<typeof buildRequest>
  ): Promise<AttemptResult & { readonly status?: number }> {
    const request = await buildRequest(...what)
    return asking.budget.call(async () => {
      try {
        const madeAt = ports.clock.now()
        const timeoutMs = Math.min(upstream.attemptTimeoutMs, asking.deadline - madeAt)
        const answer = await ports.http({ ...request, timeoutMs, maxBytes: upstream.maxBytes })
        const usage = usageOf(answer.headers, upstream.usage, madeAt)
        return { ...interpretResponse(answer, request, asking), status: answer.status, usage }
      } catch (error) {
        return { text: '', error: withExcerpt(asRefreshError(error), '', asking.secrets) }
      }
    })
  }
}

/** What is sent: with a declared secret always, with conditions where the stored value came from this address. */
async function buildRequest(call: Call, base: URL, asking: RequestState, freshSecret: boolean) {
  const { upstream, ports } = asking.work
  const url = callUrl(base, call)
  const urlHash = hashOf(url.href)
  const headers: Record<string, string> = { accept: 'application/json' }
  const { validator } = asking
  const isConditional = validator?.urlHash === urlHash
  if (isConditional && validator.etag !== undefined) headers['if-none-match'] = validator.etag
  if (isConditional && validator.lastModified !== undefined)
    headers['if-modified-since'] = validator.lastModified
  if (upstream.secret) {
    const { value, version } = await ports.secrets.get(upstream.secret.parameter, freshSecret)
    asking.secrets.push(value)
    asking.secretVersion = version
    headers[upstream.secret.header] = value
  }
  return { url, urlHash, headers, isConditional }
}

function interpretResponse(
  answer: HttpResponse,
  { urlHash, isConditional }: { readonly urlHash: string; readonly isConditional: boolean },
  { work: { upstream, ports }, secrets }: RequestState,
): AttemptResult {
  const { status, body, headers } = answer
  const dataSource = headers[DATA_SOURCE_HEADER] === 'simulated' ? 'simulated' : 'live'
  if (status === 304 && isConditional) return { text: '', dataSource }
  const classified = upstream.classify(answer, ports.clock.now())
  if (classified.class === 'failed')
    return { text: body, error: withExcerpt(classified.error, body, secrets) }
  const { etag, 'last-modified': lastModified } = headers
  const tags = {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
  const validator = Object.keys(tags).length === 0 ? {} : { validator: { urlHash, ...tags } }
  return { text: body, body: classified.body, dataSource, ...validator }
}

/** The address of a call: the base keeps its path, every query value is encoded exactly once. */
export function callUrl(base: URL, { path, query = {} }: Call): URL {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/$/, '')}${path}`
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value)
  return url
}

/** The same error with the start of the body that it is about, and no secret in it. A cut one would not be found. */
function withExcerpt(error: RefreshError, text: string, secrets: readonly string[]): RefreshError {
  const clean = redactor(secrets)
  const start = excerpt(clean(text).trim())
  return copyWith(error, {
    message: `${clean(error.message)}${start === '' ? '' : `; the body begins: ${start}`}`,
  })
}
