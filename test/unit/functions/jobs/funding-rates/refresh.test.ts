import { describe, expect, it, test } from 'vitest'
import { contractSources } from '#functions/jobs/funding-contracts/contract-sources.ts'
import {
  checkRateSet,
  type QuoteContext,
  type VenueQuotes,
} from '#functions/jobs/funding-rates/rates/rate-quotes.ts'
import { intervalCounts, toRateRecord } from '#functions/jobs/funding-rates/rates/rate-record.ts'
import type { Bodies } from '#functions/jobs/funding-rates/rates/rate-source.ts'
import { rateSources } from '#functions/jobs/funding-rates/rates/rate-sources.ts'
import { binanceFutures } from '#infra/local/simulated/binance-futures.ts'
import { bybit as recordedBybit } from '#infra/local/simulated/bybit.ts'
import { simulatedProviders } from '#infra/local/simulated/index.ts'
import type { SimulatedProvider } from '#infra/local/simulated/model/provider.ts'
import { okx as recordedOkx } from '#infra/local/simulated/okx.ts'
import type { Call } from '#shared/engine/model/refresh.ts'
import { type Contract, selectContracts } from '#shared/systems/funding/contracts.ts'
import { VENUE_UPSTREAMS, type Venue } from '#shared/systems/funding/venues.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { AT, contractsOf, rateRecordOf } from '#test/fakes/jobs/funding.ts'

const DUE = Date.UTC(2026, 10, 20, 16)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** As it comes over the wire: what is undefined is not there. */
function sent<T>(bodies: T): T {
  return JSON.parse(JSON.stringify(bodies))
}

const premium = (more: object = {}) => ({
  symbol: 'BTCUSDT',
  markPrice: '91234.50000000',
  indexPrice: '91240.10000000',
  estimatedSettlePrice: '91230.00000000',
  lastFundingRate: '0.00010000',
  interestRate: '0.00010000',
  nextFundingTime: DUE,
  time: AT,
  ...more,
})
const ticker = (symbol = 'BTCUSDT', quoteVolume: unknown = '15000000000.00') => ({
  symbol,
  volume: '164000',
  quoteVolume,
})

const requestFor = (requested: readonly Contract[], now = AT): QuoteContext => ({
  requested,
  storedVolumes: new Map(),
  now,
})

function readBinance(
  rows: object[],
  requested = contractsOf('BTCUSDT'),
  tickers: object[] = [ticker()],
  more: Partial<QuoteContext> & { readonly intervals?: object[] } = {},
): VenueQuotes {
  const { intervals = [], ...context } = more
  return rateSources.binance.parse(sent([rows, tickers, intervals]), { ...requestFor(requested), ...context })
}

/** The symbols that a reading misses. */
const missingOf = ({ missing }: VenueQuotes) => missing.map(({ symbol }) => symbol)

describe('a record', () => {
  it('is the documented one', () => {
    const { quotes, rejected, missing } = readBinance([premium()])

    expect([rejected, missing]).toEqual([0, []])
    expect(quotes.map((quote) => toRateRecord('binance', quote))).toEqual([
      {
        symbol: 'BTCUSDT',
        exchange: 'binance',
        funding_rate: '0.0001',
        next_funding_time: '2026-11-20T16:00:00Z',
        funding_interval: '8h',
        interval_hours: 8,
        mark_price: '91234.5',
        index_price: '91240.1',
        volume_24h: '15000000000',
        annualized_rate: '0.1095',
        rate_8h: '0.0001',
        last_updated: '2026-11-20T15:04:06Z',
        data_source: 'real_time',
        note: null,
      },
    ])
  })

  it.each([
    ['0.0001', 8, '0.1095', '0.0001'],
    ['0.0001', 4, '0.219', '0.0002'],
    ['0.0001', 1, '0.876', '0.0008'],
    ['-0.0028', 4, '-6.132', '-0.0056'],
    ['0', 8, '0', '0'],
    ['-0.0000000000001', 12, '-0.0000000001', '0'],
    ['0.00000000001', 24, '0.0000000036', '0'],
    ['-0.00000000001', 24, '-0.0000000036', '0'],
    ['0.0000792386885340', 8, '0.0867663639', '0.0000792387'],
  ])(
    'of the rate %s every %i hours is %s a year and %s in eight hours',
    (rate, intervalHours, year, eight) => {
      const { annualized_rate, rate_8h } = rateRecordOf('AUSDT', rate, '1', { intervalHours })

      expect([annualized_rate, rate_8h]).toEqual([year, eight])
    },
  )

  it('counts by interval, the shortest first', () => {
    const records = [8, 1, 12, 8, 4].map((intervalHours, index) =>
      rateRecordOf(`A${index}USDT`, '0.0001', '1', { intervalHours }),
    )

    expect(Object.entries(intervalCounts(records))).toEqual([
      ['1h', 1],
      ['4h', 1],
      ['8h', 2],
      ['12h', 1],
    ])
  })
})

