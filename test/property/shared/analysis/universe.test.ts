import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ListedPair, universe } from '#shared/analysis/universe.ts'

const anyBase = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'BTC',
      'ETH',
      'JUP',
      'BTCUP',
      'ETHBEAR',
      'USDC',
      'EUR',
      '1000PEPE',
      '币安人生',
    ),
  },
  { weight: 5, arbitrary: fc.nat(400).map((number) => `C${number}`) },
)

const anyPair: fc.Arbitrary<ListedPair> = fc
  .record({
    baseAsset: anyBase,
    quoteAsset: fc.constantFrom('USDT', 'USDT', 'USDT', 'BTC'),
    status: fc.constantFrom('TRADING', 'TRADING', 'TRADING', 'BREAK'),
    quoteVolume: fc.nat(50),
  })
  .map((pair) => ({ ...pair, symbol: pair.baseAsset + pair.quoteAsset }))

const anyPairs = fc.uniqueArray(anyPair, { selector: ({ symbol }) => symbol, maxLength: 400, size: 'max' })
const anySymbols = fc.array(
  anyPair.map(({ symbol }) => symbol),
  { maxLength: 30 },
)
const anyOptions = fc.record({
  size: fc.integer({ min: 0, max: 200 }),
  include: anySymbols,
  exclude: anySymbols,
})

describe('the universe', () => {
  it('does not depend on the order in which the exchange lists its pairs', () => {
    fc.assert(
      fc.property(anyPairs, anyOptions, (pairs, options) => {
        const { symbols } = universe(pairs, options)

        expect(universe(pairs.toReversed(), options).symbols).toEqual(symbols)
      }),
    )
  })

  it('has every named symbol that is listed and not excluded, nothing twice, nothing excluded, at most 200', () => {
    fc.assert(
      fc.property(anyPairs, anyOptions, (pairs, options) => {
        const { symbols, valid, unknown } = universe(pairs, options)

        const names = symbols.map(({ symbol }) => symbol)
        const excluded = new Set(options.exclude)
        const expected = options.include.filter((symbol) => !excluded.has(symbol))
        expect(new Set(names).size).toBe(names.length)
        expect(names.length).toBeLessThanOrEqual(200)
        expect(names.filter((name) => excluded.has(name) || !valid.includes(name))).toEqual([])
        expect(expected.filter((name) => !names.includes(name) && !unknown.includes(name))).toEqual([])
        expect(unknown.filter((name) => valid.includes(name) || !expected.includes(name))).toEqual([])
      }),
    )
  })

  it('has a symbol without a name in the options only where it trades, and not more than the size', () => {
    fc.assert(
      fc.property(anyPairs, anyOptions, (pairs, options) => {
        const { symbols } = universe(pairs, options)

        const others = symbols.filter(({ symbol }) => !options.include.includes(symbol))
        expect(others.length).toBeLessThanOrEqual(options.size)
        expect(others.every(({ status, quoteAsset }) => status === 'TRADING' && quoteAsset === 'USDT')).toBe(
          true,
        )
        expect(others.filter(({ baseAsset }) => ['USDC', 'EUR'].includes(baseAsset))).toEqual([])
      }),
    )
  })
})
