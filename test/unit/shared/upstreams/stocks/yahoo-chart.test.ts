import { describe, expect, it } from 'vitest'
import { isFinalYahooBar, parseYahooChart, yahooChartCall } from '#shared/upstreams/stocks/yahoo-chart.ts'
import { yahooSymbol } from '#shared/upstreams/stocks/yahoo-symbol.ts'

/** 15:00 in New York. */
const NOW = Date.UTC(2026, 10, 27, 20)
const MINUTE = 60_000
const seconds = (...at: Parameters<typeof Date.UTC>) => Date.UTC(...at) / 1_000

interface Change {
  readonly meta?: object
  readonly timestamp?: unknown
  readonly quote?: object
}

const TIMES = [seconds(2026, 10, 25, 14, 30), seconds(2026, 10, 27, 14, 30)]

function answer({ meta = {}, timestamp = TIMES, quote = {} }: Change = {}) {
  return {
    chart: {
      result: [
        {
          meta: {
            symbol: 'X1',
            currency: 'USD',
            dataGranularity: '1d',
            exchangeTimezoneName: 'America/New_York',
            gmtoffset: -18_000,
            currentTradingPeriod: {
              regular: { start: seconds(2026, 10, 27, 14, 30), end: seconds(2026, 10, 27, 21) },
            },
            ...meta,
          },
          timestamp,
          indicators: {
            quote: [
              {
                open: [10, 11],
                high: [12, 12],
                low: [9, 10],
                close: [11, 11.5],
                volume: [100, 50],
                ...quote,
              },
            ],
          },
        },
      ],
      error: null,
    },
  }
}

const parse = (change: Change = {}, symbol = 'X1', now = NOW) =>
  parseYahooChart(answer(change), { symbol, now })

describe('a chart of Yahoo', () => {
  it('has bars by date, their unit, their zone and the session of the exchange', () => {
    expect(parse()).toEqual({
      symbol: 'X1',
      zone: 'America/New_York',
      quoteCurrency: 'USD',
      today: '2026-11-27',
      session: {
        date: '2026-11-27',
        startAt: Date.UTC(2026, 10, 27, 14, 30),
        endAt: Date.UTC(2026, 10, 27, 21),
      },
      bars: [
        { date: '2026-11-25', open: 10, high: 12, low: 9, close: 11, volume: 100 },
        { date: '2026-11-27', open: 11, high: 12, low: 10, close: 11.5, volume: 50 },
      ],
      undelivered: [],
      lost: [],
    })
  })

  it.each([
    ['GBp', { quoteCurrency: 'GBp' }],
    ['ZAc', { quoteCurrency: 'ZAc' }],
    ['points', { quoteCurrency: 'points' }],
    [undefined, { quoteCurrency: null }],
  ])('quoted in %j keeps its prices and names the unit', (currency, unit) => {
    const chart = parse({ meta: { currency } })

    expect(chart).toMatchObject(unit)
    expect(chart.bars.at(-1)?.close).toBe(11.5)
  })

  it('has a session whose prices are missing as not delivered, with its volume ignored', () => {
    const { bars, undelivered } = parse({ quote: { close: [11, null] } })

    expect([bars.length, undelivered]).toEqual([1, ['2026-11-27']])
  })

  it.each(['open', 'high', 'low'])('drops a bar without %s too', (name) => {
    expect(parse({ quote: { [name]: [null, name === 'high' ? 12 : 10] } }).bars).toHaveLength(1)
  })

  it('keeps a bar without volume', () => {
    expect(parse({ quote: { volume: [null, 50] } }).bars[0]?.volume).toBeNull()
  })

  it.each([[undefined], [null]])('without time stamps (%j) has no bars', (timestamp) => {
    const body = answer({ meta: {} })
    const [result] = body.chart.result
    Object.assign(result ?? {}, { timestamp, indicators: { quote: [{}] } })

    expect(parseYahooChart(body, { symbol: 'X1', now: NOW })).toMatchObject({ bars: [], undelivered: [] })
  })

  it.each([
    ['a shorter column', { quote: { close: [11] } }, 'expected 2 values of close, got 1'],
    ['a longer column', { quote: { volume: [1, 2, 3] } }, 'expected 2 values of volume, got 3'],
    ['a missing column', { quote: { open: undefined } }, 'expected 2 values of open, got 0'],
    ['another interval', { meta: { dataGranularity: '1mo' } }, 'expected bars of 1d, got bars of 1mo'],
    ['another listing', { meta: { symbol: 'X1.L' } }, 'expected an answer about "X1", got one about "X1.L"'],
  ])('with %s is refused', (_, change, message) => {
    expect(() => parse(change)).toThrow(message)
  })

  it.each([
    [{}],
    [{ chart: { result: [], error: null } }],
    [{ chart: { result: null, error: null } }],
    [answer({ timestamp: ['1', '2'] })],
    [answer({ timestamp: [1e12, 2e12] })],
    [answer({ meta: { symbol: undefined } })],
    [answer({ meta: { dataGranularity: undefined } })],
    [null],
  ])('of another form is refused', (body) => {
    expect(() => parseYahooChart(body, { symbol: 'X1', now: NOW })).toThrow()
  })

  it('of a share class is compared in the spelling of Yahoo, ignoring case', () => {
    expect(parse({ meta: { symbol: 'brk-b' } }, 'BRK-B').symbol).toBe('brk-b')
    expect(() => parse({ meta: { symbol: 'BRK-A' } }, 'BRK-B')).toThrow('"BRK-A"')
  })
})

