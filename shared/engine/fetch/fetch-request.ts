import { mapConcurrently } from '#shared/domain/concurrency.ts'
import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import { redactor } from '#shared/domain/redaction.ts'
import type { Call, FailedAttempt } from '../model/refresh.ts'
import { parserError } from '../validate/validate.ts'
import { type AttemptResult, attemptCall, type RequestState } from './attempt.ts'
import { withheldError } from './personal-data.ts'
import { retryWaitMs } from './retry.ts'

/** Result of one request: the bodies of its calls in order, or why there are none. */
export type FetchResult = {
  /** Number of requests sent. */
  readonly attempts: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  /** The bodies as text, redacted and truncated, to be stored when they are rejected. */
  readonly rejectedText: () => string
  /** Whether nothing of the bodies may be logged or kept. */
  readonly hasPersonalData: boolean
  /** Redacts the secrets of this request in a text made from its bodies. */
  readonly redact: (text: string) => string
} & (
  | {
      readonly kind: 'bodies'
      readonly bodies: readonly (object | null)[]
      readonly dataSource: DataSource
      /** When the provider made the oldest of the answers, in milliseconds since the epoch. */
      readonly answeredAt: number
      readonly validator?: Validator
    }
  /** The provider confirms the stored value. */
  | { readonly kind: 'unchanged'; readonly answeredAt: number }
  | { readonly kind: 'failure'; readonly error: RefreshError }
)

/** Maximum length of a stored rejected body, in characters. */
const MAX_REJECTED_LENGTH = 8_192

/** So much of a body is kept to be stored when it is rejected: redaction may shorten it. */
const KEPT_TEXT_LENGTH = 4 * MAX_REJECTED_LENGTH

/** Maximum number of calls of one request, to stop a job that always has a next call. */
const MAX_CALLS = 1_000

interface FetchOptions extends Pick<RequestState, 'work' | 'budget' | 'deadline' | 'memory' | 'validator'> {
  /** Further calls that follow from the bodies so far; an empty list ends the request. */
  nextCalls?(bodies: readonly (object | null)[]): readonly Call[]
  /** Called before the wait for another attempt of a call. */
  onRetry?(failure: FailedAttempt): void
}

/**
 * Makes the calls of one request with retries until the run's deadline. Never throws: a failure is part of the result.
 * Only a request of a single call is conditional, because several bodies are needed together.
 */
export function fetchRequest(calls: readonly Call[], options: FetchOptions): Promise<FetchResult> {
  return new RequestFetch(calls, options).run()
}

class RequestFetch {
  readonly #calls: readonly Call[]
  readonly #options: FetchOptions
  readonly #state: RequestState
  readonly #isSingle: boolean
  readonly #bodies: (object | null)[] = []
  readonly #texts: string[] = []
  #attempts = 0
  #retries = 0
  #dataSource: DataSource = 'live'
  #validator: Validator | undefined
  #failure: RefreshError | undefined
  #isUnchanged = false
  #answeredAt = Number.POSITIVE_INFINITY

  constructor(calls: readonly Call[], options: FetchOptions) {
    this.#calls = calls
    this.#options = options
    this.#isSingle = calls.length === 1 && options.nextCalls === undefined
    const validator = this.#isSingle ? options.validator : undefined
    this.#state = { ...options, validator, secrets: [], isSecretRefetched: false }
  }

