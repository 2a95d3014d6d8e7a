import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contractSources } from '#functions/jobs/funding-contracts/contract-sources.ts'
import { toRateRecord } from '#functions/jobs/funding-rates/rates/rate-record.ts'
import { rateSources } from '#functions/jobs/funding-rates/rates/rate-sources.ts'
import { type Contract, selectContracts } from '#shared/systems/funding/contracts.ts'

const root = process.env['FRESHET_REFERENCE']
if (root === undefined) throw new Error('expected FRESHET_REFERENCE to name the folder of the reference data')
const folder = join(root, 'fixtures')
const body = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))

const contract = (symbol: string, more: Partial<Contract> = {}): Contract => ({
  symbol,
  nativeSymbol: symbol,
  status: 'TRADING',
  contractType: 'PERPETUAL',
  quote: 'USDT',
  intervalHours: 8,
  ...more,
})

describe('Binance', () => {
  const exchange = body('binance/fapi-exchangeInfo.json')

  it.each([
    ['binance/fapi-fundingInfo.docs.json', 8],
    ['binance/fapi-fundingInfo.real-2025.json', 4],
  ])('lists the contract with the interval of %s: %i hours', (conditions, intervalHours) => {
    const { contracts } = contractSources.binance.parse([exchange, body(conditions)], [])

    expect(selectContracts(contracts, ['USDT'])).toMatchObject([contract('BLZUSDT', { intervalHours })])
  })

  it('lists a contract without its own conditions at eight hours', () => {
    expect(contractSources.binance.parse([exchange, []], []).contracts).toMatchObject([contract('BLZUSDT')])
  })

  it('publishes the rate of the perpetual, digit by digit, and drops the dated one', () => {
    const premium = body('binance/fapi-premiumIndex.all-with-delivery-contract.json')
    const [{ time }] = premium
    // the two bodies are of different years
    const ticker = { ...body('binance/fapi-ticker24hr.single.json'), closeTime: time }

    const { quotes, rejected, missing } = rateSources.binance.parse([premium, [ticker], []], {
      requested: [contract('BTCUSDT')],
      storedVolumes: new Map(),
      now: time + 1_000,
    })

    expect(quotes.map((quote) => toRateRecord('binance', quote))).toEqual([
      {
        symbol: 'BTCUSDT',
        exchange: 'binance',
        funding_rate: '0.00038246',
        next_funding_time: '2020-08-14T08:00:00Z',
        funding_interval: '8h',
        interval_hours: 8,
        mark_price: '11793.63104562',
        index_price: '11781.8049597',
        volume_24h: '15.3',
        annualized_rate: '0.4187937',
        rate_8h: '0.00038246',
        last_updated: '2020-08-14T02:01:35Z',
        data_source: 'real_time',
        note: null,
      },
    ])
    expect(rejected).toBe(1)
    expect(missing).toEqual([])
  })

  it('drops the same rate once its settlement is past', () => {
    const premium = body('binance/fapi-premiumIndex.all-with-delivery-contract.json')
    const late = premium[0].nextFundingTime + 5 * 60_000 + 1

    const { quotes, rejected } = rateSources.binance.parse(
      [premium, [body('binance/fapi-ticker24hr.single.json')], []],
      { requested: [contract('BTCUSDT')], storedVolumes: new Map(), now: late },
    )

    expect(quotes).toEqual([])
    expect(rejected).toBe(2)
  })
})

describe('Bybit', () => {
  it('publishes the rate of an older body, which has no interval, at that of the contract', () => {
    const tickers = body('bybit/v5-market-tickers.inverse.json')

    const { quotes, rejected } = rateSources.bybit.parse([tickers], {
      requested: [contract('BTCUSD')],
      storedVolumes: new Map(),
      now: tickers.time,
    })

    expect(quotes.map((quote) => toRateRecord('bybit', quote))).toMatchObject([
      {
        symbol: 'BTCUSD',
        exchange: 'bybit',
        funding_rate: '-0.001034',
        next_funding_time: '2022-12-30T08:00:00Z',
        funding_interval: '8h',
        mark_price: '16596',
        index_price: '16598.54',
        volume_24h: '2352.94950046',
        annualized_rate: '-1.13223',
        rate_8h: '-0.001034',
        last_updated: '2022-12-30T05:01:36Z',
      },
    ])
    expect(rejected).toBe(0)
  })
})

describe('OKX', () => {
  it('publishes the rate due at fundingTime, and the interval from the settlement after it', () => {
    const rate = body('okx/public-funding-rate.docs-2023.json')
    const contracts = [contract('BTCUSDT', { nativeSymbol: 'BTC-USDT-SWAP', intervalHours: null })]
    const ticker = { data: [{ instId: 'BTC-USDT-SWAP', last: '42000.5', volCcy24h: '100.25' }] }
    const mark = { data: [{ instId: 'BTC-USDT-SWAP', markPx: '42001' }] }

    const { quotes } = rateSources.okx.parse([ticker, mark, rate], {
      requested: contracts,
      storedVolumes: new Map(),
      now: Number(rate.data[0].ts),
    })

    expect(quotes.map((quote) => toRateRecord('okx', quote))).toMatchObject([
      {
        symbol: 'BTCUSDT',
        exchange: 'okx',
        funding_rate: '0.000079238688534',
        next_funding_time: '2023-12-20T16:00:00Z',
        funding_interval: '8h',
        mark_price: '42001',
        index_price: null,
        volume_24h: '4210550.125',
        annualized_rate: '0.0867663639',
        rate_8h: '0.0000792387',
        last_updated: '2023-12-20T11:11:25Z',
      },
    ])
  })
})