describe('Binance’s rates', () => {
  it('are two calls for the whole market, and an optional one for the intervals', () => {
    expect(rateSources.binance.calls).toEqual([
      { path: '/fapi/v1/premiumIndex' },
      { path: '/fapi/v1/ticker/24hr' },
      { path: '/fapi/v1/fundingInfo', optional: true },
    ])
    expect(rateSources.binance.moreCalls).toBeUndefined()
  })

  it('of a dated contract are dropped and counted, never zero', () => {
    const dated = premium({ symbol: 'BTCUSDT_261225', lastFundingRate: '', nextFundingTime: 0 })

    const { quotes, rejected, missing } = readBinance([premium(), dated])

    expect(quotes.map(({ symbol }) => symbol)).toEqual(['BTCUSDT'])
    expect(rejected).toBe(1)
    expect(missing).toEqual([])
  })

  it.each([
    ['an empty rate', { lastFundingRate: '' }, 'lastFundingRate: expected a rate'],
    ['a blank rate', { lastFundingRate: ' ' }, 'lastFundingRate: expected a rate'],
    ['no rate', { lastFundingRate: undefined }, 'lastFundingRate: expected a rate'],
    ['a null rate', { lastFundingRate: null }, 'lastFundingRate: expected a rate'],
    ['a rate in words', { lastFundingRate: 'None' }, 'lastFundingRate: expected a rate'],
    ['a rate that is a JSON number', { lastFundingRate: 0.0001 }, 'lastFundingRate: expected a rate'],
    ['a rate with a percent sign', { lastFundingRate: '0.01%' }, 'lastFundingRate: expected a rate'],
    ['a settlement at 0', { nextFundingTime: 0 }, 'nextFundingTime: expected a time'],
    ['a settlement in text', { nextFundingTime: String(DUE) }, 'nextFundingTime: expected a time'],
    ['no settlement', { nextFundingTime: undefined }, 'nextFundingTime: expected a time'],
    ['a settlement beyond all calendars', { nextFundingTime: 9e15 }, 'nextFundingTime: expected a time'],
    [
      'a settlement over five minutes ago',
      { nextFundingTime: AT - 5 * MINUTE - 1 },
      'nextFundingTime: expected a time',
    ],
    ['a rate above 10 %', { lastFundingRate: '0.10000001' }, 'lastFundingRate: expected a rate'],
    ['a rate below -10 %', { lastFundingRate: '-0.11' }, 'lastFundingRate: expected a rate'],
    [
      'a settlement in 9999 (F77)',
      { nextFundingTime: 253_402_300_799_999 },
      'nextFundingTime: expected a time',
    ],
    ['a mark price of 1e308 (F77)', { markPrice: '1e308' }, 'markPrice: expected a price'],
    ['an index price of -1 (F77)', { indexPrice: '-1' }, 'indexPrice: expected a price'],
    ['prices that contradict each other (F78)', { indexPrice: '9' }, 'expected an index price close to'],
    ['a time of nine hours ago (F78)', { time: AT - 9 * HOUR }, 'time: expected a time'],
    ['no mark price', { markPrice: '' }, 'markPrice: expected a price'],
    ['a mark price of zero', { markPrice: '0.00000000' }, 'markPrice: expected a price'],
    ['a negative mark price', { markPrice: '-1' }, 'markPrice: expected a price'],
    ['a time over five minutes ahead', { time: AT + 5 * MINUTE + 1 }, 'time: expected a time'],
  ])('with %s are lost, counted and named', (_, more, message) => {
    const { quotes, rejected, missing } = readBinance([premium(more)])

    expect([quotes, rejected]).toEqual([[], 1])
    expect(missing).toEqual([{ symbol: 'BTCUSDT', message: expect.stringContaining(message) }])
  })

  it.each([
    ['a rate of exactly 10 %', { lastFundingRate: '0.1' }, { rate: '0.1' }],
    ['a rate of zero', { lastFundingRate: '0.00000000' }, { rate: '0' }],
    ['a rate with an exponent', { lastFundingRate: '-1.5e-4' }, { rate: '-0.00015' }],
    [
      'a settlement five minutes ago',
      { nextFundingTime: AT - 5 * MINUTE },
      { nextFundingTime: AT - 5 * MINUTE },
    ],
    ['no index price', { indexPrice: '' }, { indexPrice: null }],
    ['no time of its own', { time: undefined }, { at: AT }],
  ])('with %s are kept', (_, more, expected) => {
    expect(readBinance([premium(more)]).quotes).toMatchObject([expected])
  })

  it.each([
    ['an empty', [ticker('BTCUSDT', '')]],
    ['no', [{ symbol: 'BTCUSDT' }]],
    ['a numeric', [ticker('BTCUSDT', 5)]],
    ['not the contract’s', [ticker('ETHUSDT')]],
  ])('with %s quote volume have none', (_, tickers) => {
    expect(readBinance([premium()], contractsOf('BTCUSDT'), tickers).quotes).toMatchObject([{ volume: null }])
  })

  it('leave out contracts that were not requested, name missing ones, and take the first of two rows', () => {
    const rows = [premium(), premium({ lastFundingRate: '0.5' }), premium({ symbol: 'BTCUSDC' })]

    const { quotes, rejected, missing } = readBinance(rows, contractsOf('BTCUSDT', 'ETHUSDT'))

    expect(quotes).toMatchObject([{ symbol: 'BTCUSDT', rate: '0.0001' }])
    expect(rejected).toBe(1)
    expect(missing).toMatchObject([{ symbol: 'ETHUSDT' }])
  })

  it('settle at the interval of the list, else at that of the contract', () => {
    const [contract] = contractsOf('BTCUSDT') as [Contract]
    const listed = [{ symbol: 'BTCUSDT', fundingIntervalHours: 4 }]

    expect(readBinance([premium()], [contract], [ticker()], { intervals: listed }).quotes).toMatchObject([
      { intervalHours: 4, isDegraded: false },
    ])
    expect(readBinance([premium()]).quotes).toMatchObject([{ intervalHours: 8 }])
  })

  it.each([
    ['further ahead than the interval', 1, Date.UTC(2026, 10, 20, 19)],
    ['off the grid of the interval', 8, Date.UTC(2026, 10, 20, 20)],
  ])(
    'have no figure from an interval that the next settlement contradicts: it is %s (F78)',
    (_, hours, at) => {
      const [contract] = contractsOf('BTCUSDT') as [Contract]
      const stored = { ...contract, intervalHours: hours, isIntervalListed: true }
      const listed = [{ symbol: 'BTCUSDT', fundingIntervalHours: hours }]

      const { quotes, lost } = readBinance([premium({ nextFundingTime: at })], [stored], [ticker()], {
        intervals: listed,
      })
      const [quote] = quotes

      expect(quote).toMatchObject({ intervalHours: null, isDegraded: true })
      expect(quote && toRateRecord('binance', quote)).toMatchObject({
        funding_interval: null,
        annualized_rate: null,
        rate_8h: null,
        funding_rate: '0.0001',
      })
      expect(lost).toEqual([{ name: 'BTCUSDT', message: expect.stringContaining('interval: expected') }])
    },
  )

  it.each([
    ['comes empty', []],
    ['has lost most of its rows', [{ symbol: 'AUSDT', fundingIntervalHours: 4 }]],
  ])('keep the stored intervals when the list of intervals %s (F76)', (_, intervals) => {
    const stored = contractsOf('AUSDT', 'BUSDT', 'CUSDT').map((contract) => ({
      ...contract,
      intervalHours: 1,
      isIntervalListed: true,
    }))
    const rows = stored.map(({ symbol }) => premium({ symbol }))

    const reading = readBinance(
      rows,
      stored,
      stored.map(({ symbol }) => ticker(symbol)),
      { intervals },
    )

    expect(reading.quotes.map(({ intervalHours }) => intervalHours)).toEqual([1, 1, 1])
    expect(reading.distrusted).toEqual([
      expect.stringContaining('intervals: expected at least 2 rows after 3'),
    ])
  })

  it('keep their last volumes, with their time, when the list of volumes is cut (F76)', () => {
    const requested = contractsOf('AUSDT', 'BUSDT', 'CUSDT')
    const storedVolumes = new Map([['AUSDT', { volume: '7', note: 'volume_24h is of 2026-11-20T15:00:00Z' }]])

    const reading = readBinance(
      requested.map(({ symbol }) => premium({ symbol })),
      requested,
      [ticker('XUSDT', '1')],
      { storedVolumes },
    )

    expect(reading.quotes).toMatchObject([
      { symbol: 'AUSDT', volume: '7', note: 'volume_24h is of 2026-11-20T15:00:00Z', isDegraded: true },
      { symbol: 'BUSDT', volume: null, isDegraded: true },
      { symbol: 'CUSDT', volume: null, isDegraded: true },
    ])
    expect(reading.distrusted).toEqual(['volumes: expected at least 2 of 3 expected rows, got 0'])
  })

  it.each([
    ['an object', premium(), [ticker()]],
    ['no list of volumes', [premium()], {}],
  ])('are refused with %s', (_, rows, tickers) => {
    expect(() =>
      rateSources.binance.parse(sent([rows, tickers, []]), requestFor(contractsOf('BTCUSDT'))),
    ).toThrow()
  })
})

