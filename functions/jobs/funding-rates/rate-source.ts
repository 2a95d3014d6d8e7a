import type { Call } from '#shared/engine/model/refresh.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'
import type { VenueQuotes } from './rate-reading.ts'

/** A call whose failure loses its body and nothing else. */
interface OptionalCall extends Call {
  readonly optional: true
}

/** The body of each call in order; `null` for an optional one that failed. */
export type Bodies = readonly (object | null)[]

/** How one venue is asked for the rates of contracts, and how its answers are read. Pure. */
export interface RateSource {
  readonly calls: readonly Call[]
  /** What to ask once the answers to `calls` are there. */
  readonly moreCalls?: (bodies: Bodies, asked: readonly Contract[]) => readonly OptionalCall[]
  /**
   * @param bodies - answers to `calls`, then to `moreCalls`
   * @param asked - the contracts wanted
   * @param now - milliseconds since the epoch
   * @throws for a body that has not the declared shape
   */
  readonly parse: (bodies: Bodies, asked: readonly Contract[], now: number) => VenueQuotes
}
