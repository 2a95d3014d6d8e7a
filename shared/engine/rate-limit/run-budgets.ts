import type { Upstream } from '#shared/declare/upstream.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import type { Source, UpstreamRequest } from '../model/refresh.ts'
import type { RunRequest, RunState, Work } from '../model/run-state.ts'
import type { Budget } from './budget.ts'
import { openBudget } from './open-budget.ts'
import type { Blocked, Caller } from './reservation.ts'

/** A provider that may be asked, and this run's part of what it allows. */
interface OpenBudget {
  readonly status: 'open'
  readonly upstream: Upstream
  readonly budget: Budget
}

/** The budgets of one run, each opened when its provider is first needed. */
export interface RunBudgets {
  /**
   * @throws {RefreshError} `store` when the table does not answer; `defect` for a provider that the job does not declare
   */
  open(name: string): Promise<OpenBudget | Blocked>
  /** The most that one of the providers counted of its own minute so far, if any said. */
  usedWeight(): number | undefined
  /** Gives back what was not used. */
  close(): Promise<void>
}

/** The sources of a request, in the order in which they are asked. */
export function requestSources<V>(
  { upstream, calls, fallbacks = [] }: UpstreamRequest,
  work: Pick<Work<V>, 'upstream'>,
): readonly Source[] {
  return [{ upstream: upstream ?? work.upstream.name, calls }, ...fallbacks]
}

/** Budgets over the calls that some requests make when nothing fails. */
export function runBudgets<V>(
  requests: readonly UpstreamRequest[],
  state: RunState,
  work: Work<V>,
): RunBudgets {
  const opened = new Map<string, Promise<OpenBudget | Blocked>>()
  const budgets: Budget[] = []

  async function open(name: string): Promise<OpenBudget | Blocked> {
    const upstream = upstreamOf(name, work)
    const isFirst = upstream === work.upstream
    const { secretVersion: _ofFirst, ...others } = state
    const budget = await openBudget(
      expectedCalls(name, requests, work),
      callerOf(isFirst ? state : others),
      { ...work, upstream },
      isFirst ? state.upstreamState : undefined,
    )
    if (budget.status === 'refused') return budget
    budgets.push(budget)
    return { status: 'open', upstream, budget }
  }

  return {
    open(name) {
      const known = opened.get(name)
      if (known) return known
      const opening = open(name)
      opened.set(name, opening)
      return opening
    },

    usedWeight() {
      const weights = budgets.flatMap((budget) => budget.usedWeight() ?? [])
      return weights.length === 0 ? undefined : Math.max(...weights)
    },

    async close() {
      await Promise.allSettled(opened.values())
      await Promise.all(budgets.map((budget) => budget.close()))
    },
  }
}

/** Calls to make of a provider: where it is only asked in another one's place, as if it were. */
function expectedCalls<V>(name: string, requests: readonly UpstreamRequest[], work: Work<V>): number {
  const sources = requests.map((request) => requestSources(request, work))
  const count = (of: readonly (readonly Source[])[]) =>
    of
      .flat()
      .filter(({ upstream }) => upstream === name)
      .reduce((sum, { calls }) => sum + calls.length, 0)
  return count(sources.map((all) => all.slice(0, 1))) || count(sources)
}

function upstreamOf<V>(name: string, { job, upstream, otherUpstreams = [] }: Work<V>): Upstream {
  const found = [upstream, ...otherUpstreams].find((one) => one.name === name)
  if (found) return found
  const declared = job.upstreams.join(', ')
  throw new RefreshError('defect', `expected a request to one of ${declared}, got one to ${name}`)
}

/**
 * Who asks, when a run does. Readers of one key neither probe nor judge the provider, else one key that it always
 * fails on could stop all others.
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
    countsForBreaker: countsForBreaker(request),
    forOperator: request.cause === 'operator',
    ...(secretVersion === undefined ? {} : { secretVersion }),
  }
}

function countsForBreaker({ key, cause }: RunRequest): boolean {
  return key === undefined || cause === 'operator'
}

/**
 * The version of the secret as it is now, where the provider has refused one: a newer one is not bound by that.
 * `undefined` when none was refused or none can be had.
 */
export async function secretVersionAfterAuthFailure<V>(
  { coolDown }: Pick<UpstreamState, 'coolDown'>,
  { upstream, ports }: Omit<Work<V>, 'refresh'>,
): Promise<string | undefined> {
  if (coolDown?.secretVersion === undefined || !upstream.secret) return undefined
  try {
    return (await ports.secrets.get(upstream.secret.parameter)).version
  } catch (error) {
    ports.log.warn('Whether a refused secret was renewed cannot be told', { upstream: upstream.name, error })
    return undefined
  }
}
