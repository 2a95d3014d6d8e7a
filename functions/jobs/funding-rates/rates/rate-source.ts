import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import { instant, type NumberForm, orNull } from '#shared/upstreams/fields.ts'
import type { QuoteContext, VenueQuotes } from './rate-quotes.ts'

/** A call whose failure costs only its own body. */
interface OptionalCall extends Call {
  readonly optional: true
}

/** The body of each call, in order; `null` for an optional call that failed. */
export type Bodies = readonly (object | null)[]

/** The requests for one venue's rates, and the parser of its responses. Pure. */
export interface RateSource {
  readonly calls: readonly Call[]
  /** Further calls, derived from the bodies of `calls`. */
  readonly moreCalls?: (bodies: Bodies, context: QuoteContext) => readonly OptionalCall[]
  /**
   * @param bodies - of `calls`, then of `moreCalls`
   * @throws for a malformed body
   */
  readonly parse: (bodies: Bodies, context: QuoteContext) => VenueQuotes
}

/** The prices of a contract of which no trade is known. */
export const NO_TRADE_PRICES = { last: null, bid: null, ask: null } as const

/** Largest plausible magnitude of a rate: 10 % per settlement. */
export const MAX_RATE = 0.1

/** No venue settles less often than once a day. A row may be read some minutes after its settlement. */
export const settlement = (now: number, form: NumberForm) =>
  instant({ form, unit: 'ms', now, maxPastMs: 5 * MINUTE_MS, maxAheadMs: 24 * HOUR_MS + MINUTE_MS })

/** The venue's own time of a row. An older one belongs to a contract that is no longer traded. */
export const quoteTime = (now: number, form: NumberForm) =>
  orNull(instant({ form, unit: 'ms', now, maxPastMs: 30 * MINUTE_MS, maxAheadMs: 5 * MINUTE_MS }))
