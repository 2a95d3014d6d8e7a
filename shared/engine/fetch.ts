import type { DataSource, Validator } from '../ports/records.ts'
import { redactor } from '../upstreams/redact.ts'
import { type Asking, type Attempted, attemptCall } from './attempt.ts'
import type { RefreshError } from './errors.ts'
import type { Call, Request } from './refresh.ts'
import { retryWaitMs } from './retry.ts'

/** What came back for one request: the bodies of its calls in order, or why there are none. */
export type Fetched = {
  readonly attempts: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  /** The bodies as text, redacted and capped: what is kept aside of a bad one. */
  readonly evidence: () => string
  /** Blots the secrets of this request out of a text that speaks of its bodies. */
  readonly clean: (text: string) => string
} & (
  | {
      readonly answer: 'bodies'
      readonly bodies: readonly object[]
      readonly dataSource: DataSource
      readonly validator?: Validator
    }
  /** The provider says that the stored value still holds. */
  | { readonly answer: 'unchanged' }
  | { readonly answer: 'failure'; readonly error: RefreshError }
)

/** Characters of a body that are kept as evidence. */
const EVIDENCE_LENGTH = 8_192

/**
 * Makes the calls of one request under the upstream's rules, with retries inside the run's deadline. Never throws:
 * whatever goes wrong is the answer. Only a request of a single call asks whether the stored value has changed: of
 * several bodies all are needed.
 */
export async function fetchRequest(
  { calls }: Request,
  choices: Pick<Asking, 'work' | 'budget' | 'deadline' | 'validator'>,
): Promise<Fetched> {
  const isSingle = calls.length === 1
  const asking: Asking = {
    ...choices,
    validator: isSingle ? choices.validator : undefined,
    secrets: [],
    isSecretFresh: false,
  }
  const bodies: object[] = []
  const texts: string[] = []
  let attempts = 0
  let retries = 0
  let dataSource: DataSource = 'live'
  let validator: Validator | undefined
  const ended = () => ({
    attempts,
    retries,
    evidence: () => evidenceOf(texts, asking.secrets),
    clean: (text: string) => redactor(asking.secrets)(text),
  })

  for (const call of calls) {
    const stop = asking.budget.stopped()
    if (stop) return { ...ended(), answer: 'failure', error: stop }
    const answer = await fetchCall(call, asking)
    attempts += answer.attempts
    retries += Math.max(0, answer.attempts - 1)
    texts.push(answer.text)
    if (answer.error) return { ...ended(), answer: 'failure', error: answer.error }
    if (answer.body === undefined) return { ...ended(), answer: 'unchanged' }
    bodies.push(answer.body)
    validator = isSingle ? answer.validator : undefined
    if (answer.dataSource === 'recorded') dataSource = 'recorded'
  }
  return { ...ended(), answer: 'bodies', bodies, dataSource, ...(validator ? { validator } : {}) }
}

/** Each next attempt goes to the next base URL. What the provider asks for binds everybody at once. */
async function fetchCall(call: Call, asking: Asking): Promise<Attempted & { readonly attempts: number }> {
  const { job, upstream, ports } = asking.work
  const policy = { ...job.run, attemptTimeoutMs: upstream.attemptTimeoutMs }
  for (let attempt = 1; ; attempt += 1) {
    const base = upstream.baseUrls[(attempt - 1) % upstream.baseUrls.length] as URL
    const attempted = await attemptCall(call, base, asking)
    if (attempted.error === undefined) return { ...attempted, attempts: attempt }
    if (attempted.isUnsent) return { ...attempted, attempts: attempt - 1 }
    const error = await asking.budget.heed(attempted.error, asking.secretVersion)
    const left = asking.deadline - ports.clock.now()
    const wait = asking.budget.stopped() ? undefined : retryWaitMs(error, attempt, policy, left, ports.random)
    if (wait !== undefined) await ports.clock.sleep(wait)
    if (wait === undefined || asking.budget.stopped()) return { ...attempted, error, attempts: attempt }
  }
}

function evidenceOf(texts: readonly string[], secrets: readonly string[]): string {
  const clean = redactor(secrets)
  return texts.map((text) => clean(text).slice(0, EVIDENCE_LENGTH)).join('\n')
}
