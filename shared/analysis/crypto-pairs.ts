import { CASH_EQUIVALENTS } from './quasi-cash.ts'

/** A pair as the exchange lists it. */
export interface Pair {
  readonly symbol: string
  readonly baseAsset: string
  readonly quoteAsset: string
  readonly status: string
}

const QUOTE = 'USDT'
const TRADING = 'TRADING'
const LEVERAGED = /^(.+)(?:UP|DOWN|BULL|BEAR)$/u

/**
 * The pairs of crypto currencies against USDT that are open for trade, in their order: neither money against money, nor
 * tokens with a lever in them.
 *
 * @param pairs - all that the exchange lists: a leveraged token is known by the asset that it is named after
 */
export function cryptoPairs<P extends Pair>(pairs: readonly P[]): readonly P[] {
  const bases = new Set(pairs.map(({ baseAsset }) => baseAsset))
  return pairs
    .filter(({ status, quoteAsset }) => status === TRADING && quoteAsset === QUOTE)
    .filter(({ baseAsset }) => !CASH_EQUIVALENTS.has(baseAsset) && !isLeveraged(baseAsset, bases))
}

/** A token named after another base asset and a direction: `BTCUP`, but not `JUP`. */
function isLeveraged(base: string, bases: ReadonlySet<string>): boolean {
  const underlying = LEVERAGED.exec(base)?.[1]
  return underlying !== undefined && bases.has(underlying)
}