  async run(): Promise<FetchResult> {
    const { concurrency } = this.#options.work.job.run
    for (let calls = this.#calls; calls.length > 0 && !this.#failure; calls = this.#nextCalls()) {
      this.#bodies.push(...(await mapConcurrently(calls, concurrency, (call) => this.#fetch(call))))
    }
    const { memory, secrets } = this.#state
    const answeredAt = Math.min(this.#answeredAt, this.#options.work.ports.clock.now())
    const common = {
      attempts: this.#attempts,
      retries: this.#retries,
      hasPersonalData: this.#options.work.upstream.hasPersonalData,
      rejectedText: () => rejectedText(this.#texts, secrets),
      redact: redactor(secrets),
    }
    if (this.#failure) {
      memory.clear()
      return { ...common, kind: 'failure', error: this.#failure }
    }
    if (this.#isUnchanged) return { ...common, kind: 'unchanged', answeredAt }
    return {
      ...common,
      kind: 'bodies',
      bodies: this.#bodies,
      dataSource: this.#dataSource,
      answeredAt,
      ...defined({ validator: this.#validator }),
    }
  }

  /** Returns the body of a call; `null` after a failure, and when the stored value is still current. */
  async #fetch(call: Call): Promise<object | null> {
    this.#failure ??= this.#state.budget.stopReason()
    if (this.#failure) return null
    const result = await fetchCall(call, this.#state, this.#options.onRetry)
    this.#attempts += result.attempts
    this.#retries += Math.max(0, result.attempts - 1)
    this.#texts.push(startOf(result.text))
    if (result.error) {
      if (!call.optional || result.error.scope === 'provider') this.#failure ??= result.error
      return null
    }
    if (result.dataSource === 'simulated') this.#dataSource = 'simulated'
    this.#answeredAt = Math.min(this.#answeredAt, result.answeredAt)
    if (result.body === undefined) {
      this.#isUnchanged = true
      return null
    }
    if (this.#isSingle) this.#validator = result.validator
    return result.body
  }

  #nextCalls(): readonly Call[] {
    if (this.#failure) return []
    try {
      const calls = this.#options.nextCalls?.(this.#bodies) ?? []
      if (this.#bodies.length + calls.length <= MAX_CALLS) return calls
      this.#failure = new RefreshError('defect', `expected at most ${MAX_CALLS} calls a request, got more`)
    } catch (error) {
      const { upstream } = this.#options.work
      this.#failure = upstream.hasPersonalData ? withheldError(parserError(error)) : parserError(error)
    }
    return []
  }
}

/** Makes the attempts of one call, each at the next base URL. A wait that the provider asks for applies to all runs. */
async function fetchCall(
  call: Call,
  state: RequestState,
  onRetry: FetchOptions['onRetry'],
): Promise<AttemptResult & { readonly attempts: number }> {
  const { work, budget, deadline } = state
  const { job, upstream, ports } = work
  const attempts = call.optional
    ? 1
    : Math.min(job.run.attempts, upstream.maxAttempts ?? Number.POSITIVE_INFINITY)
  const policy = { ...job.run, attempts, attemptTimeoutMs: upstream.attemptTimeoutMs }
  let sent = 0
  for (let attempt = 1; ; attempt += 1) {
    const base = upstream.baseUrls[(attempt - 1) % upstream.baseUrls.length] as URL
    const result = await attemptCall(call, base, state)
    sent += result.sent
    if (result.error === undefined || result.isUnsent) return { ...result, attempts: sent }
    const retryWait = (error: RefreshError) =>
      budget.stopReason()
        ? undefined
        : retryWaitMs(error, attempt, policy, deadline - ports.clock.now(), ports.random)
    // a fault that is over before the next attempt concerns this call only
    const { reason, retryAfterMs } = result.error
    const isBrief = reason === 'upstream-fault' && retryAfterMs !== undefined
    const error =
      isBrief && retryWait(result.error) !== undefined
        ? result.error
        : await budget.startCoolDown(result.error, state.secretVersion)
    const waitMs = retryWait(error)
    if (waitMs !== undefined) {
      onRetry?.({ attempt, attempts, reason: error.reason, waitMs })
      await ports.clock.sleep(waitMs)
    }
    if (waitMs === undefined || budget.stopReason()) return { ...result, error, attempts: sent }
  }
}

/** The start of a text as a copy: a slice would keep the whole text in memory. */
function startOf(text: string): string {
  return text.length <= KEPT_TEXT_LENGTH ? text : Buffer.from(text.slice(0, KEPT_TEXT_LENGTH)).toString()
}

/** The texts, redacted and truncated. A secret at the end of a start may be cut, and is not recognised then. */
function rejectedText(texts: readonly string[], secrets: readonly string[]): string {
  const redact = redactor(secrets)
  // each character may be encoded
  const longestSpelling = 12 * Math.max(0, ...secrets.map(({ length }) => length))
  const redacted = (text: string) =>
    text.length < KEPT_TEXT_LENGTH || longestSpelling === 0
      ? redact(text)
      : redact(text).slice(0, -longestSpelling)
  return texts.map((text) => redacted(text).slice(0, MAX_REJECTED_LENGTH)).join('\n')
}
