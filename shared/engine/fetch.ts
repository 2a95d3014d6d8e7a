import type { Upstream } from '../declare/upstream.ts'
import type { HttpAnswer } from '../ports/http.ts'
import type { DataSource } from '../ports/store.ts'
import { excerpt, redactor } from '../upstreams/redact.ts'
import type { Ports, Work } from './context.ts'
import { asRefreshError, RefreshError } from './errors.ts'
import type { Call, Request } from './refresh.ts'
import { retryWaitMs } from './retry.ts'

/** What came back for one request: the bodies of its calls in order, or why there are none. */
export type Fetched =
  | {
      readonly ok: true
      readonly attempts: number
      readonly bodies: readonly object[]
      /** As they came, redacted: kept aside when they are rejected. */
      readonly texts: readonly string[]
      readonly dataSource: DataSource
    }
  | {
      readonly ok: false
      readonly attempts: number
      readonly error: RefreshError
      readonly texts: readonly string[]
    }

/** Characters of a rejected body that are kept. */
const EVIDENCE_LENGTH = 8_192

/** Header by which a stand-in says that it answers in place of the provider. */
export const DATA_SOURCE_HEADER = 'x-data-source'

/**
 * Makes the calls of one request under the upstream's rules, with retries inside the run's deadline. Never throws:
 * whatever goes wrong is the answer.
 */
export async function fetchRequest<V>(request: Request, deadline: number, work: Work<V>): Promise<Fetched> {
  const bodies: object[] = []
  const texts: string[] = []
  const secrets: string[] = []
  const evidence = () => evidenceOf(texts, secrets)
  let attempts = 0
  let dataSource: DataSource = 'live'
  for (const call of request.calls) {
    const answer = await fetchCall(call, deadline, secrets, work)
    attempts += answer.attempts
    texts.push(answer.text)
    if (answer.error) return { ok: false, attempts, error: answer.error, evidence }
    bodies.push(answer.body)
    if (answer.dataSource === 'recorded') dataSource = 'recorded'
  }
  return { ok: true, attempts, bodies, dataSource, evidence }
}

type CallResult = { readonly attempts: number; readonly text: string } & (
  | { readonly error: RefreshError }
  | { readonly error?: undefined; readonly body: object; readonly dataSource: DataSource }
)

async function fetchCall<V>(
  call: Call,
  deadline: number,
  { job, upstream, ports }: Work<V>,
): Promise<CallResult> {
  const policy = { ...job.run, attemptTimeoutMs: upstream.attemptTimeoutMs }
  for (let attempt = 1; ; attempt += 1) {
    const result = await attemptCall(call, attempt, deadline, secrets, upstream, ports)
    if (result.error === undefined) return { ...result, attempts: attempt }
    const wait = retryWaitMs(result.error, attempt, policy, deadline - ports.clock.now(), ports.random)
    if (wait === undefined) return { ...result, attempts: attempt }
    await ports.clock.sleep(wait)
  }
}

type AttemptResult =
  | { readonly error: RefreshError; readonly text: string }
  | {
      readonly error?: undefined
      readonly text: string
      readonly body: object
      readonly dataSource: DataSource
    }

/** One attempt; each next one goes to the next base URL. A 401 is asked once more with a fresh secret. */
async function attemptCall(
  call: Call,
  attempt: number,
  deadline: number,
  secrets: string[],
  upstream: Upstream,
  ports: Ports,
): Promise<AttemptResult> {
  try {
    let answer = await send(call, attempt, deadline, upstream, ports, secrets, false)
    if (answer.status === 401 && upstream.secret) {
      answer = await send(call, attempt, deadline, upstream, ports, secrets, true)
    }
    const classified = upstream.classify(answer, ports.clock.now())
    if (classified.class === 'failed') {
      return { error: quoting(classified.error, answer.text, secrets), text: answer.text }
    }
    const dataSource = answer.headers[DATA_SOURCE_HEADER] === 'recorded' ? 'recorded' : 'live'
    return { text: answer.text, body: classified.body, dataSource }
  } catch (error) {
    return { error: quoting(asRefreshError(error), '', secrets), text: '' }
  }
}

async function send(
  call: Call,
  attempt: number,
  deadline: number,
  upstream: Upstream,
  ports: Ports,
  secrets: string[],
  freshSecret: boolean,
): Promise<HttpAnswer> {
  const base = upstream.baseUrls[(attempt - 1) % upstream.baseUrls.length] as URL
  const headers: Record<string, string> = { accept: 'application/json' }
  if (upstream.secret) {
    const secret = await ports.secrets.get(upstream.secret.parameter, freshSecret)
    secrets.push(secret)
    headers[upstream.secret.header] = secret
  }
  const timeoutMs = Math.min(upstream.attemptTimeoutMs, deadline - ports.clock.now())
  if (timeoutMs <= 0)
    throw new RefreshError('timeout', 'the deadline was reached before the upstream could be asked')
  return ports.http({ url: callUrl(base, call), headers, timeoutMs, maxBytes: upstream.maxBytes })
}

/** The address of a call: the base keeps its path, every query value is encoded exactly once. */
export function callUrl(base: URL, { path, query = {} }: Call): URL {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/$/, '')}${path}`
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value)
  return url
}

/** The same error with the start of the body that it is about, and no secret in it. */
function quoting(error: RefreshError, text: string, secrets: readonly string[]): RefreshError {
  const clean = redactor(secrets)
  const start = excerpt(clean(text.slice(0, EVIDENCE_LENGTH)).trim())
  const message = `${clean(error.message)}${start === '' ? '' : `; the body begins: ${start}`}`
  const { reason, retryable, scope, retryAfterMs } = error
  return new RefreshError(reason, message, {
    retryable,
    scope,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause: error,
  })
}

function evidenceOf(texts: readonly string[], secrets: readonly string[]): string {
  const clean = redactor(secrets)
  return texts.map((text) => clean(text.slice(0, 2 * EVIDENCE_LENGTH)).slice(0, EVIDENCE_LENGTH)).join('\n')
}
