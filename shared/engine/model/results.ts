import { defined } from '#shared/domain/defined.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { type Counts, failedOutcome, type Outcome, skippedOutcome } from '#shared/domain/outcome.ts'
import { isoText } from '#shared/domain/time.ts'
import type { LoggedBreach, Totals } from './refresh.ts'
import { mergeReviews, type ReviewSummary, reviewText } from './review.ts'
import type { KeyResult, Unfinished } from './run-state.ts'

/**
 * The outcome of a run, from the results of its keys and what it could not use of its answers.
 *
 * @param unfinished - why the next run has to continue its work
 */
export function conclude(
  results: readonly KeyResult[],
  review?: ReviewSummary,
  unfinished?: Unfinished,
): Outcome {
  if (unfinished && results.length === 0) return failedOutcome(unfinished)
  const counts = countResults(results)
  const failure = mostCommonFailure(results)
  const doubt = review && reviewText(review)
  if (failure) {
    const message = [failure.message, ...(doubt === undefined ? [] : [doubt])].join('; ')
    const details = { reason: failure.reason, message, counts }
    return counts.failed === counts.planned
      ? { status: 'failed', ...details }
      : { status: 'partial', ...details }
  }
  if (counts.superseded === counts.planned)
    return skippedOutcome('superseded', 'a run with a higher fence has published')
  if (doubt !== undefined) return { status: 'partial', reason: 'rejected', message: doubt, counts }
  if (unfinished) return { status: 'partial', reason: unfinished.reason, message: unfinished.message, counts }
  if (counts.published > 0) return { status: 'succeeded', counts }
  return { status: 'unchanged', counts, ...defined({ message: ignoredText(results) }) }
}

/** What an unchanged run kept and what it did not take; `undefined` when each stored value was confirmed. */
function ignoredText(results: readonly KeyResult[]): string | undefined {
  const all = results.flatMap((result) =>
    'ignored' in result && result.ignored ? [{ ...result, ...result.ignored }] : [],
  )
  const [first] = all
  if (first === undefined) return undefined
  const more = all.length === 1 ? '' : `, and so for ${all.length - 1} more`
  return `${first.key}: kept the stored value of ${isoText(first.storedAsOf)}, did not take the older one of ${isoText(first.fetchedAsOf)}${more}`
}

/** Number of keys per result. */
export function countResults(results: readonly KeyResult[]): Counts {
  const count = (status: KeyResult['status']) => results.filter((result) => result.status === status).length
  return {
    planned: results.length,
    published: count('published'),
    unchanged: count('unchanged'),
    superseded: count('superseded'),
    failed: count('failed'),
  }
}

/** The first failure of the most common reason. */
function mostCommonFailure(results: readonly KeyResult[]): RefreshError | undefined {
  const errors = results.flatMap((result) => (result.status === 'failed' ? [result.error] : []))
  const groups = [...Map.groupBy(errors, ({ reason }) => reason).values()]
  return groups.sort((a, b) => b.length - a.length)[0]?.[0]
}

/** Statistics of the requests of a run. */
export interface RequestStats {
  readonly attempts: number
  /** Attempts beyond the first one of each call. */
  readonly retries: number
  /** Slow responses of upstreams; none when absent. */
  readonly slow?: number
  /** The job's log message for the first valid value. */
  readonly logMessage?: string
  /** Sums over the valid values. */
  readonly totals?: Totals
  /** The largest count of its own minute that a provider reported, in its own unit. */
  readonly usedWeight?: number
  /** What could not be used of the answers. */
  readonly review?: ReviewSummary
  /** Conditions that the valid values show. */
  readonly breaches?: readonly LoggedBreach[]
}

/** Statistics of a run without requests. */
export const noRequestStats: RequestStats = { attempts: 0, retries: 0 }

export function mergeStats(stats: readonly RequestStats[]): RequestStats {
  const totals = stats.flatMap((part) => (part.totals ? [part.totals] : []))
  const breaches = stats.flatMap((part) => part.breaches ?? [])
  const reviews = stats.flatMap(({ review }) => review ?? [])
  const total = (name: 'attempts' | 'retries' | 'slow') =>
    stats.reduce((sum, part) => sum + (part[name] ?? 0), 0)
  const weights = stats.flatMap(({ usedWeight }) => usedWeight ?? [])
  return {
    attempts: total('attempts'),
    retries: total('retries'),
    slow: total('slow'),
    ...defined({
      logMessage: stats.find(({ logMessage }) => logMessage !== undefined)?.logMessage,
      totals: totals.length === 0 ? undefined : totals.reduce(addTotals),
      usedWeight: weights.length === 0 ? undefined : Math.max(...weights),
      review: reviews.length === 0 ? undefined : reviews.reduce(mergeReviews),
      breaches: breaches.length === 0 ? undefined : breaches,
    }),
  }
}

/** The sum of two totals, name by name. */
export function addTotals(a: Totals, b: Totals): Totals {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]))
}

/** The source confirmed a value that another run has removed or replaced meanwhile. */
export function missingConfirmedValue(): RefreshError {
  return new RefreshError('store', 'the value that the source confirmed is no longer stored')
}
