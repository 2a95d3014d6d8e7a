import type { Upstream } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { Source, UpstreamRequest } from '../model/refresh.ts'
import type { ProviderWork, RunRequest, RunState, Work } from '../model/run-state.ts'
import type { Blocked, Caller } from './blocked.ts'
import { CallBudget } from './call-budget.ts'

/** A provider that may be called, and this run's budget of calls. */
interface OpenBudget {
  readonly status: 'open'
  readonly upstream: Upstream
  readonly budget: CallBudget
}

/** The call budgets of one run, each opened when its provider is first used. */
export class RunBudgets {
  #requests: readonly UpstreamRequest[]
  readonly #state: RunState
  readonly #work: Work<unknown>
  readonly #opened = new Map<string, Promise<OpenBudget | Blocked>>()
  readonly #budgets: CallBudget[] = []

  /** @param requests - the requests of the run, which determine the expected number of calls */
  constructor(requests: readonly UpstreamRequest[], state: RunState, work: Work<unknown>) {
    this.#requests = requests
    this.#state = state
    this.#work = work
  }

  /**
   * @throws {RefreshError} `store` when the table does not answer; `defect` for a provider that the job does not declare
   */
  open(name: string): Promise<OpenBudget | Blocked> {
    const opened = this.#opened.get(name) ?? this.#open(name)
    this.#opened.set(name, opened)
    return opened
  }

  /** Adds requests that follow from others, for providers that are used from now on. */
  add(requests: readonly UpstreamRequest[]): void {
    this.#requests = [...this.#requests, ...requests]
  }

  /** The largest count of its own minute that a provider reported so far, in its own unit. */
  usedWeight(): number | undefined {
    const weights = this.#budgets.flatMap((budget) => budget.usedWeight() ?? [])
    return weights.length === 0 ? undefined : Math.max(...weights)
  }

  /** Returns what was not used. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#opened.values())
    await Promise.all(this.#budgets.map((budget) => budget.close()))
  }

  async #open(name: string): Promise<OpenBudget | Blocked> {
    const upstream = upstreamOf(name, this.#work)
    const isFirst = upstream === this.#work.upstream
    // the secret version and the state belong to the first provider
    const { secretVersion: _, ...stateOfOthers } = this.#state
    const budget = await CallBudget.open(
      expectedCalls(name, this.#requests, this.#work),
      callerOf(isFirst ? this.#state : stateOfOthers),
      { ...this.#work, upstream },
      isFirst ? this.#state.upstreamState : undefined,
    )
    if (budget.status === 'blocked') return budget
    this.#budgets.push(budget)
    return { status: 'open', upstream, budget }
  }
}

/** The sources of a request, in the order in which they are tried; none for a request without calls. */
export function requestSources(
  { upstream, calls, fallbacks = [] }: UpstreamRequest,
  work: Pick<Work<unknown>, 'upstream'>,
): readonly Source[] {
  const name = upstream ?? work.upstream?.name
  return name === undefined || calls.length === 0 ? [] : [{ upstream: name, calls }, ...fallbacks]
}

/** Number of calls to a provider when nothing fails; for a provider that is only a fallback, when all others fail. */
function expectedCalls(name: string, requests: readonly UpstreamRequest[], work: Work<unknown>): number {
  const sources = requests.map((request) => requestSources(request, work))
  const countCalls = (candidates: readonly Source[]) =>
    candidates.filter(({ upstream }) => upstream === name).reduce((sum, { calls }) => sum + calls.length, 0)
  return countCalls(sources.flatMap((all) => all.slice(0, 1))) || countCalls(sources.flat())
}

function upstreamOf(name: string, { job, upstream, otherUpstreams = [] }: Work<unknown>): Upstream {
  const declared = [upstream, ...otherUpstreams].find((candidate) => candidate?.name === name)
  if (declared) return declared
  const names = job.upstreams.join(', ') || 'none'
  throw new RefreshError('defect', `expected a request to one of ${names}, got one to ${name}`)
}

/**
 * A run as the caller of a provider. Runs of one key that readers cause do not count for the breaker: one key that
 * always fails would stop all others.
 */
export function callerOf({
  request,
  record,
  deadline,
  secretVersion,
}: Pick<RunState, 'request' | 'record' | 'deadline' | 'secretVersion'>): Caller {
  return {
    owner: record.owner,
    deadline,
    countsForBreaker: request.key === undefined || request.cause === 'operator',
    forOperator: request.cause === 'operator',
    isInteractive: isInteractive(request),
    ...defined({ secretVersion }),
  }
}

/** Whether a reader or an operator waits for some keys. A run of the whole plan is never urgent, not even one of an operator. */
function isInteractive({ cause, key, params }: RunRequest): boolean {
  return cause === 'cold-read' || (cause === 'operator' && (key ?? params) !== undefined)
}

/**
 * The current version of the secret when the provider has refused one: the cool-down does not apply to a newer version.
 * `undefined` when none was refused or none can be read.
 */
export async function secretVersionAfterAuthFailure(
  { coolDown }: Pick<UpstreamState, 'coolDown'>,
  { upstream, ports }: Pick<ProviderWork<unknown>, 'upstream' | 'ports'>,
): Promise<string | undefined> {
  if (coolDown?.secretVersion === undefined || !upstream.secret) return undefined
  try {
    return (await ports.secrets.get(upstream.secret.parameter)).version
  } catch (error) {
    const fields = { upstream: upstream.name, error }
    ports.log.warn('The current version of a refused secret cannot be read', fields)
    return undefined
  }
}
