import type { LostRow } from '#shared/upstreams/rows.ts'

/** What a job could not use of an answer that it accepted. A run with any of it is partial. */
export interface Review {
  /** Rows, or parts of rows, that are left out of the value; members that a snapshot misses are in `Members.missing`. */
  readonly lost: readonly LostRow[]
  /** Why lists are not believed; what was stored stays in their place. */
  readonly distrusted: readonly string[]
}

/** The reviews of a run in a size that fits its record. */
export interface ReviewSummary {
  readonly lost: number
  /** The first names of lost rows. */
  readonly names: readonly string[]
  /** The first reason for a lost row. */
  readonly firstLoss?: string
  /** Each reason once. */
  readonly distrusted: readonly string[]
}

/** Number of lost rows that a run names. */
export const MAX_NAMED = 10

const MAX_DISTRUSTED = 5

/** The summary of one review; `undefined` when everything was used. */
export function summarizeReview({ lost, distrusted }: Review): ReviewSummary | undefined {
  const [first] = lost
  if (!first && distrusted.length === 0) return undefined
  const summary = { lost: lost.length, names: lost.slice(0, MAX_NAMED).map(nameOf), distrusted }
  return first ? { ...summary, firstLoss: `${nameOf(first)}: ${first.message}` } : summary
}

function nameOf({ name }: LostRow): string {
  return name ?? '(unnamed)'
}

/** The summary of two summaries. */
export function mergeReviews(a: ReviewSummary, b: ReviewSummary): ReviewSummary {
  const firstLoss = a.firstLoss ?? b.firstLoss
  return {
    lost: a.lost + b.lost,
    names: [...a.names, ...b.names].slice(0, MAX_NAMED),
    distrusted: [...new Set([...a.distrusted, ...b.distrusted])].slice(0, MAX_DISTRUSTED),
    ...(firstLoss === undefined ? {} : { firstLoss }),
  }
}

/** A review on one line, for the message of an outcome. */
export function reviewText({ lost, firstLoss, distrusted }: ReviewSummary): string {
  const losses =
    lost === 0 ? [] : [`${lost} ${lost === 1 ? 'row is' : 'rows are'} lost, the first: ${firstLoss}`]
  return [...distrusted.map((reason) => `not believed: ${reason}`), ...losses].join('; ')
}
