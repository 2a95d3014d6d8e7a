import { describe, expect, it } from 'vitest'
import {
  alphaVantageBalanceSheetCall,
  parseAlphaVantageBalanceSheet,
} from '#shared/upstreams/stocks/alpha-vantage-balance-sheet.ts'
import { alphaVantageBarsCall, parseAlphaVantageBars } from '#shared/upstreams/stocks/alpha-vantage-bars.ts'
import {
  alphaVantageOverviewCall,
  parseAlphaVantageOverview,
} from '#shared/upstreams/stocks/alpha-vantage-overview.ts'

const NOW = Date.UTC(2026, 10, 27, 23)

describe('the calls to Alpha Vantage', () => {
  it.each([
    [alphaVantageBarsCall('X1'), { function: 'TIME_SERIES_DAILY', symbol: 'X1', outputsize: 'compact' }],
    [alphaVantageOverviewCall('X1'), { function: 'OVERVIEW', symbol: 'X1' }],
    [alphaVantageBalanceSheetCall('X1'), { function: 'BALANCE_SHEET', symbol: 'X1' }],
  ])('%j have no key', (call, query) => {
    expect(call).toEqual({ path: '/query', query })
  })
})

describe('daily bars of Alpha Vantage', () => {
  const bar = (close: string) => ({
    '1. open': '10.0000',
    '2. high': '12.0000',
    '3. low': '9.0000',
    '4. close': close,
    '5. volume': '1200',
  })
  const answer = (
    change: object = {},
    series: object = { '2026-11-27': bar('11.5'), '2026-11-25': bar('11') },
  ) => ({
    'Meta Data': { '2. Symbol': 'X1', '5. Time Zone': 'US/Eastern', ...change },
    'Time Series (Daily)': series,
  })
  const question = { symbol: 'X1', now: NOW }

  it('are numbers, oldest first, with the zone of their dates', () => {
    expect(parseAlphaVantageBars(answer(), question)).toEqual({
      symbol: 'X1',
      zone: 'US/Eastern',
      bars: [
        { date: '2026-11-25', open: 10, high: 12, low: 9, close: 11, volume: 1_200 },
        { date: '2026-11-27', open: 10, high: 12, low: 9, close: 11.5, volume: 1_200 },
      ],
      undelivered: [],
      lost: [],
    })
  })

  it('are not found in an empty object: the provider does not have the symbol', () => {
    expect(() => parseAlphaVantageBars({}, question)).toThrow(
      expect.objectContaining({ reason: 'not-found', isExplicit: true }),
    )
  })

  it('of the same symbol in another case are accepted, of another symbol never', () => {
    expect(parseAlphaVantageBars(answer({ '2. Symbol': 'x1' }), question).bars).toHaveLength(2)
    expect(() => parseAlphaVantageBars(answer({ '2. Symbol': 'X2' }), question)).toThrow(
      'expected an answer about "X1", got one about "X2"',
    )
  })

  it('of a symbol without any session are an empty list', () => {
    expect(parseAlphaVantageBars(answer({}, {}), question)).toMatchObject({ bars: [], undelivered: [] })
  })

  it.each([
    ['without a series', { 'Meta Data': { '2. Symbol': 'X1', '5. Time Zone': 'US/Eastern' } }],
    ['of a week', { 'Meta Data': { '2. Symbol': 'X1' }, 'Weekly Time Series': {} }],
    ['of an unknown zone', answer({ '5. Time Zone': 'Moon/Crater' })],
    ['of a list', answer({}, [])],
    ['null', null],
  ])('%s are refused', (_, body) => {
    expect(() => parseAlphaVantageBars(body, question)).toThrow()
  })

  it('of a session in Asia that has begun are not in the future', () => {
    const series = { '2026-11-28': bar('11') }

    expect(parseAlphaVantageBars(answer({}, series), question).bars).toHaveLength(1)
  })

  it('that are no object have no prices', () => {
    expect(parseAlphaVantageBars(answer({}, { '2026-11-27': 'None' }), question)).toMatchObject({
      bars: [],
      undelivered: ['2026-11-27'],
    })
  })
})

