/** A pair with its trade of the last 24 hours in the quote asset. */
export interface ListedPair extends Pair {
  readonly quoteVolume: number
}

interface UniverseOptions {
  /** How many of the most traded pairs. */
  readonly size: number
  /** Symbols that are wanted whatever their trade, their quote asset and their kind. */
  readonly include: readonly string[]
  /** Symbols that are not wanted, even where they are included. */
  readonly exclude: readonly string[]
}

interface Universe {
  /** The most traded first, included ones among them; equal trade is ordered by symbol. */
  readonly symbols: readonly ListedPair[]
  /** Every symbol that the exchange lists, in its order. */
  readonly valid: readonly string[]
  /** Included symbols that it does not list: they are left out. */
  readonly unknown: readonly string[]
}

const MAX_SYMBOLS = 200

/**
 * The pairs to be analysed: the most traded crypto pairs against USDT that are open for trade, and those that an
 * operator named. At most 200; where that is too few, the least traded give way to the named ones.
 *
 * Symbols are never matched against letters: `1000PEPEUSDT` and symbols outside ASCII are as good as others.
 *
 * @throws {RangeError} when a quoteVolume is no number of 0 or more, or `size` is not a whole number of 0 or more
 */
export function universe(
  pairs: readonly ListedPair[],
  { size, include, exclude }: UniverseOptions,
): Universe {
  checkPairs(pairs, size)
  const bySymbol = new Map(pairs.map((pair) => [pair.symbol, pair]))
  const isExcluded = new Set(exclude)
  const wanted = [...new Set(include)].filter((symbol) => !isExcluded.has(symbol))
  const named = wanted.flatMap((symbol) => bySymbol.get(symbol) ?? []).slice(0, MAX_SYMBOLS)
  const others = mostTraded([...bySymbol.values()])
    .slice(0, size)
    .filter((pair) => !named.includes(pair) && !isExcluded.has(pair.symbol))
  return {
    symbols: [...others.slice(0, MAX_SYMBOLS - named.length), ...named].sort(byTrade),
    valid: [...bySymbol.keys()],
    unknown: wanted.filter((symbol) => !bySymbol.has(symbol)),
  }
}

function checkPairs(pairs: readonly ListedPair[], size: number): void {
  if (!Number.isInteger(size) || size < 0) throw new RangeError(`expected a size of 0 or more, got ${size}`)
  const wrong = pairs.find(({ quoteVolume }) => !(Number.isFinite(quoteVolume) && quoteVolume >= 0))
  if (!wrong) return
  throw new RangeError(`${wrong.symbol}: expected a quoteVolume of 0 or more, got ${wrong.quoteVolume}`)
}

function mostTraded(pairs: readonly ListedPair[]): readonly ListedPair[] {
  return cryptoPairs(pairs).toSorted(byTrade)
}

function byTrade(a: ListedPair, b: ListedPair): number {
  return b.quoteVolume - a.quoteVolume || (a.symbol < b.symbol ? -1 : 1)
}

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

const STABLE_COINS =
  'USDT USDC FDUSD TUSD BUSD USDP PAX DAI USDE USD1 PYUSD RLUSD USDS USDSB USDD BFUSD XUSD GUSD SUSD ' +
  'AEUR EURI IDRT BIDR BKRW BVND'

const FIAT = 'USD EUR GBP AUD CHF JPY KRW TRY BRL RUB UAH NGN ZAR PLN RON CZK ARS MXN COP IDR VND'

/**
 * Assets that stand for money, so that their price says nothing of the crypto market: fiat currencies, and tokens that
 * promise to be worth one unit of one. Gold tokens are not among them.
 */
export const CASH_EQUIVALENTS: ReadonlySet<string> = new Set(`${STABLE_COINS} ${FIAT}`.split(' '))
