import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import type { Validator } from '#shared/domain/records/publication.ts'
import type { Call, Source, UpstreamRequest } from '../model/refresh.ts'
import type { Work } from '../model/run-state.ts'
import type { Budget } from '../rate-limit/budget.ts'
import type { Blocked } from '../rate-limit/reservation.ts'
import { type RunBudgets, requestSources } from '../rate-limit/run-budgets.ts'
import { type FetchResult, fetchRequest } from './fetch-request.ts'

/** What came back for a request, and from whom. */
export type SourceResult = FetchResult & { readonly upstream: string; readonly budget?: Budget }

interface SourceOptions<V> {
  readonly work: Work<V>
  readonly budgets: RunBudgets
  readonly deadline: number
  readonly validator: Validator | undefined
  nextCalls?(bodies: readonly (object | null)[], upstream: string): readonly Call[]
}

/**
 * Asks the sources of a request, one after the other, until one of them answers: the next one only when the provider
 * before it may not be asked, or did not answer after all of its attempts. Never throws.
 */
export async function fetchSources<V>(
  request: UpstreamRequest,
  choices: SourceOptions<V>,
): Promise<SourceResult> {
  const failures: { readonly upstream: string; readonly error: RefreshError }[] = []
  let attempts = 0
  let retries = 0
  let last: SourceResult | undefined
  for (const source of requestSources(request, choices.work)) {
    last = await fetchSource(source, choices)
    attempts += last.attempts
    retries += last.retries
    if (last.answer !== 'failure') break
    failures.push({ upstream: source.upstream, error: last.error })
    // that there is no such thing is an answer
    if (last.error.reason === 'not-found') break
  }
  if (!last) throw new TypeError('expected a request with a source')
  const told = { ...last, attempts, retries }
  return told.answer === 'failure' && failures.length > 1 ? { ...told, error: combinedError(failures) } : told
}

async function fetchSource<V>(
  { upstream: name, calls }: Source,
  { work, budgets, deadline, validator, nextCalls }: SourceOptions<V>,
): Promise<SourceResult> {
  try {
    const opened = await budgets.open(name)
    if (opened.status === 'refused') return { ...noAttempt, upstream: name, error: blockedError(opened) }
    const { upstream, budget } = opened
    const asked = await fetchRequest(calls, {
      work: { ...work, upstream },
      budget,
      deadline,
      validator,
      ...(nextCalls ? { nextCalls: (bodies) => nextCalls(bodies, name) } : {}),
    })
    return { ...asked, upstream: name, budget }
  } catch (thrown) {
    return { ...noAttempt, upstream: name, error: asRefreshError(thrown) }
  }
}

const noAttempt = {
  answer: 'failure',
  attempts: 0,
  retries: 0,
  rejectedText: () => '',
  redact: (text: string) => text,
} as const

function blockedError({ reason, message }: Blocked): RefreshError {
  return new RefreshError(reason, message, { scope: 'provider' })
}

/** One failure for all: its reason is that of the provider that should have answered. */
function combinedError(failures: readonly { upstream: string; error: RefreshError }[]): RefreshError {
  const [first] = failures
  if (!first) throw new TypeError('expected failures to put together')
  const classes = failures.map(({ upstream, error }) => `${upstream} ${error.reason}`).join(', ')
  const details = failures.map(({ upstream, error }) => `${upstream}: ${error.message}`).join('; ')
  const message = `no provider answered: ${classes} — ${details}`
  return new RefreshError(first.error.reason, message, { cause: first.error })
}
