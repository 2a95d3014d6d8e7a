import { describe, expect, it } from 'vitest'
import { contractSources } from '#functions/jobs/funding-contracts/contract-sources.ts'
import { binanceFutures } from '#infra/local/simulated/binance-futures.ts'
import { bybit as recordedBybit } from '#infra/local/simulated/bybit.ts'
import type { SimulatedProvider } from '#infra/local/simulated/model/provider.ts'
import { okx as recordedOkx } from '#infra/local/simulated/okx.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import { selectContracts } from '#shared/systems/funding/contracts.ts'
import { roundedHours } from '#shared/upstreams/fields.ts'
import { contractsOf } from '#test/fakes/jobs/funding.ts'

const NOW = Date.UTC(2026, 10, 20, 12)

function simulatedBody(provider: SimulatedProvider, { path, query }: Call): object {
  return JSON.parse(provider(1, NOW, path, new URLSearchParams(query)).body)
}

const listed = (symbol: string, more: object = {}) => ({
  symbol,
  contractType: 'PERPETUAL',
  status: 'TRADING',
  quoteAsset: 'USDT',
  ...more,
})

const hoursOf = (symbol: string, conditions: object[]) =>
  contractSources.binance
    .parse(JSON.parse(JSON.stringify([{ symbols: [listed('AUSDT'), listed('BUSDT')] }, conditions])), [])
    .contracts.find((contract) => contract.symbol === symbol)?.intervalHours

describe('a funding interval', () => {
  it.each([
    [8, 8],
    [7.95, 8],
    [8.1, 8],
    [3.9, 4],
    [24.05, 24],
    [1.04, 1],
    [5.3, 5],
  ])('of %d hours counts as %i', (hours, whole) => {
    expect(roundedHours(hours)).toBe(whole)
  })

  it.each([0, 0.00001, -8, Number.NaN, Number.POSITIVE_INFINITY, 168])(
    'of %d hours is none (F77)',
    (hours) => {
      expect(roundedHours(hours)).toBeUndefined()
    },
  )
})

describe('the contracts that are selected', () => {
  const [good] = contractsOf('AUSDT')
  const all = [
    good,
    { ...good, symbol: 'BUSDT', status: 'SETTLING' },
    { ...good, symbol: 'CUSDT_261225', contractType: 'CURRENT_QUARTER' },
    { ...good, symbol: 'DUSDC', quote: 'USDC' },
    { ...good, symbol: 'EUSDT' },
  ] as ReturnType<typeof contractsOf>

  it('are perpetual, trading, and in a quote of the setting', () => {
    expect(selectContracts(all, ['USDT']).map(({ symbol }) => symbol)).toEqual(['AUSDT', 'EUSDT'])
    expect(selectContracts(all, ['USDT', 'USDC']).map(({ symbol }) => symbol)).toEqual([
      'AUSDT',
      'DUSDC',
      'EUSDT',
    ])
  })

  it('are only those that are named, where some are', () => {
    expect(selectContracts(all, ['USDT'], ['EUSDT', 'BUSDT', 'XUSDT'])).toEqual([
      expect.objectContaining({ symbol: 'EUSDT' }),
    ])
    expect(selectContracts(all, ['USDT'], [])).toEqual([])
  })
})

describe('Binance’s contracts', () => {
  it('settle every eight hours unless their conditions say otherwise', () => {
    expect(hoursOf('AUSDT', [])).toBe(8)
    expect(hoursOf('AUSDT', [{ symbol: 'BUSDT', fundingIntervalHours: 4 }])).toBe(8)
    expect(hoursOf('BUSDT', [{ symbol: 'BUSDT', fundingIntervalHours: 4 }])).toBe(4)
  })

  it.each([null, undefined, 0, -4, '4', true, [4]])('have no interval for a value of %j', (value) => {
    expect(hoursOf('AUSDT', [{ symbol: 'AUSDT', fundingIntervalHours: value }])).toBeNull()
  })

  it('keep every word of the exchange, also of what is not selected', () => {
    const dated = listed('AUSDT_261225', { contractType: 'CURRENT_QUARTER', status: 'SETTLING' })

    expect(contractSources.binance.parse([{ symbols: [dated], timezone: 'UTC' }, []], []).contracts).toEqual([
      {
        symbol: 'AUSDT_261225',
        nativeSymbol: 'AUSDT_261225',
        status: 'SETTLING',
        contractType: 'CURRENT_QUARTER',
        quote: 'USDT',
        intervalHours: 8,
        isIntervalListed: false,
      },
    ])
  })

  it.each([
    ['no list of contracts', [{}, []]],
    ['a list in place of the exchange', [[], []]],
    ['conditions that are no list', [{ symbols: [listed('AUSDT')] }, {}]],
    ['no conditions', [{ symbols: [listed('AUSDT')] }]],
  ])('are refused with %s', (_, bodies) => {
    expect(() => contractSources.binance.parse(bodies, [])).toThrow()
  })

  it('of the stand-in are read: some six hundred, of all four intervals', () => {
    const { calls, parse } = contractSources.binance

    const { contracts } = parse(
      calls.map((call) => simulatedBody(binanceFutures, call)),
      [],
    )
    const selected = selectContracts(contracts, ['USDT'])

    expect(contracts).toHaveLength(600)
    expect(selected.length).toBeGreaterThan(580)
    expect(new Set(selected.map(({ intervalHours }) => intervalHours))).toEqual(new Set([1, 2, 4, 8]))
    expect(selected.map(({ symbol }) => symbol)).toEqual(expect.arrayContaining(['1000PEPEUSDT', '示例USDT']))
    expect(selectContracts(contracts, ['USDC'])).toHaveLength(2)
  })
})

