/** The upstream of each venue that funding rates come from, by the venue's documented name. */
export const VENUE_UPSTREAMS = { binance: 'binance-futures', bybit: 'bybit', okx: 'okx' } as const

/** A venue by its documented name. */
export type Venue = keyof typeof VENUE_UPSTREAMS
