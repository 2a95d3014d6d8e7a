import { describe, expect, it } from 'vitest'
import { peggedPairs } from '#shared/analysis/pegged.ts'

const pair = (baseAsset: string, last: number, range: number, quoteAsset = 'USDT') => ({
  symbol: `${baseAsset}${quoteAsset}`,
  baseAsset,
  quoteAsset,
  last,
  high: last * (1 + range / 2),
  low: last * (1 - range / 2),
})

const MARKET = [
  pair('BTC', 91_000, 0.02),
  pair('ETH', 3_000, 0.03),
  pair('EUR', 1.08, 0.006),
  pair('USDT', 42.1, 0.005, 'TRY'),
]

const pegged = (extra: ReturnType<typeof pair>[], before: Parameters<typeof peggedPairs>[1] = new Map()) => [
  ...peggedPairs([...MARKET, ...extra], before),
]

describe('a token that behaves like money', () => {
  it.each([
    ['a new token of the dollar', pair('NUSD', 0.9991, 0.002)],
    ['a token of the euro, beside the pair of the euro', pair('EURN', 1.0805, 0.008)],
    ['a token of the lira, whose pair has it as quote', pair('TRYN', 1 / 42, 0.008)],
    ['a token of a currency without a pair, which hardly moves', pair('KGST', 0.01143, 0.004)],
  ])('is recognised: %s', (_, token) => {
    expect(pegged([token])).toEqual([token.symbol])
  })

  it.each([
    ['a coin on an ordinary day', pair('SOL', 150, 0.04)],
    ['a coin that costs a dollar and moves', pair('XRP', 1.002, 0.03)],
    ['a quiet coin beside no currency', pair('TRX', 0.31, 0.009)],
    ['gold on a quiet day', pair('PAXG', 4_100, 0.003)],
    ['a pair against another quote', pair('NUSD', 1, 0.001, 'BTC')],
  ])('is not %s', (_, token) => {
    expect(pegged([token])).toEqual([])
  })

  it('is none of a coin that hardly moved within a day, but since the day before', () => {
    const quiet = pair('BTC2', 90_000, 0.004)

    expect(pegged([quiet], new Map([['BTC2USDT', { last: 93_000, isPegged: false }]]))).toEqual([])
  })

  it('remains one on a day with more movement, while its price stays in place', () => {
    const storedAt = (last: number) => new Map([['KGSTUSDT', { last, isPegged: true }]])
    const token = pair('KGST', 0.01143, 0.009)

    expect(pegged([token], storedAt(0.01144))).toEqual(['KGSTUSDT'])
    expect(pegged([token], storedAt(0.013))).toEqual([])
  })
})