const bybitBody = (more: object = {}, envelope: object = {}) => ({
  retCode: 0,
  result: {
    category: 'linear',
    list: [
      {
        symbol: 'BTCUSDT',
        lastPrice: '16597.00',
        markPrice: '16596.00',
        indexPrice: '16598.54',
        fundingRate: '-0.001034',
        nextFundingTime: String(DUE),
        fundingIntervalHour: '4',
        turnover24h: '2352.94950046',
        volume24h: '49337318',
        ...more,
      },
    ],
  },
  time: AT,
  ...envelope,
})

describe('Bybit’s rates', () => {
  const read = (body: object) =>
    rateSources.bybit.parse(sent([body]), requestFor(contractsOf('BTCUSDT'), AT + MINUTE))

  it('are one call, at the time of the envelope, with the turnover as volume', () => {
    expect(rateSources.bybit.calls).toEqual([{ path: '/v5/market/tickers', query: { category: 'linear' } }])
    expect(read(bybitBody()).quotes).toEqual([
      {
        symbol: 'BTCUSDT',
        rate: '-0.001034',
        nextFundingTime: DUE,
        intervalHours: 4,
        markPrice: '16596',
        indexPrice: '16598.54',
        volume: '2352.94950046',
        at: AT,
        note: null,
        isDegraded: false,
      },
    ])
  })

  it('of an older body settle at the interval of the contract', () => {
    expect(read(bybitBody({ fundingIntervalHour: undefined })).quotes).toMatchObject([{ intervalHours: 8 }])
    expect(read(bybitBody({ fundingIntervalHour: '' })).quotes).toMatchObject([{ intervalHours: 8 }])
  })

  it.each([
    ['a dated contract', { fundingRate: '', nextFundingTime: '' }, 'fundingRate: expected'],
    ['no settlement', { nextFundingTime: '0' }, 'nextFundingTime: expected'],
    ['a settlement as number', { nextFundingTime: DUE }, 'nextFundingTime: expected'],
    ['an impossible interval', { fundingIntervalHour: '0.00001' }, 'fundingIntervalHour: expected'],
  ])('of %s are lost and counted (F77)', (_, more, message) => {
    expect(read(bybitBody(more))).toMatchObject({
      quotes: [],
      rejected: 1,
      missing: [{ symbol: 'BTCUSDT', message: expect.stringContaining(message) }],
    })
  })

  it('without a time of the envelope have that of the reading', () => {
    expect(read(bybitBody({}, { time: undefined })).quotes).toMatchObject([{ at: AT + MINUTE }])
  })

  it('are refused without a list', () => {
    expect(() => read({ retCode: 0, result: {} })).toThrow()
  })
})

