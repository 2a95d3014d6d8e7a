import type { Facts } from '#shared/analysis/summaries/facts.ts'
import { hashOf } from '#shared/domain/codec.ts'
import type { SummaryKind } from './kinds.ts'

/** Id of the job that stores summaries. */
export const SUMMARIES = 'ai-summaries'

/** A summary as it is served. */
export interface Summary {
  readonly kind: SummaryKind
  /** A symbol, or `overall`. */
  readonly key: string
  readonly text: string
  /** A label that has to be shown with the text. */
  readonly generated: true
  /** Name of the model, as it is configured. */
  readonly model: string
  /** Source time of the facts. */
  readonly facts_as_of: string
}

/** A summary as it is stored: with the hash of its facts, by which a view knows whether it describes what it shows. */
export interface StoredSummary extends Summary {
  readonly facts_hash: string
}

/** The key of a summary: `macro:overall`. */
export function summaryKey(kind: SummaryKind, key: string): string {
  return `${kind}:${key}`
}

/** Identifies facts: the same figures, labels and dates have the same hash. */
export function factsHash(facts: Facts): string {
  return hashOf(JSON.stringify(facts))
}
