import { isoSeconds, offsetAt } from '#shared/domain/time.ts'

/** What readers get: a value, a value that is labelled as stale, nothing any more, nothing yet. */
export const DATA_STATES = ['fresh', 'stale', 'gone', 'never'] as const

export type DataState = (typeof DATA_STATES)[number]

/** Why data are as old as they are, from the obstacle that is nearest to the next run to the one that is furthest from it. */
export const CAUSE_CODES = [
  'fresh',
  'off',
  'upstream-off',
  'paused',
  'cool-down',
  'full-minute',
  'quota-exhausted',
  'circuit-open',
  'running',
  'key-excluded',
  'not-at-source',
  'input-missing',
  'failing',
  'key-failed',
  'key-postponed',
  'skipped',
  'missed',
  'input-old',
  'purged',
  'invalidated',
  'keys-failed',
  'older-answer',
  'source-late',
  'key-not-refreshed',
  'never-ran',
  'on-demand',
  'tick-due',
  'between-ticks',
] as const

export type CauseCode = (typeof CAUSE_CODES)[number]

/** What happens next. `none`: nothing, until an operator acts. */
export const NEXT_CODES = ['none', 'run-ends', 'tick', 'first-run', 'input-refreshed', 'reader'] as const

type NextCode = (typeof NEXT_CODES)[number]

/**
 * One plain sentence. `text` is for everyone; `details` continue it for operators only: actors, reasons in free text and
 * what a provider answered.
 */
export interface Line<Code extends string> {
  readonly code: Code
  readonly text: string
  readonly details?: string
}

/** The next event. `at` is in milliseconds since the epoch; absent when it has no time. */
export interface NextEvent extends Line<NextCode> {
  readonly at?: number
}

/** One figure of the records, with the path of the operators' API that has more. */
export interface Fact {
  readonly name: string
  readonly value: string
  readonly link?: string
}

/** Why the data of a job, or the value of one key, are as old as they are, and what happens next. */
export interface Explanation {
  readonly job: string
  readonly key?: string
  readonly state: DataState
  readonly cause: Line<CauseCode>
  readonly next: NextEvent
  /** For operators only. */
  readonly facts: readonly Fact[]
  /** Those of its inputs that are not fresh. */
  readonly inputs: readonly Explanation[]
}

/** A time as sentences have it: in UTC, and in the zone of the job if that is another one. */
export function timeText(at: number, zone = 'UTC'): string {
  if (zone === 'UTC') return isoSeconds(at)
  const local = isoSeconds(at + offsetAt(zone, at))
    .slice(0, 16)
    .replace('T', ' ')
  return `${local} in ${zone} (${isoSeconds(at)})`
}