const swap = (symbol: string): Contract => ({
  ...(contractsOf(symbol)[0] as Contract),
  nativeSymbol: symbol.replace('USDT', '-USDT-SWAP'),
  intervalHours: null,
})
const swapTicker = (instId: string, coins: unknown, last: unknown = '2') => ({
  instId,
  last,
  volCcy24h: coins,
})
const swapMark = (instId: string, markPx: unknown = '2.01') => ({ instId, markPx })
const swapRate = (instId: string, more: object = {}) => ({
  code: '0',
  data: [
    {
      instId,
      fundingRate: '0.0000792386885340',
      fundingTime: String(DUE),
      nextFundingTime: String(DUE + 8 * HOUR),
      ts: String(AT),
      ...more,
    },
  ],
})

describe('OKX’s rates', () => {
  const requested = [swap('AUSDT'), swap('BUSDT'), swap('CUSDT')]
  const market: Bodies = [
    { data: [swapTicker('A-USDT-SWAP', '10'), swapTicker('B-USDT-SWAP', '30.5')] },
    { data: [swapMark('A-USDT-SWAP'), swapMark('B-USDT-SWAP')] },
  ]

  it('are one optional call for each contract, the most traded first', () => {
    const { calls, moreCalls } = rateSources.okx

    expect(calls.map(({ path, query }) => [path, query])).toEqual([
      ['/api/v5/market/tickers', { instType: 'SWAP' }],
      ['/api/v5/public/mark-price', { instType: 'SWAP' }],
    ])
    expect(moreCalls?.(market, requestFor(requested))).toEqual(
      ['B-USDT-SWAP', 'A-USDT-SWAP', 'C-USDT-SWAP'].map((instId) => ({
        path: '/api/v5/public/funding-rate',
        query: { instId },
        optional: true,
      })),
    )
    expect(moreCalls?.(market, requestFor([swap('BUSDT')]))).toHaveLength(1)
  })

  it('are due at fundingTime, with the volume in coins times the last price', () => {
    const { quotes } = rateSources.okx.parse([...market, swapRate('B-USDT-SWAP')], requestFor(requested))

    expect(quotes).toEqual([
      {
        symbol: 'BUSDT',
        rate: '0.000079238688534',
        nextFundingTime: DUE,
        intervalHours: 8,
        markPrice: '2.01',
        indexPrice: null,
        volume: '61',
        at: AT,
        note: 'volume_24h is the volume in coins times the last price',
        isDegraded: false,
      },
    ])
  })

  it('of a failed call and of an unknown instrument are missing, the others are kept', () => {
    const bodies = [...market, swapRate('A-USDT-SWAP'), null, { code: '0', data: [] }]

    const reading = rateSources.okx.parse(bodies, requestFor(requested))

    expect(reading.quotes.map(({ symbol }) => symbol)).toEqual(['AUSDT'])
    expect(reading.rejected).toBe(0)
    expect(missingOf(reading)).toEqual(['BUSDT', 'CUSDT'])
  })

  it.each([
    ['an empty rate', { fundingRate: '' }, 'fundingRate: expected'],
    ['no rate', { fundingRate: undefined }, 'fundingRate: expected'],
    [
      'a settlement after the next that is past',
      { nextFundingTime: String(AT - 1) },
      'nextFundingTime: expected',
    ],
    ['no settlement', { fundingTime: '' }, 'fundingTime: expected'],
  ])('with %s are lost and counted', (_, more, message) => {
    const bodies = sent([...market, swapRate('A-USDT-SWAP', more)])
    const { rejected, missing } = rateSources.okx.parse(bodies, requestFor(requested))

    expect(rejected).toBe(1)
    expect(missing).toContainEqual({ symbol: 'AUSDT', message: expect.stringContaining(message) })
  })

  it('without a settlement after the next have no interval, and no figure from it (F78)', () => {
    const bodies = sent([...market, swapRate('A-USDT-SWAP', { nextFundingTime: '' })])

    expect(rateSources.okx.parse(bodies, requestFor(requested)).quotes).toMatchObject([
      { symbol: 'AUSDT', intervalHours: null, isDegraded: true },
    ])
  })

  it.each([
    ['no volume', swapTicker('A-USDT-SWAP', '')],
    ['no last price', swapTicker('A-USDT-SWAP', '10', '')],
  ])('with %s have no volume and no note on it', (_, row) => {
    const others = [swapTicker('B-USDT-SWAP', '1')]
    const bodies = [{ data: [row, ...others] }, market[1] ?? null, swapRate('A-USDT-SWAP')]

    expect(rateSources.okx.parse(bodies, requestFor(requested)).quotes).toMatchObject([
      { volume: null, note: null },
    ])
  })

  it('are of the 200 contracts that are traded most; of the others none is missing', () => {
    const many = Array.from({ length: 250 }, (_, index) => swap(`C${index}USDT`))
    const tickers = {
      data: many.map(({ nativeSymbol }, index) => swapTicker(nativeSymbol, String(index + 1))),
    }
    const marks = { data: many.map(({ nativeSymbol }) => swapMark(nativeSymbol)) }

    const calls = rateSources.okx.moreCalls?.([tickers, marks], requestFor(many)) ?? []
    const bodies = calls.map(({ query }) => swapRate(query?.['instId'] ?? ''))
    const { quotes, missing } = rateSources.okx.parse([tickers, marks, ...bodies], requestFor(many))

    expect(calls).toHaveLength(200)
    expect(calls[0]?.query).toEqual({ instId: 'C249-USDT-SWAP' })
    expect(calls.at(-1)?.query).toEqual({ instId: 'C50-USDT-SWAP' })
    expect(quotes).toHaveLength(200)
    expect(missing).toEqual([])
  })

  it('keep their last volumes and their order when the list of tickers is cut (F76)', () => {
    const many = Array.from({ length: 250 }, (_, index) => swap(`C${index}USDT`))
    const storedVolumes = new Map(
      many.map(({ symbol }, index) => [
        symbol,
        { volume: String(index + 1), note: 'volume_24h is of 2026-11-20T15:00:00Z' },
      ]),
    )
    const tickers = { data: [swapTicker('C0-USDT-SWAP', '1000')] }
    const marks = { data: many.map(({ nativeSymbol }) => swapMark(nativeSymbol)) }
    const context = { ...requestFor(many), storedVolumes }

    const calls = rateSources.okx.moreCalls?.([tickers, marks], context) ?? []
    const bodies = calls.map(({ query }) => swapRate(query?.['instId'] ?? ''))
    const { quotes, distrusted } = rateSources.okx.parse([tickers, marks, ...bodies], context)

    expect(calls[0]?.query).toEqual({ instId: 'C249-USDT-SWAP' })
    expect(quotes).toHaveLength(200)
    expect(quotes.find(({ symbol }) => symbol === 'C249USDT')).toMatchObject({
      volume: '250',
      note: 'volume_24h is of 2026-11-20T15:00:00Z',
      isDegraded: true,
    })
    expect(distrusted).toEqual(['volumes: expected at least 125 of 250 expected rows, got 1'])
  })

  it.each([
    [
      'a bid above its ask',
      { bidPx: '2.02', askPx: '2' },
      'expected a bid of at most the ask of 2, got 2.02',
    ],
    [
      'a last price far from the mark',
      { last: '20' },
      'expected a last price close to the mark price of 2.01, got 20',
    ],
  ])('are lost with %s (F78)', (_, prices, message) => {
    const tickers = { data: [{ ...swapTicker('A-USDT-SWAP', '10'), ...prices }] }

    const { quotes, missing } = rateSources.okx.parse(
      [tickers, market[1] ?? null, swapRate('A-USDT-SWAP')],
      requestFor([swap('AUSDT')]),
    )

    expect([quotes, missing]).toEqual([[], [{ symbol: 'AUSDT', message }]])
  })

  it('are refused without prices of the market', () => {
    expect(() => rateSources.okx.parse([{ data: [] }, market[1] ?? null], requestFor(requested))).toThrow()
    expect(() => rateSources.okx.parse([null, null], requestFor(requested))).toThrow()
  })
})

