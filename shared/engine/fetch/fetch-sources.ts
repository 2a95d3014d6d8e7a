import { defined } from '#shared/domain/defined.ts'
import { asRefreshError, RefreshError } from '#shared/domain/errors.ts'
import type { Validator } from '#shared/domain/records/publication.ts'
import type { Call, FailedAttempt, Source, UpstreamRequest } from '../model/refresh.ts'
import type { Work } from '../model/run-state.ts'
import { providerError } from '../rate-limit/blocked.ts'
import type { CallBudget } from '../rate-limit/call-budget.ts'
import { type RunBudgets, requestSources } from '../rate-limit/run-budgets.ts'
import type { RequestMemory } from './body-memory.ts'
import { type FetchResult, fetchRequest } from './fetch-request.ts'

/** Result of a request, with the provider that it is from. */
export type SourceResult = FetchResult & { readonly upstream: string; readonly budget?: CallBudget }

interface SourceOptions {
  readonly work: Work<unknown>
  readonly budgets: RunBudgets
  readonly deadline: number
  readonly memory: RequestMemory
  readonly validator: Validator | undefined
  nextCalls?(bodies: readonly (object | null)[], upstream: string): readonly Call[]
  onRetry?(failure: FailedAttempt): void
}

/**
 * Tries the sources of a request one after the other until one answers: the next one when a provider may not be called
 * or did not answer in all of its attempts. Never throws.
 */
export async function fetchSources(request: UpstreamRequest, options: SourceOptions): Promise<SourceResult> {
  const failures: { readonly upstream: string; readonly error: RefreshError }[] = []
  let attempts = 0
  let retries = 0
  let last: SourceResult | undefined
  for (const source of requestSources(request, options.work)) {
    last = await fetchSource(source, options)
    attempts += last.attempts
    retries += last.retries
    if (last.kind !== 'failure') break
    failures.push({ upstream: source.upstream, error: last.error })
    // "not found" is an answer
    if (last.error.reason === 'not-found') break
  }
  if (!last) throw new TypeError('expected a request with a source')
  const result = { ...last, attempts, retries }
  return result.kind === 'failure' && failures.length > 1
    ? { ...result, error: combinedError(failures) }
    : result
}

async function fetchSource(
  { upstream: name, calls }: Source,
  { work, budgets, deadline, memory, validator, nextCalls, onRetry }: SourceOptions,
): Promise<SourceResult> {
  try {
    const opened = await budgets.open(name)
    if (opened.status === 'blocked') return { ...noAttempt, upstream: name, error: providerError(opened) }
    const { upstream, budget } = opened
    const result = await fetchRequest(calls, {
      work: { ...work, upstream },
      budget,
      deadline,
      memory,
      validator,
      ...defined({
        nextCalls: nextCalls && ((bodies: readonly (object | null)[]) => nextCalls(bodies, name)),
        onRetry,
      }),
    })
    return { ...result, upstream: name, budget }
  } catch (error) {
    return { ...noAttempt, upstream: name, error: asRefreshError(error) }
  }
}

const noAttempt = {
  kind: 'failure',
  attempts: 0,
  retries: 0,
  hasPersonalData: false,
  rejectedText: () => '',
  redact: (text: string) => text,
} as const

/** One failure for all sources, with the reason of the first one. Task statuses of funding-rates parse the message. */
function combinedError(failures: readonly { upstream: string; error: RefreshError }[]): RefreshError {
  const [first] = failures
  if (!first) throw new TypeError('expected at least one failure')
  const reasons = failures.map(({ upstream, error }) => `${upstream} ${error.reason}`).join(', ')
  const details = failures.map(({ upstream, error }) => `${upstream}: ${error.message}`).join('; ')
  const message = `no provider answered: ${reasons} — ${details}`
  return new RefreshError(first.error.reason, message, { cause: first.error })
}
