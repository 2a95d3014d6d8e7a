/** A pair with its 24 h volume in the quote asset. */
export interface ListedPair extends Pair {
  readonly quoteVolume: number
}

interface UniverseOptions {
  /** Number of the most traded pairs. */
  readonly size: number
  /** Symbols to include regardless of volume, quote asset and kind. */
  readonly include: readonly string[]
  /** Symbols to exclude; takes precedence over `include`. */
  readonly exclude: readonly string[]
}

interface Universe {
  /** By volume, largest first; equal volumes by symbol. Contains the included ones. */
  readonly symbols: readonly ListedPair[]
  /** All symbols that the exchange lists, in its order. */
  readonly valid: readonly string[]
  /** Included symbols that the exchange does not list; they are ignored. */
  readonly unknown: readonly string[]
}

const MAX_SYMBOLS = 200

/**
 * The pairs to analyse: the most traded crypto pairs against USDT with status TRADING, and the included ones. At most
 * 200; included pairs replace those with the smallest volume.
 *
 * Symbols may contain any characters: `1000PEPEUSDT` and symbols outside ASCII are legal.
 *
 * @throws {RangeError} when a quoteVolume is negative or not finite, or `size` is not a whole number of 0 or more
 */
export function universe(
  pairs: readonly ListedPair[],
  { size, include, exclude }: UniverseOptions,
): Universe {
  checkPairs(pairs, size)
  const bySymbol = new Map(pairs.map((pair) => [pair.symbol, pair]))
  const excluded = new Set(exclude)
  const includedSymbols = [...new Set(include)].filter((symbol) => !excluded.has(symbol))
  const included = includedSymbols.flatMap((symbol) => bySymbol.get(symbol) ?? []).slice(0, MAX_SYMBOLS)
  const others = cryptoPairs([...bySymbol.values()])
    .toSorted(byVolume)
    .slice(0, size)
    .filter((pair) => !included.includes(pair) && !excluded.has(pair.symbol))
  return {
    symbols: [...others.slice(0, MAX_SYMBOLS - included.length), ...included].sort(byVolume),
    valid: [...bySymbol.keys()],
    unknown: includedSymbols.filter((symbol) => !bySymbol.has(symbol)),
  }
}

/** A pair as it is stored; `quote_volume` of 24 hours in the quote asset. */
export interface StoredPair {
  readonly symbol: string
  readonly base_asset: string
  readonly quote_asset: string
  readonly status: string
  readonly quote_volume: number | null
  readonly pegged?: boolean
}

/** The symbols to analyse of stored pairs, the most traded first. A pair of unknown volume comes last. */
export function analysedSymbols(pairs: readonly StoredPair[], options: UniverseOptions): readonly string[] {
  const rankable = pairs.map((pair) => ({
    symbol: pair.symbol,
    baseAsset: pair.base_asset,
    quoteAsset: pair.quote_asset,
    status: pair.status,
    quoteVolume: pair.quote_volume ?? 0,
    isPegged: pair.pegged ?? isCash(pair.base_asset),
  }))
  return universe(rankable, options).symbols.map((pair) => pair.symbol)
}

function checkPairs(pairs: readonly ListedPair[], size: number): void {
  if (!Number.isInteger(size) || size < 0) throw new RangeError(`expected a size of 0 or more, got ${size}`)
  const invalid = pairs.find(({ quoteVolume }) => !(Number.isFinite(quoteVolume) && quoteVolume >= 0))
  if (!invalid) return
  throw new RangeError(`${invalid.symbol}: expected a quoteVolume of 0 or more, got ${invalid.quoteVolume}`)
}

function byVolume(a: ListedPair, b: ListedPair): number {
  return b.quoteVolume - a.quoteVolume || (a.symbol < b.symbol ? -1 : 1)
}

/** A pair of the exchange's list. */
export interface Pair {
  readonly symbol: string
  readonly baseAsset: string
  readonly quoteAsset: string
  readonly status: string
  /** Whether its base asset behaves like money: {@link peggedPairs}. */
  readonly isPegged?: boolean
}

const QUOTE = 'USDT'
const TRADING = 'TRADING'
const LEVERAGED = /^(.+)(?:UP|DOWN|BULL|BEAR)$/u

/**
 * Selects the pairs of crypto currencies against USDT with status TRADING, in their order, without cash equivalents and
 * leveraged tokens.
 *
 * @param pairs - the exchange's whole list: the name of a leveraged token contains another base asset of the list
 */
export function cryptoPairs<P extends Pair>(pairs: readonly P[]): readonly P[] {
  const bases = new Set(pairs.map(({ baseAsset }) => baseAsset))
  return pairs
    .filter(({ status, quoteAsset }) => status === TRADING && quoteAsset === QUOTE)
    .filter(({ baseAsset, isPegged }) => !isPegged && !isCash(baseAsset) && !isLeveraged(baseAsset, bases))
}

/** Whether the name of an asset is known to be money, or a token that stands for it. */
export function isCash(asset: string): boolean {
  return CASH_EQUIVALENTS.has(asset)
}

/** Whether a name is another base asset with a direction: `BTCUP`, but not `JUP`. */
function isLeveraged(base: string, bases: ReadonlySet<string>): boolean {
  const underlying = LEVERAGED.exec(base)?.[1]
  return underlying !== undefined && bases.has(underlying)
}

const STABLE_COINS =
  'USDT USDC FDUSD TUSD BUSD USDP PAX DAI USDE USD1 PYUSD RLUSD USDS USDSB USDD BFUSD XUSD GUSD SUSD ' +
  'AEUR EURI IDRT BIDR BKRW BVND'

const FIAT = 'USD EUR GBP AUD CHF JPY KRW TRY BRL RUB UAH NGN ZAR PLN RON CZK ARS MXN COP IDR VND'

/** Currencies against which, or of which, exchanges list pairs. */
export const FIAT_CURRENCIES: ReadonlySet<string> = new Set(FIAT.split(' '))

/**
 * Assets whose price does not follow the crypto market: fiat currencies, and tokens pegged to one unit of one. Gold tokens
 * are not among them.
 */
const CASH_EQUIVALENTS: ReadonlySet<string> = new Set(`${STABLE_COINS} ${FIAT}`.split(' '))
