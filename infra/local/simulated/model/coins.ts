import { hashFraction } from './seeded-values.ts'

/** One coin with a futures contract. */
export interface Coin {
  /** `BTC`; `1000PEPE` where a contract is for a thousand coins. */
  readonly base: string
  /** Mean price in USDT. */
  readonly price: number
  /** Mean volume of a day in USDT. */
  readonly volume: number
  /** Whether its funding rate is high enough for the monitor, and changes within hours. */
  readonly hasHighFunding: boolean
}

/** Real coins with plausible prices. */
const REAL_COINS: readonly (readonly [base: string, price: number, volume: number])[] = [
  ['BTC', 92_000, 15e9],
  ['ETH', 3_050, 12e9],
  ['SOL', 138, 4e9],
  ['XRP', 2.1, 2e9],
  ['DOGE', 0.155, 1.2e9],
  ['BNB', 890, 8e8],
  ['ADA', 0.47, 5e8],
  ['LTC', 92, 3e8],
  ['1000PEPE', 0.0048, 6e8],
  ['示例', 0.12, 4e7],
]

const SYLLABLES = ['BA', 'CO', 'DU', 'FI', 'GE', 'HO', 'JA', 'KI', 'LU', 'MO', 'NE', 'PA', 'QUI', 'RO', 'SU']
const MORE_SYLLABLES = ['TA', 'VI', 'WE', 'XO', 'YU', 'ZE', 'ARK', 'EX', 'INU', 'OR', 'UM']
const ALL_SYLLABLES = [...SYLLABLES, ...MORE_SYLLABLES]

/** One of this many invented coins has a high funding rate. */
const HIGH_FUNDING_EVERY = 70

/**
 * The coins of a seed: real ones first, then invented ones of two syllables.
 *
 * @param count - at most 660
 */
export function coins(seed: number, count: number): readonly Coin[] {
  const real = REAL_COINS.map(([base, price, volume]) => ({ base, price, volume, hasHighFunding: false }))
  const invented = ALL_SYLLABLES.flatMap((first) =>
    ALL_SYLLABLES.filter((last) => last !== first).map((last) => first + last),
  )
  return [...real, ...invented.map((base, index) => inventedCoin(seed, base, index))].slice(0, count)
}

function inventedCoin(seed: number, base: string, index: number): Coin {
  const price = 10 ** (5 * hashFraction(`price ${base} ${seed}`) - 3)
  const hasHighFunding = index % HIGH_FUNDING_EVERY === 3
  const volume = hasHighFunding ? 3e7 : 10 ** (5.2 + 3 * hashFraction(`volume ${base} ${seed}`))
  return { base, price, volume, hasHighFunding }
}
