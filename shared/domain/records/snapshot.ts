import type { Publication, Validator } from './publication.ts'

/** One finished member of a snapshot, with times of its own. Times are milliseconds since the Unix epoch. */
export interface SnapshotEntry {
  readonly key: string
  readonly asOf: number
  readonly fetchedAt: number
  readonly checkedAt: number
  readonly degraded: boolean
  readonly etag: string
  /** The provider that it is from. */
  readonly source?: string
  /** Finished JSON text. */
  readonly body: string
  readonly validator?: Validator
}

/** What readers see of a snapshot first: flipped last, so that they see a whole set or the other. */
export interface SnapshotHead extends Publication {
  readonly count: number
  readonly pages: number
  /** Names the immutable pages that belong to this head. */
  readonly version: string
  /** Until then the pages live: longer than the head, because an unchanged set keeps its pages. */
  readonly pagesUntil: number
  /** When the whole set was last confirmed without a new body: the time of every entry then. */
  readonly confirmedAt?: number
  /** What the job says of the whole set, as JSON. */
  readonly summary?: string
}
