import type { RefreshError } from '#shared/domain/errors.ts'
import { type Counts, type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import type { Totals } from './refresh.ts'
import type { KeyResult } from './run-state.ts'

/** The one outcome that follows from what became of the keys. Pure. */
export function conclude(results: readonly KeyResult[]): Outcome {
  const count = (what: KeyResult['result']) => results.filter(({ result }) => result === what).length
  const counts: Counts = {
    planned: results.length,
    published: count('published'),
    unchanged: count('unchanged'),
    superseded: count('superseded'),
    failed: count('failed'),
  }
  const failure = mostCommonFailure(results)
  if (failure && counts.failed === counts.planned) {
    return { status: 'failed', reason: failure.reason, message: failure.message, counts }
  }
  if (failure) return { status: 'partial', reason: failure.reason, message: failure.message, counts }
  if (counts.superseded === counts.planned)
    return skippedOutcome('superseded', 'a run with a higher fence has published')
  return { status: counts.published > 0 ? 'succeeded' : 'unchanged', counts }
}

/** The first failure of the reason that most keys share. */
function mostCommonFailure(results: readonly KeyResult[]): RefreshError | undefined {
  const groups = Map.groupBy(
    results.flatMap((one) => (one.result === 'failed' ? [one.error] : [])),
    (error) => error.reason,
  )
  const largest = [...groups.values()].sort((a, b) => b.length - a.length)[0]
  return largest?.[0]
}

/** What the requests of a run add up to. */
export interface RequestStats {
  readonly attempts: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  /** What the job says of the first value that passed. */
  readonly logMessage?: string
  /** What the values that passed add to the figures of the run. */
  readonly totals?: Totals
  /** The most that a provider counted of its own minute, in its own unit. */
  readonly usedWeight?: number
}

/** Nothing was asked. */
export const noRequestStats: RequestStats = { attempts: 0, retries: 0 }

/** Several tallies as one. */
export function mergeStats(tallies: readonly RequestStats[]): RequestStats {
  const logMessage = tallies.find((one) => one.logMessage !== undefined)?.logMessage
  const sums = tallies.flatMap((one) => (one.totals ? [one.totals] : []))
  const weights = tallies.flatMap(({ usedWeight }) => usedWeight ?? [])
  return {
    attempts: tallies.reduce((sum, { attempts }) => sum + attempts, 0),
    retries: tallies.reduce((sum, { retries }) => sum + retries, 0),
    ...(logMessage === undefined ? {} : { logMessage }),
    ...(sums.length === 0 ? {} : { totals: sums.reduce(addTotals) }),
    ...(weights.length === 0 ? {} : { usedWeight: Math.max(...weights) }),
  }
}

/** The sum of two sets of figures, name by name. */
export function addTotals(one: Totals, other: Totals): Totals {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]))
}