describe('the date of a bar', () => {
  const dateOf = (timestamp: number, meta: object) => {
    const quote = { open: [1], high: [1], low: [1], close: [1], volume: [1] }
    return parse({ timestamp: [timestamp], quote, meta }).bars[0]?.date
  }

  it.each([
    [1_584_313_200, 'Australia/Sydney', 36_000, '2020-03-16'],
    [1_625_004_000, 'Europe/Paris', 3_600, '2021-06-30'],
    [1_625_004_000, 'Europe/Paris', 0, '2021-06-30'],
    [seconds(2026, 5, 1, 13, 30), 'America/New_York', -18_000, '2026-06-01'],
  ])('%i in %s with an offset of %i s is %s', (timestamp, exchangeTimezoneName, gmtoffset, date) => {
    expect(dateOf(timestamp, { exchangeTimezoneName, gmtoffset })).toBe(date)
  })

  it.each([['Moon/Crater'], [undefined]])(
    'follows the offset when the zone is %j',
    (exchangeTimezoneName) => {
      const meta = { exchangeTimezoneName, gmtoffset: 36_000 }

      expect(dateOf(1_584_313_200, meta)).toBe('2020-03-16')
      expect(parse({ meta }).zone).toBeNull()
    },
  )
})

describe('a bar of Yahoo', () => {
  const chart = parse()
  const close = chart.session?.endAt ?? 0

  it.each([
    ['of an earlier day is final', '2026-11-25', NOW, true],
    ['of today is not, while its session runs', '2026-11-27', NOW, false],
    ['of today is not, until half an hour after its session', '2026-11-27', close + 30 * MINUTE - 1, false],
    ['of today is final after that', '2026-11-27', close + 30 * MINUTE, true],
  ])('%s', (_, date, now, expected) => {
    expect(isFinalYahooBar({ date }, chart, now)).toBe(expected)
  })

  it('of Hong Kong is final in the afternoon there, in the morning of UTC', () => {
    const regular = { start: seconds(2026, 10, 27, 1, 30), end: seconds(2026, 10, 27, 8) }
    const meta = { exchangeTimezoneName: 'Asia/Hong_Kong', currentTradingPeriod: { regular } }
    const timestamp = [seconds(2026, 10, 26, 1, 30), seconds(2026, 10, 27, 1, 30)]
    const finals = (now: number) => {
      const hongKong = parse({ meta, timestamp }, 'X1', now)
      return hongKong.bars.filter((bar) => isFinalYahooBar(bar, hongKong, now)).length
    }

    expect([finals(Date.UTC(2026, 10, 27, 5)), finals(Date.UTC(2026, 10, 27, 9))]).toEqual([1, 2])
  })

  it('of today is not final by the end of another session', () => {
    const session = { date: '2026-11-26', startAt: 0, endAt: 0 }

    expect(isFinalYahooBar({ date: '2026-11-27' }, { today: '2026-11-27', session }, NOW)).toBe(false)
    expect(isFinalYahooBar({ date: '2026-11-27' }, { today: '2026-11-27', session: null }, NOW)).toBe(false)
  })
})

describe('the spelling of Yahoo', () => {
  it.each([
    ['BRK.B', 'BRK-B'],
    ['X.A', 'X-A'],
    ['X.C', 'X-C'],
    ['VOD.L', 'VOD.L'],
    ['0700.HK', '0700.HK'],
    ['A.B.C', 'A.B-C'],
    ['AAPL', 'AAPL'],
    ['BRK-B', 'BRK-B'],
  ])('%s is %s', (symbol, spelled) => {
    expect(yahooSymbol(symbol)).toBe(spelled)
  })

  it('is in the path of the call, which asks for a year of days', () => {
    expect(yahooChartCall('BRK-B')).toEqual({
      path: '/v8/finance/chart/BRK-B',
      query: { range: '1y', interval: '1d', events: 'div,split' },
    })
    expect(yahooChartCall('a/../b').path).toBe('/v8/finance/chart/a%2F..%2Fb')
  })
})