describe('the stand-ins are read by the same parsers', () => {
  const NOW = Date.UTC(2026, 10, 20, 12, 34, 56)
  const simulatedBody = (provider: SimulatedProvider, { path, query }: Call): object =>
    JSON.parse(provider(1, NOW, path, new URLSearchParams(query)).body)

  it.each<[Venue, SimulatedProvider, number]>([
    ['binance', binanceFutures, 591],
    ['bybit', recordedBybit, 539],
    ['okx', recordedOkx, 200],
  ])('%s', (venue, provider, count) => {
    const { contracts } = contractSources[venue].parse(
      contractSources[venue].calls.map((call) => simulatedBody(provider, call)),
      [],
    )
    const requested = selectContracts(contracts, ['USDT'])
    const source = rateSources[venue]

    const first = source.calls.map((call) => simulatedBody(provider, call))
    const more = (source.moreCalls?.(first, requestFor(requested, NOW)) ?? []).map((call) =>
      simulatedBody(provider, call),
    )
    const reading = source.parse([...first, ...more], requestFor(requested, NOW))

    expect(reading.quotes).toHaveLength(count)
    expect(reading.missing).toEqual([])
    expect([reading.lost, reading.distrusted]).toEqual([[], []])
    expect(reading.rejected > 0).toBe(venue !== 'okx')
    for (const { nextFundingTime, intervalHours, volume, at } of reading.quotes) {
      const intervalMs = (intervalHours ?? Number.NaN) * HOUR
      expect(nextFundingTime % intervalMs).toBe(0)
      expect(nextFundingTime > NOW && nextFundingTime - NOW <= intervalMs).toBe(true)
      expect(volume).not.toBeNull()
      expect(NOW - at).toBeLessThan(3_000)
    }
  })
})