const page = (nextPageCursor: string | null, ...symbols: string[]) => ({
  retCode: 0,
  result: {
    nextPageCursor,
    list: symbols.map((symbol) => ({
      symbol,
      contractType: 'LinearPerpetual',
      status: 'Trading',
      baseCoin: symbol.replace(/USDT$|PERP$/, ''),
      quoteCoin: symbol.endsWith('PERP') ? 'USDC' : 'USDT',
      fundingInterval: 240,
    })),
  },
})

describe('Bybit’s contracts', () => {
  const { calls, nextPage, parse } = contractSources.bybit

  it('are asked for page by page, with the cursor of the last one', () => {
    const first = page('first%3DA%26last%3DB', 'AUSDT')

    expect(calls).toEqual([
      { path: '/v5/market/instruments-info', query: { category: 'linear', limit: '1000' } },
    ])
    expect(nextPage?.([first])?.query).toEqual({
      category: 'linear',
      limit: '1000',
      cursor: 'first%3DA%26last%3DB',
    })
    expect(nextPage?.([first, page('', 'BUSDT')])).toBeUndefined()
    expect(nextPage?.([page(null, 'AUSDT')])).toBeUndefined()
    expect(nextPage?.([{ result: {} }])).toBeUndefined()
  })

  it('end with a page without contracts, whatever its cursor', () => {
    const bodies = [page('x1', 'AUSDT', 'BUSDT'), page('')]

    expect(nextPage?.(bodies)).toBeUndefined()
    expect(nextPage?.([page('x1', 'AUSDT'), page('x2')])).toBeUndefined()
    expect(parse(bodies, []).contracts).toHaveLength(2)
  })

  it('end at a cursor that repeats, with what is there', () => {
    const bodies = [page('again', 'AUSDT'), page('again', 'AUSDT', 'BUSDT')]

    expect(nextPage?.(bodies.slice(1))).toBeDefined()
    expect(nextPage?.(bodies)).toBeUndefined()
    expect(parse(bodies, []).contracts.map(({ symbol }) => symbol)).toEqual(['AUSDT', 'BUSDT'])
  })

  it('are named by base and quote, and settle as many minutes apart as they say', () => {
    const dated = page('', 'A-25DEC26')
    Object.assign(dated.result.list[0] ?? {}, {
      contractType: 'LinearFutures',
      baseCoin: 'A',
      fundingInterval: 0,
    })

    const { contracts } = parse([page('next', 'AUSDT', 'APERP'), dated], [])

    expect(
      contracts.map((one) => [one.symbol, one.nativeSymbol, one.contractType, one.intervalHours]),
    ).toEqual([
      ['AUSDT', 'AUSDT', 'PERPETUAL', 4],
      ['AUSDC', 'APERP', 'PERPETUAL', 4],
      ['A-25DEC26', 'A-25DEC26', 'LinearFutures', null],
    ])
    expect(selectContracts(contracts, ['USDT'])).toHaveLength(1)
  })

  it.each([
    ['a page without result', [{}]],
    ['no page', [[]]],
  ])('are refused with %s', (_, bodies) => {
    expect(() => parse(bodies, [])).toThrow()
  })

  it('of the stand-in are read', () => {
    const bodies = calls.map((call) => simulatedBody(recordedBybit, call))

    const { contracts } = parse(bodies, [])

    expect(nextPage?.(bodies)).toBeUndefined()
    expect(selectContracts(contracts, ['USDT'])).toHaveLength(539)
    expect(selectContracts(contracts, ['USDC']).map(({ symbol }) => symbol)).toEqual(['BTCUSDC', 'ETHUSDC'])
    expect(selectContracts(contracts, ['USDT']).every(({ intervalHours }) => intervalHours !== null)).toBe(
      true,
    )
  })
})

describe('OKX’s contracts', () => {
  const { calls, parse } = contractSources.okx

  it('are named by base and quote; inverse ones keep their own word', () => {
    const bodies = [
      {
        data: [
          { instId: 'BTC-USDT-SWAP', state: 'live', ctType: 'linear' },
          { instId: 'BTC-USD-SWAP', state: 'live', ctType: 'inverse' },
          { instId: 'ETH-USDT-SWAP', state: 'suspend', ctType: 'linear' },
        ],
      },
    ]

    const { contracts } = parse(bodies, [])

    expect(contracts.map((one) => [one.symbol, one.status, one.contractType, one.quote])).toEqual([
      ['BTCUSDT', 'TRADING', 'PERPETUAL', 'USDT'],
      ['BTC-USD-SWAP', 'TRADING', 'inverse', 'USD'],
      ['ETHUSDT', 'suspend', 'PERPETUAL', 'USDT'],
    ])
    expect(contracts[0]).toMatchObject({ nativeSymbol: 'BTC-USDT-SWAP', intervalHours: null })
  })

  it('are lost without their state, and counted (F77)', () => {
    const { contracts, lost } = parse([{ data: [{ instId: 'BTC-USDT-SWAP', ctType: 'linear' }] }], [])

    expect(contracts).toEqual([])
    expect(lost).toEqual([{ name: 'BTC-USDT-SWAP', message: 'state: expected a word, got nothing' }])
  })

  it('of the stand-in are read', () => {
    const { contracts } = parse(
      calls.map((call) => simulatedBody(recordedOkx, call)),
      [],
    )

    expect(selectContracts(contracts, ['USDT'])).toHaveLength(279)
    expect(contracts.map(({ symbol }) => symbol)).toContain('PEPEUSDT')
  })
})
