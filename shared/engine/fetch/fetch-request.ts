import { mapConcurrently } from '#shared/domain/concurrency.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Random } from '#shared/domain/ports/clock.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import { redactor } from '#shared/domain/redaction.ts'
import type { Call } from '../model/refresh.ts'
import { malformedError } from '../validate/validate.ts'
import { type AttemptResult, attemptCall, type RequestState } from './attempt.ts'

/** What came back for one request: the bodies of its calls in order, or why there are none. */
export type FetchResult = {
  readonly attempts: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  /** The bodies as text, redacted and capped: what is kept aside of a bad one. */
  readonly rejectedText: () => string
  /** Blots the secrets of this request out of a text that speaks of its bodies. */
  readonly redact: (text: string) => string
} & (
  | {
      readonly answer: 'bodies'
      readonly bodies: readonly (object | null)[]
      readonly dataSource: DataSource
      readonly validator?: Validator
    }
  /** The provider says that the stored value still holds. */
  | { readonly answer: 'unchanged' }
  | { readonly answer: 'failure'; readonly error: RefreshError }
)

/** Characters of a body that are kept as evidence. */
const MAX_REJECTED_LENGTH = 8_192

/** Calls of one request, those that follow from its bodies included: more is a job that never ends. */
const MAX_CALLS = 1_000

interface FetchOptions extends Pick<RequestState, 'work' | 'budget' | 'deadline' | 'validator'> {
  /** Further calls that follow from the bodies so far; none ends the request. */
  nextCalls?(bodies: readonly (object | null)[]): readonly Call[]
}

/**
 * Makes the calls of one request under the upstream's rules, with retries inside the run's deadline. Never throws:
 * whatever goes wrong is the answer. Only a request of a single call asks whether the stored value has changed: of
 * several bodies all are needed.
 */
export async function fetchRequest(calls: readonly Call[], choices: FetchOptions): Promise<FetchResult> {
  const isSingle = calls.length === 1 && choices.nextCalls === undefined
  const asking: RequestState = {
    ...choices,
    validator: isSingle ? choices.validator : undefined,
    secrets: [],
    isSecretRefetched: false,
  }
  const bodies: (object | null)[] = []
  const texts: string[] = []
  let attempts = 0
  let retries = 0
  let dataSource: DataSource = 'live'
  let validator: Validator | undefined
  let failure: RefreshError | undefined
  let isUnchanged = false
  const ended = () => ({
    attempts,
    retries,
    rejectedText: () => rejectedText(texts, asking.secrets),
    redact: (text: string) => redactor(asking.secrets)(text),
  })

  const make = async (call: Call): Promise<object | null> => {
    failure ??= asking.budget.stopReason()
    if (failure) return null
    const answer = await fetchCall(call, asking)
    attempts += answer.attempts
    retries += Math.max(0, answer.attempts - 1)
    texts.push(answer.text)
    if (answer.error) {
      if (!call.optional || answer.error.scope === 'provider') failure ??= answer.error
      return null
    }
    if (answer.dataSource === 'simulated') dataSource = 'simulated'
    if (answer.body === undefined) {
      isUnchanged = true
      return null
    }
    if (isSingle) validator = answer.validator
    return answer.body
  }

  for (let more = calls; more.length > 0 && !failure; more = following(bodies)) {
    bodies.push(...(await mapConcurrently(more, choices.work.job.run.concurrency, make)))
  }
  if (failure) return { ...ended(), answer: 'failure', error: failure }
  if (isUnchanged) return { ...ended(), answer: 'unchanged' }
  return { ...ended(), answer: 'bodies', bodies, dataSource, ...(validator ? { validator } : {}) }

  function following(seen: readonly (object | null)[]): readonly Call[] {
    try {
      const more = failure ? [] : (choices.nextCalls?.(seen) ?? [])
      if (seen.length + more.length <= MAX_CALLS) return more
      failure = new RefreshError('defect', `expected at most ${MAX_CALLS} calls a request, got more`)
    } catch (thrown) {
      failure = malformedError(thrown)
    }
    return []
  }
}

/** Each next attempt goes to the next base URL. What the provider asks for binds everybody at once. */
async function fetchCall(
  call: Call,
  asking: RequestState,
): Promise<AttemptResult & { readonly attempts: number }> {
  const { job, upstream, ports } = asking.work
  const once = call.optional ? { attempts: 1 } : {}
  const policy = { ...job.run, ...once, attemptTimeoutMs: upstream.attemptTimeoutMs }
  for (let attempt = 1; ; attempt += 1) {
    const base = upstream.baseUrls[(attempt - 1) % upstream.baseUrls.length] as URL
    const attempted = await attemptCall(call, base, asking)
    if (attempted.error === undefined) return { ...attempted, attempts: attempt }
    if (attempted.isUnsent) return { ...attempted, attempts: attempt - 1 }
    const error = await asking.budget.startCoolDown(attempted.error, asking.secretVersion)
    const left = asking.deadline - ports.clock.now()
    const wait = asking.budget.stopReason()
      ? undefined
      : retryWaitMs(error, attempt, policy, left, ports.random)
    if (wait !== undefined) await ports.clock.sleep(wait)
    if (wait === undefined || asking.budget.stopReason()) return { ...attempted, error, attempts: attempt }
  }
}

function rejectedText(texts: readonly string[], secrets: readonly string[]): string {
  const clean = redactor(secrets)
  return texts.map((text) => clean(text).slice(0, MAX_REJECTED_LENGTH)).join('\n')
}

const MAX_WAIT_MS = 60_000

export interface RetryPolicy {
  /** In total, the first included. */
  readonly attempts: number
  readonly backoffMs: number
  readonly attemptTimeoutMs: number
}

/**
 * How long to wait before the next attempt, in milliseconds; `undefined` when there is to be none.
 *
 * Full jitter over an exponential ceiling: after attempt n, `random(0, min(60 s, base * 2^(n-1)))`, shortened so that
 * one whole attempt still fits before the deadline. A wait that the upstream asked for is not shortened: when it does
 * not fit, there is no retry.
 *
 * @param attempt - attempts made so far, at least 1
 * @param leftMs - time left until the run's deadline
 * @see Marc Brooker, Exponential Backoff And Jitter, AWS Architecture Blog (2015)
 */
export function retryWaitMs(
  error: RefreshError,
  attempt: number,
  policy: RetryPolicy,
  leftMs: number,
  random: Random,
): number | undefined {
  const room = leftMs - policy.attemptTimeoutMs
  if (!error.retryable || attempt >= policy.attempts || room < 0) return undefined
  if (error.retryAfterMs !== undefined) return error.retryAfterMs <= room ? error.retryAfterMs : undefined
  const ceiling = Math.min(MAX_WAIT_MS, policy.backoffMs * 2 ** (attempt - 1))
  return Math.min(random() * ceiling, room)
}
