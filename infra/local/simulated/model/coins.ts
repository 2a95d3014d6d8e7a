import { hashFraction } from './seeded-values.ts'

/** One coin that futures exist of. */
export interface Coin {
  /** `BTC`; `1000PEPE` where a contract is on a thousand of them. */
  readonly base: string
  /** In USDT, about which it moves. */
  readonly price: number
  /** Traded in a day, in USDT, about which it moves. */
  readonly volume: number
  /** Its funding rate rises and falls by the hour, high enough to be noticed. */
  readonly hasHighFunding: boolean
}

/** Coins that everybody knows, with prices of plausible size. */
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

/** So far apart are hot coins among the invented ones. */
const HIGH_FUNDING_EVERY = 70

/**
 * Coins of one world, the known ones first, then invented ones of two syllables.
 *
 * @param count - at most 660
 */
export function coins(seed: number, count: number): readonly Coin[] {
  const known = REAL_COINS.map(([base, price, volume]) => ({ base, price, volume, hasHighFunding: false }))
  const invented = ALL_SYLLABLES.flatMap((first) =>
    ALL_SYLLABLES.filter((last) => last !== first).map((last) => first + last),
  )
  return [...known, ...invented.map((base, index) => inventedCoin(seed, base, index))].slice(0, count)
}

function inventedCoin(seed: number, base: string, index: number): Coin {
  const price = 10 ** (5 * hashFraction(`price ${base} ${seed}`) - 3)
  const hasHighFunding = index % HIGH_FUNDING_EVERY === 3
  const volume = hasHighFunding ? 3e7 : 10 ** (5.2 + 3 * hashFraction(`volume ${base} ${seed}`))
  return { base, price, volume, hasHighFunding }
}
