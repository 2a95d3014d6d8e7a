import type { HttpAnswer } from '../ports/http.ts'
import type { DataSource } from '../ports/records.ts'
import { excerpt, redactor } from '../upstreams/redact.ts'
import type { Work } from './context.ts'
import { asRefreshError, RefreshError } from './errors.ts'
import type { Call, Request } from './refresh.ts'
import { retryWaitMs } from './retry.ts'

/** What came back for one request: the bodies of its calls in order, or why there are none. */
export type Fetched = {
  readonly attempts: number
  /** The bodies as text, redacted and capped: what is kept aside of a bad one. */
  readonly evidence: () => string
  /** Blots the secrets of this request out of a text that speaks of its bodies. */
  readonly clean: (text: string) => string
} & (
  | { readonly ok: true; readonly bodies: readonly object[]; readonly dataSource: DataSource }
  | { readonly ok: false; readonly error: RefreshError }
)

/** Characters of a body that are kept as evidence. */
const EVIDENCE_LENGTH = 8_192

/** Header by which a stand-in says that it answers in place of the provider. */
export const DATA_SOURCE_HEADER = 'x-data-source'

/** What the calls of one request share. */
interface Asking {
  readonly work: Omit<Work<unknown>, 'refresh'>
  readonly deadline: number
  /** Why no further attempt is to be made, if so. */
  readonly stopped: () => RefreshError | undefined
  /** Every secret that went out, so that none comes back in an error. */
  readonly secrets: string[]
  /** Whether the secret was asked for anew: once is enough. */
  isSecretFresh: boolean
}

/**
 * Makes the calls of one request under the upstream's rules, with retries inside the run's deadline. Never throws:
 * whatever goes wrong is the answer.
 *
 * @param stopped - says why the run asks for nothing more, if so: looked at before each call and each further attempt
 */
export async function fetchRequest(
  request: Request,
  deadline: number,
  stopped: () => RefreshError | undefined,
  work: Omit<Work<unknown>, 'refresh'>,
): Promise<Fetched> {
  const asking: Asking = { work, deadline, stopped, secrets: [], isSecretFresh: false }
  const bodies: object[] = []
  const texts: string[] = []
  const evidence = () => evidenceOf(texts, asking.secrets)
  const clean = (text: string) => redactor(asking.secrets)(text)
  let attempts = 0
  let dataSource: DataSource = 'live'
  for (const call of request.calls) {
    const stop = stopped()
    if (stop) return { ok: false, attempts, error: stop, evidence, clean }
    const answer = await fetchCall(call, asking)
    attempts += answer.attempts
    texts.push(answer.text)
    if (answer.error) return { ok: false, attempts, error: answer.error, evidence, clean }
    bodies.push(answer.body)
    if (answer.dataSource === 'recorded') dataSource = 'recorded'
  }
  return { ok: true, attempts, bodies, dataSource, evidence, clean }
}

/** The end of one attempt: its body as text, with what it means. */
type Attempted = { readonly text: string } & (
  | { readonly error: RefreshError }
  | { readonly error?: undefined; readonly body: object; readonly dataSource: DataSource }
)

async function fetchCall(call: Call, asking: Asking): Promise<Attempted & { readonly attempts: number }> {
  const { job, upstream, ports } = asking.work
  const policy = { ...job.run, attemptTimeoutMs: upstream.attemptTimeoutMs }
  for (let attempt = 1; ; attempt += 1) {
    const attempted = await attemptCall(call, attempt, asking)
    if (attempted.error === undefined) return { ...attempted, attempts: attempt }
    const left = asking.deadline - ports.clock.now()
    const wait = retryWaitMs(attempted.error, attempt, policy, left, ports.random)
    if (wait !== undefined) await ports.clock.sleep(wait)
    if (wait === undefined || asking.stopped()) return { ...attempted, attempts: attempt }
  }
}

/** One attempt; each next one goes to the next base URL. The first 401 is asked once more with a fresh secret. */
async function attemptCall(call: Call, attempt: number, asking: Asking): Promise<Attempted> {
  const { upstream, ports } = asking.work
  const base = upstream.baseUrls[(attempt - 1) % upstream.baseUrls.length] as URL
  try {
    let answer = await send(call, base, asking, false)
    if (answer.status === 401 && upstream.secret && !asking.isSecretFresh) {
      asking.isSecretFresh = true
      answer = await send(call, base, asking, true)
    }
    const { text, headers } = answer
    const classified = upstream.classify(answer, ports.clock.now())
    if (classified.class === 'failed') return { text, error: quoting(classified.error, text, asking.secrets) }
    const dataSource = headers[DATA_SOURCE_HEADER] === 'recorded' ? 'recorded' : 'live'
    return { text, body: classified.body, dataSource }
  } catch (error) {
    return { text: '', error: quoting(asRefreshError(error), '', asking.secrets) }
  }
}

async function send(call: Call, base: URL, asking: Asking, freshSecret: boolean): Promise<HttpAnswer> {
  const { upstream, ports } = asking.work
  const headers: Record<string, string> = { accept: 'application/json' }
  if (upstream.secret) {
    const secret = await ports.secrets.get(upstream.secret.parameter, freshSecret)
    asking.secrets.push(secret)
    headers[upstream.secret.header] = secret
  }
  const timeoutMs = Math.min(upstream.attemptTimeoutMs, asking.deadline - ports.clock.now())
  if (timeoutMs > 0) {
    return ports.http({ url: callUrl(base, call), headers, timeoutMs, maxBytes: upstream.maxBytes })
  }
  throw new RefreshError('timeout', 'the deadline was reached before the upstream could be asked')
}

/** The address of a call: the base keeps its path, every query value is encoded exactly once. */
export function callUrl(base: URL, { path, query = {} }: Call): URL {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/$/, '')}${path}`
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value)
  return url
}

/** The same error with the start of the body that it is about, and no secret in it. A cut one would not be found. */
function quoting(error: RefreshError, text: string, secrets: readonly string[]): RefreshError {
  const clean = redactor(secrets)
  const start = excerpt(clean(text).trim())
  const message = `${clean(error.message)}${start === '' ? '' : `; the body begins: ${start}`}`
  const { reason, retryable, scope, retryAfterMs } = error
  const retryAfter = retryAfterMs === undefined ? {} : { retryAfterMs }
  return new RefreshError(reason, message, { retryable, scope, ...retryAfter, cause: error })
}

function evidenceOf(texts: readonly string[], secrets: readonly string[]): string {
  const clean = redactor(secrets)
  return texts.map((text) => clean(text).slice(0, EVIDENCE_LENGTH)).join('\n')
}