test.each(Object.entries(VENUE_UPSTREAMS))(
  '%s is requested at %s, which is declared and recorded',
  (venue, name) => {
    expect(upstreams.map((upstream) => upstream.name)).toContain(name)
    expect(Object.keys(simulatedProviders)).toContain(name)
    expect([Object.keys(rateSources), Object.keys(contractSources)]).toEqual([
      expect.arrayContaining([venue]),
      expect.arrayContaining([venue]),
    ])
  },
)

describe('a reading', () => {
  it('names one row of 591 that is missing, renamed or unreadable (F79)', () => {
    const requested = contractsOf(...Array.from({ length: 591 }, (_, index) => `A${index}USDT`))
    const rows = requested.map(({ symbol }) => premium({ symbol }))
    const tickers = requested.map(({ symbol }) => ticker(symbol))
    const read = (bent: object[]) => readBinance([...bent, ...rows.slice(1)], requested, tickers)

    for (const bent of [
      [],
      [premium({ symbol: 'RENAMEDUSDT' })],
      [premium({ symbol: 'A0USDT', markPrice: {} })],
    ]) {
      expect(missingOf(read(bent))).toEqual(['A0USDT'])
      expect(read(bent).quotes).toHaveLength(590)
    }
  })

  it('misses nothing when only contracts that were not requested have no rate', () => {
    const dated = Array.from({ length: 20 }, (_, index) =>
      premium({ symbol: `A${index}USDT_261225`, lastFundingRate: '' }),
    )

    expect(readBinance([premium(), ...dated])).toMatchObject({ rejected: 20, missing: [] })
  })
})

