import type { Upstream } from '#shared/declare/upstream.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { askerOf } from './budget/asker.ts'
import type { Budget } from './budget/budget.ts'
import { openBudget } from './budget/open-budget.ts'
import type { Refusal } from './budget/reserve.ts'
import type { RunState, Work } from './context.ts'
import type { Request, Source } from './refresh.ts'

/** A provider that may be asked, and this run's part of what it allows. */
interface Opened {
  readonly status: 'open'
  readonly upstream: Upstream
  readonly budget: Budget
}

/** The budgets of one run, each opened when its provider is first needed. */
export interface Budgets {
  /**
   * @throws {RefreshError} `store` when the table does not answer; `defect` for a provider that the job does not declare
   */
  of(name: string): Promise<Opened | Refusal>
  /** The most that one of the providers counted of its own minute so far, if any said. */
  weight(): number | undefined
  /** Gives back what was not used. */
  close(): Promise<void>
}

/** The sources of a request, in the order in which they are asked. */
export function sourcesOf<V>(
  { upstream, calls, otherwise = [] }: Request,
  work: Pick<Work<V>, 'upstream'>,
): readonly Source[] {
  return [{ upstream: upstream ?? work.upstream.name, calls }, ...otherwise]
}

/** Budgets over the calls that some requests make when nothing fails. */
export function budgetsOf<V>(requests: readonly Request[], state: RunState, work: Work<V>): Budgets {
  const opened = new Map<string, Promise<Opened | Refusal>>()
  const budgets: Budget[] = []

  async function open(name: string): Promise<Opened | Refusal> {
    const upstream = upstreamOf(name, work)
    const isFirst = upstream === work.upstream
    const { secretVersion: _ofFirst, ...others } = state
    const budget = await openBudget(
      expectedCalls(name, requests, work),
      askerOf(isFirst ? state : others),
      { ...work, upstream },
      isFirst ? state.upstreamState : undefined,
    )
    if (budget.status === 'refused') return budget
    budgets.push(budget)
    return { status: 'open', upstream, budget }
  }

  return {
    of(name) {
      const known = opened.get(name)
      if (known) return known
      const opening = open(name)
      opened.set(name, opening)
      return opening
    },

    weight() {
      const weights = budgets.flatMap((budget) => budget.weight() ?? [])
      return weights.length === 0 ? undefined : Math.max(...weights)
    },

    async close() {
      await Promise.allSettled(opened.values())
      await Promise.all(budgets.map((budget) => budget.close()))
    },
  }
}

/** Calls to make of a provider: where it is only asked in another one's place, as if it were. */
function expectedCalls<V>(name: string, requests: readonly Request[], work: Work<V>): number {
  const sources = requests.map((request) => sourcesOf(request, work))
  const count = (of: readonly (readonly Source[])[]) =>
    of
      .flat()
      .filter(({ upstream }) => upstream === name)
      .reduce((sum, { calls }) => sum + calls.length, 0)
  return count(sources.map((all) => all.slice(0, 1))) || count(sources)
}

function upstreamOf<V>(name: string, { job, upstream, others = [] }: Work<V>): Upstream {
  const found = [upstream, ...others].find((one) => one.name === name)
  if (found) return found
  const declared = job.upstreams.join(', ')
  throw new RefreshError('defect', `expected a request to one of ${declared}, got one to ${name}`)
}
