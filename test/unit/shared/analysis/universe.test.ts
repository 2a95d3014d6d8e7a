import { describe, expect, it } from 'vitest'
import { type ListedPair, universe } from '#shared/analysis/universe.ts'

function pair(baseAsset: string, quoteVolume = 1, change: Partial<ListedPair> = {}): ListedPair {
  return {
    symbol: `${baseAsset}USDT`,
    baseAsset,
    quoteAsset: 'USDT',
    status: 'TRADING',
    quoteVolume,
    ...change,
  }
}

function symbolsOf(
  pairs: readonly ListedPair[],
  options: Partial<Parameters<typeof universe>[1]> = {},
): string[] {
  return universe(pairs, { size: 78, include: [], exclude: [], ...options }).symbols.map(
    ({ symbol }) => symbol,
  )
}

/** So many pairs, the first the most traded. */
const many = (count: number) => Array.from({ length: count }, (_, i) => pair(`C${i}`, count - i))

describe('the universe', () => {
  it('is the most traded pairs, equal trade by symbol', () => {
    const pairs = [pair('AAA', 5), pair('CCC', 9), pair('BBB', 5), pair('DDD', 1)]

    expect(symbolsOf(pairs, { size: 3 })).toEqual(['CCCUSDT', 'AAAUSDT', 'BBBUSDT'])
  })

  it('keeps what is stored of a pair', () => {
    const btc = pair('BTC', 12.5)

    expect(universe([btc], { size: 1, include: [], exclude: [] }).symbols).toEqual([btc])
  })

  it('has no rule for letters: digits and symbols outside ASCII are as good', () => {
    expect(symbolsOf([pair('1000PEPE', 3), pair('币安人生', 2), pair('S', 1)])).toEqual([
      '1000PEPEUSDT',
      '币安人生USDT',
      'SUSDT',
    ])
  })

  it('has pairs open for trade against USDT only', () => {
    const pairs = [
      pair('BTC'),
      pair('OLD', 9, { status: 'BREAK' }),
      pair('BTC', 9, { symbol: 'BTCEUR', quoteAsset: 'EUR' }),
    ]

    expect(symbolsOf(pairs)).toEqual(['BTCUSDT'])
  })

  it.each(['USDC', 'FDUSD', 'TUSD', 'BUSD', 'USDP', 'DAI', 'USDE', 'USD1', 'PYUSD', 'XUSD', 'AEUR'])(
    'has not the stable coin %s',
    (base) => {
      expect(symbolsOf([pair(base, 9), pair('BTC')])).toEqual(['BTCUSDT'])
    },
  )

  it.each(['EUR', 'GBP', 'TRY', 'BRL'])('has not the currency %s', (base) => {
    expect(symbolsOf([pair(base, 9), pair('BTC')])).toEqual(['BTCUSDT'])
  })

  it.each(['BTCUP', 'BTCDOWN', 'BTCBULL', 'BTCBEAR'])('has not the leveraged token %s', (base) => {
    expect(symbolsOf([pair(base, 9), pair('BTC')])).toEqual(['BTCUSDT'])
  })

  it.each(['JUP', 'SYRUP', 'UP', 'BULL', 'BTCUPS'])('has %s, which ends so but leverages nothing', (base) => {
    expect(symbolsOf([pair(base, 9), pair('BTC')])).toEqual([`${base}USDT`, 'BTCUSDT'])
  })

  it('adds what was named whatever it is, once, and in the order of trade', () => {
    const pairs = [
      pair('BTC', 9),
      pair('ETH', 8),
      pair('SOL', 7),
      pair('USDC', 8.5),
      pair('OLD', 0, { status: 'BREAK' }),
    ]

    const symbols = symbolsOf(pairs, { size: 1, include: ['OLDUSDT', 'USDCUSDT', 'BTCUSDT', 'OLDUSDT'] })

    expect(symbols).toEqual(['BTCUSDT', 'USDCUSDT', 'OLDUSDT'])
  })

  it('leaves out what is excluded, named or not, without a substitute', () => {
    const options = { size: 2, include: ['ETHUSDT', 'SOLUSDT'], exclude: ['BTCUSDT', 'SOLUSDT', 'NOPEUSDT'] }

    expect(symbolsOf([pair('BTC', 9), pair('ETH', 8), pair('SOL', 7)], options)).toEqual(['ETHUSDT'])
  })

  it('never has more than 200, and the least traded give way to the named ones', () => {
    const pairs = many(300)

    const symbols = symbolsOf(pairs, { size: 200, include: ['C250USDT', 'C299USDT', 'C3USDT'] })

    expect(symbols).toHaveLength(200)
    expect(symbols.slice(-3)).toEqual(['C197USDT', 'C250USDT', 'C299USDT'])
    expect(symbolsOf(pairs, { size: 0, include: pairs.map(({ symbol }) => symbol) })).toHaveLength(200)
  })

  it('lists what is valid, and which named symbols are not', () => {
    const pairs = [pair('BTC', 1), pair('OLD', 0, { status: 'BREAK' }), pair('USDC', 3)]

    const { valid, unknown, symbols } = universe(pairs, {
      size: 78,
      include: ['NOPEUSDT', 'GONEUSDT'],
      exclude: ['GONEUSDT'],
    })

    expect(valid).toEqual(['BTCUSDT', 'OLDUSDT', 'USDCUSDT'])
    expect(unknown).toEqual(['NOPEUSDT'])
    expect(symbols).toEqual([pairs[0]])
  })

  it('does not change its inputs', () => {
    const pairs = Object.freeze([pair('AAA', 1), pair('BBB', 2)])

    expect(symbolsOf(pairs)).toEqual(['BBBUSDT', 'AAAUSDT'])
  })

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('refuses a quoteVolume of %s', (volume) => {
    expect(() => symbolsOf([pair('BTC', volume)])).toThrow(
      `BTCUSDT: expected a quoteVolume of 0 or more, got ${volume}`,
    )
  })

  it.each([-1, 1.5, Number.NaN])('refuses a size of %s', (size) => {
    expect(() => symbolsOf([], { size })).toThrow(RangeError)
  })
})