describe('a set of rates', () => {
  const binance = (count: number) => ({
    venue: 'binance' as const,
    count,
    requestedCount: count,
    newestAt: AT,
  })

  it('of a sixth of the usual symbols is refused, of half of them believed', () => {
    expect(checkRateSet(binance(100), binance(600))).toEqual({
      accepted: false,
      message: 'rates: expected at least 300 rows after 600, got 100',
    })
    expect(checkRateSet(binance(300), binance(600))).toEqual({ accepted: true })
    expect(checkRateSet(binance(299), binance(600)).accepted).toBe(false)
    expect(checkRateSet({ ...binance(299), requestedCount: 600 }, undefined).accepted).toBe(false)
  })

  it('of another venue may be smaller, but not empty', () => {
    const okx = (count: number) => ({ ...binance(count), venue: 'okx' as const })

    expect(checkRateSet(okx(200), binance(600)).accepted).toBe(true)
    expect(checkRateSet(okx(0), binance(600)).accepted).toBe(false)
    expect(checkRateSet(binance(0), undefined).accepted).toBe(false)
    expect(checkRateSet(binance(1), undefined).accepted).toBe(true)
  })

  it('of another venue is not older than what is stored, but for clocks that are apart', () => {
    const okx = (newestAt: number) => ({ ...binance(600), venue: 'okx' as const, newestAt })

    expect(checkRateSet(okx(AT - 300_000), binance(600))).toEqual({ accepted: true })
    expect(checkRateSet(okx(AT - 301_000), binance(600))).toEqual({
      accepted: false,
      message: 'expected a newest rate, seconds before that of binance, in [-∞, 300], got 301',
    })
    // of the same venue each contract is compared by itself
    expect(checkRateSet({ ...binance(600), newestAt: 0 }, binance(600))).toEqual({ accepted: true })
  })
})
