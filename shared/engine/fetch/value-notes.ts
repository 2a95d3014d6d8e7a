import { defined } from '#shared/domain/defined.ts'
import type { AcceptContext, LoggedBreach, Totals } from '../model/refresh.ts'
import { addTotals, type RequestStats } from '../model/results.ts'
import { mergeReviews, type ReviewSummary } from '../model/review.ts'
import type { Work } from '../model/run-state.ts'
import { withheldError, withheldReview } from './personal-data.ts'

/** What a run notes of its valid values for its record and its log line, beside the values themselves. */
export class ValueNotes<V> {
  readonly #work: Work<V>
  readonly #breaches: LoggedBreach[] = []
  #logMessage: string | undefined
  #totals: Totals | undefined
  #review: ReviewSummary | undefined

  constructor(work: Work<V>) {
    this.#work = work
  }

  /** @param hasPersonalData - whether the notes may have no part of the value */
  add(
    value: V,
    context: AcceptContext<V>,
    review: ReviewSummary | undefined,
    hasPersonalData: boolean,
  ): void {
    const { refresh } = this.#work
    this.#logMessage ??= refresh.logMessages?.success?.(value)
    this.#addTotals(value, context, hasPersonalData)
    if (review) this.#addReview(hasPersonalData ? withheldReview(review) : review)
    this.#breaches.push(...(refresh.breaches?.(value, context) ?? []))
  }

  stats(): Pick<RequestStats, 'logMessage' | 'totals' | 'review' | 'breaches'> {
    return defined({
      logMessage: this.#logMessage,
      totals: this.#totals,
      review: this.#review,
      breaches: this.#breaches.length === 0 ? undefined : this.#breaches,
    })
  }

  /** A value whose totals cannot be computed is still published. */
  #addTotals(value: V, context: AcceptContext<V>, hasPersonalData: boolean): void {
    const { job, refresh, ports } = this.#work
    try {
      const totals = refresh.totals?.(value, context)
      if (totals) this.#totals = addTotals(this.#totals ?? {}, totals)
    } catch (thrown) {
      const error = hasPersonalData ? withheldError(thrown) : thrown
      ports.log.warn('The totals of a value cannot be computed', { job: job.id, key: context.key, error })
    }
  }

  #addReview(review: ReviewSummary): void {
    this.#review = this.#review ? mergeReviews(this.#review, review) : review
  }
}