describe('fundamentals of Alpha Vantage', () => {
  const answer = (change: object = {}) => ({
    Symbol: 'X1',
    AssetType: 'Common Stock',
    Currency: 'USD',
    Sector: 'TECHNOLOGY',
    Industry: 'SOFTWARE & SERVICES',
    LatestQuarter: '2026-09-30',
    PERatio: '20.5',
    ForwardPE: '18',
    PriceToBookRatio: '2.25',
    PEGRatio: '-1.5',
    Beta: '1.1',
    ReturnOnEquityTTM: '0.182',
    ReturnOnAssetsTTM: '0.06',
    ProfitMargin: '-0.1043',
    QuarterlyRevenueGrowthYOY: '0.08',
    QuarterlyEarningsGrowthYOY: '1.5',
    ...change,
  })
  const parse = (body: unknown) => parseAlphaVantageOverview(body, { symbol: 'X1', now: NOW })

  it('are ratios as they are, and fractions in percent', () => {
    expect(parse(answer())).toEqual({
      kind: 'company',
      symbol: 'X1',
      assetType: 'Common Stock',
      currency: 'USD',
      sector: 'TECHNOLOGY',
      industry: 'SOFTWARE & SERVICES',
      latestQuarter: '2026-09-30',
      peRatio: '20.5',
      forwardPeRatio: '18',
      pbRatio: '2.25',
      pegRatio: '-1.5',
      beta: '1.1',
      returnOnEquityPercent: '18.2',
      returnOnAssetsPercent: '6',
      profitMarginPercent: '-10.43',
      revenueGrowthPercent: '8',
      earningsGrowthPercent: '150',
      lost: [],
    })
  })

  it.each([['None'], ['-'], [''], [null]])('%j is no value, never 0', (value) => {
    const parsed = parse(answer({ PERatio: value, ReturnOnEquityTTM: value, Sector: value }))

    expect(parsed).toMatchObject({ peRatio: null, returnOnEquityPercent: null, sector: null, lost: [] })
  })

  it.each([
    ['PERatio', 'peRatio', '12,5'],
    ['PERatio', 'peRatio', 12.5],
    ['Beta', 'beta', '1e300'],
    ['ProfitMargin', 'profitMarginPercent', '5000'],
    ['LatestQuarter', 'latestQuarter', '2026-13-01'],
    ['LatestQuarter', 'latestQuarter', '2026-12-31'],
    ['LatestQuarter', 'latestQuarter', '1970-01-01'],
    ['PERatio', 'peRatio', undefined],
    ['Sector', 'sector', undefined],
    ['Beta', 'beta', '101'],
    ['ReturnOnAssetsTTM', 'returnOnAssetsPercent', '-11'],
    ['Currency', 'currency', 'Infinity'],
    ['Sector', 'sector', 'A\u0000B'],
  ])('a member that cannot be read costs no other: %s', (member, name, value) => {
    const parsed = parse(answer({ [member]: value }))

    expect(parsed).toMatchObject({ kind: 'company', pbRatio: '2.25', [name]: null })
    expect(parsed.kind === 'company' && parsed.lost.map(({ name: lost }) => lost)).toEqual([member])
  })

  const fund = {
    AssetType: 'ETF',
    ReturnOnEquityTTM: 'None',
    ReturnOnAssetsTTM: '0',
    ProfitMargin: '-',
    QuarterlyRevenueGrowthYOY: 'None',
    QuarterlyEarningsGrowthYOY: '',
  }

  it('of a fund with the figures of a company are refused', () => {
    expect(() => parse(answer({ ...fund, ProfitMargin: '0.2' }))).toThrow(
      'expected a fund without the figures of a company, got profitMarginPercent 20',
    )
  })

  it.each([
    [{}, 'empty'],
    [null, 'empty'],
    [answer(fund), 'fund'],
  ])('of a fund are none: %j', (body, cause) => {
    expect(parse(body)).toEqual({ kind: 'no-fundamentals', cause })
  })

  it.each([[answer({ Symbol: 'X2' })], [answer({ Symbol: undefined })], [[]], ['text']])(
    'of another symbol or of none are refused: %j',
    (body) => {
      expect(() => parse(body)).toThrow()
    },
  )
})

