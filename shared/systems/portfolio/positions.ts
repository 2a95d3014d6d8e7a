import type { Position } from '#shared/analysis/portfolio/position-value.ts'
import type { OperatorData } from '#shared/domain/records/operator-record.ts'

/** Name of the record under which operators store their positions. */
export const POSITIONS = 'positions'

/** Positions, and when they were last put; `undefined` for those of the configuration. */
export interface Portfolio {
  readonly positions: readonly Position[]
  readonly changedAt?: number
}

/** A symbol of a position: capitals, digits, dot and hyphen. */
export const POSITION_SYMBOL = /^[A-Z0-9.-]{1,15}$/

/**
 * The positions that operators have stored, else the symbols of the setting `PORTFOLIO_SYMBOLS`, which are only watched.
 */
export function portfolioOf(
  operatorData: ReadonlyMap<string, OperatorData>,
  configured: readonly string[],
): Portfolio {
  const stored = operatorData.get(POSITIONS)
  // the operations function has validated what is stored
  if (stored) return { positions: stored.data as unknown as readonly Position[], changedAt: stored.changedAt }
  return {
    positions: configured.map((symbol) => ({ symbol, quantity: null, avg_cost: null, currency: null })),
  }
}

/** The symbols to refresh: those that are watched or held. */
export function activeSymbols({ positions }: Portfolio): readonly string[] {
  return positions.filter(isActive).map(({ symbol }) => symbol)
}

function isActive({ quantity }: Position): boolean {
  return quantity === null || Number(quantity) > 0
}
