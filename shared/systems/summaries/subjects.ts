import type { Facts } from '#shared/analysis/summaries/facts.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import { RISK_KEY } from '../macro/risk-key.ts'
import { SUMMARY_KINDS, type SummaryKind } from './kinds.ts'
import { macroFacts } from './macro-facts.ts'
import { fundamentalFacts, positionFacts, technicalFacts } from './portfolio-facts.ts'
import { summaryKey } from './summary-record.ts'

/** Something to summarise. */
interface Subject {
  readonly kind: SummaryKind
  /** A symbol, or `overall`. */
  readonly key: string
}

/** Something to summarise, with what is stored of it. */
export interface StoredSubject extends Subject {
  readonly facts: Facts
  /** Source time of the facts, in milliseconds since the epoch. */
  readonly asOf: number
}

/** What is stored of other jobs, by job and key. */
type StoredItems = ReadonlyMap<
  string,
  ReadonlyMap<string, { readonly data: JsonValue; readonly asOf: number }>
>

interface Source {
  /** The job that stores the figures. */
  readonly job: string
  /** The facts of a stored record; `undefined` when it lacks the figure that matters most. */
  factsOf(data: JsonValue): Facts | undefined
}

/** The source of each kind. The jobs have validated what they store. */
const SOURCES: Readonly<Record<SummaryKind, Source>> = {
  macro: source('macro-risk', macroFacts),
  position: source('position-scores', positionFacts),
  technical: source('technical', technicalFacts),
  fundamental: source('fundamental', fundamentalFacts),
}

function source<R>(job: string, factsOf: (record: R) => Facts | undefined): Source {
  return { job, factsOf: (data) => factsOf(data as unknown as R) }
}

/** What the kinds have to summarise, in the order of kinds: the macro risk, then the symbols of each kind. */
export function subjectsOf(kinds: readonly SummaryKind[], symbols: readonly string[]): readonly Subject[] {
  return SUMMARY_KINDS.filter((kind) => kinds.includes(kind)).flatMap((kind) =>
    (kind === 'macro' ? [RISK_KEY] : symbols).map((key) => ({ kind, key })),
  )
}

/** The keys of some subjects: those of their summaries, and those of what is stored of them. */
export function keysOf(subjects: readonly Subject[]): readonly string[] {
  return [...new Set(subjects.flatMap(({ kind, key }) => [summaryKey(kind, key), key]))]
}

/** A subject with its facts; `undefined` when nothing is stored that could be summarised. */
export function storedSubject({ kind, key }: Subject, items: StoredItems): StoredSubject | undefined {
  const { job, factsOf } = SOURCES[kind]
  const item = items.get(job)?.get(key)
  const facts = item && factsOf(item.data)
  return item && facts && { kind, key, facts, asOf: item.asOf }
}