describe('the balance sheet of Alpha Vantage', () => {
  const report = (fiscalDateEnding: string, change: object = {}) => ({
    fiscalDateEnding,
    reportedCurrency: 'USD',
    totalCurrentAssets: '1200',
    totalCurrentLiabilities: '1000',
    shortLongTermDebtTotal: '1540',
    totalShareholderEquity: '1000',
    ...change,
  })
  const parse = (quarterlyReports: unknown, annualReports: unknown = []) =>
    parseAlphaVantageBalanceSheet(
      { symbol: 'X1', quarterlyReports, annualReports },
      { symbol: 'x1', now: NOW },
    )

  it('has the amounts of the newest report with its date', () => {
    expect(parse([report('2026-09-30')])).toEqual({
      symbol: 'X1',
      fiscalDate: '2026-09-30',
      currentAssets: '1200',
      currentLiabilities: '1000',
      debt: '1540',
      equity: '1000',
      lost: [],
    })
  })

  it.each([
    ['of the quarters', [report('2026-03-31'), report('2026-09-30')], [report('2025-12-31')], '2026-09-30'],
    ['of the years', [report('2025-09-30')], [report('2025-12-31')], '2025-12-31'],
    ['not of the future', [report('2027-03-31'), report('2026-06-30')], [], '2026-06-30'],
  ])('is the newest by its date, never by its position: %s', (_, quarters, years, date) => {
    expect(parse(quarters, years)?.fiscalDate).toBe(date)
  })

  it('is that of a quarter when a year ends on the same day', () => {
    const years = [report('2026-09-30', { totalShareholderEquity: '1' })]

    expect(parse([report('2026-09-30')], years)?.equity).toBe('1000')
  })

  it.each([
    [{ shortLongTermDebtTotal: 'None', shortTermDebt: '40', longTermDebt: '500' }, '540'],
    [{ shortLongTermDebtTotal: 'None', shortTermDebt: 'None', longTermDebt: '500' }, null],
    [{ shortLongTermDebtTotal: undefined }, null],
    [{ shortLongTermDebtTotal: '0', shortTermDebt: '40', longTermDebt: '500' }, '0'],
  ])('has the debt of %j as %j', (change, debt) => {
    expect(parse([report('2026-09-30', change)])?.debt).toBe(debt)
  })

  it('of a bank has no current assets, and equity may be negative', () => {
    const change = { totalCurrentAssets: 'None', totalCurrentLiabilities: '-', totalShareholderEquity: '-5' }

    expect(parse([report('2026-09-30', change)])).toMatchObject({
      currentAssets: null,
      currentLiabilities: null,
      equity: '-5',
    })
  })

  it.each([
    ['that is older than 550 days', [report('2025-05-25')]],
    ['of no company', []],
  ])('%s is none', (_, quarters) => {
    expect(parse(quarters)).toBeUndefined()
  })

  it('of 550 days ago is one', () => {
    expect(parse([report('2025-05-27')])?.fiscalDate).toBe('2025-05-27')
  })

  it.each([[{}], [null]])('of a fund is none: %j', (answer) => {
    expect(parseAlphaVantageBalanceSheet(answer, { symbol: 'X1', now: NOW })).toBeUndefined()
  })

  it.each([['soon'], ['2027-03-31'], [undefined]])(
    'without a day of the past is lost, and passed over for one that has one: %s',
    (date) => {
      const passedOver = { ...report(''), fiscalDateEnding: date }

      const parsed = parse([passedOver, report('2026-06-30')])

      expect([parsed?.fiscalDate, parsed?.lost.length]).toEqual(['2026-06-30', 1])
      expect(() => parse([passedOver])).toThrow('expected a report of a day of the past, got none of 1')
    },
  )

  it.each([
    ['totalCurrentAssets', 'currentAssets', '-1'],
    ['totalCurrentLiabilities', 'currentLiabilities', undefined],
    ['totalShareholderEquity', 'equity', '1e300'],
    ['shortLongTermDebtTotal', 'debt', 'x'],
    ['shortLongTermDebtTotal', 'debt', undefined],
  ])('with an amount that is absent or no amount has the others: %s', (member, name, value) => {
    const parts = { shortTermDebt: '40', longTermDebt: '500' }

    const parsed = parse([report('2026-09-30', { ...parts, [member]: value })])

    expect(parsed).toMatchObject({ fiscalDate: '2026-09-30', [name]: null, lost: [{ name: member }] })
  })

  it('is that of a year, and not the newest for sure, when the quarters are absent', () => {
    expect(parse(undefined, [report('2025-12-31')])).toMatchObject({
      fiscalDate: '2025-12-31',
      lost: [{ name: 'quarterlyReports' }],
    })
  })

  it('of another symbol is refused', () => {
    const answer = { symbol: 'X2', quarterlyReports: [] }

    expect(() => parseAlphaVantageBalanceSheet(answer, { symbol: 'X1', now: NOW })).toThrow(
      'got one about "X2"',
    )
  })
})
