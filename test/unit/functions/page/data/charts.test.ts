import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Chart, chartOf, dataOf, listsOf, suggestions } from '#functions/page/data/charts.ts'

const META = { as_of: '2026-11-27T21:00:00Z', fetched_at: '2026-11-29T10:21:56Z', degraded: false }

const day = (date: string, more: object) => ({ symbol: 'AAPL', timeframe: '1D', date, ...more })

describe('a history', () => {
  const HISTORY = [
    day('2026-11-27', { close: 243.8, ma5: 235.2, ma200: null, volume: 48_569_849, rsi_status: 'NEUTRAL' }),
    day('2026-11-26', { close: 241.1, ma5: null, ma200: null, volume: 47_000_000, rsi_status: 'OVERSOLD' }),
    day('2026-11-25', { close: 240.2, ma5: 234.9, ma200: null, volume: 46_000_000, rsi_status: 'NEUTRAL' }),
  ]

  test('is drawn over time, oldest first, with a null where the data have one', () => {
    const chart = chartOf({ data: { ...HISTORY[0], support_levels: [226.1], history: HISTORY }, meta: META })

    expect(chart).toEqual({
      kind: 'series',
      times: ['2026-11-25', '2026-11-26', '2026-11-27'].map((date) => Date.parse(date) / 1_000),
      lines: [
        { name: 'close', figures: [240.2, 241.1, 243.8] },
        { name: 'ma5', figures: [234.9, null, 235.2] },
        { name: 'volume', figures: [46_000_000, 47_000_000, 48_569_849] },
      ],
    })
  })

  test('whose records do not all have a member has a null for it', () => {
    const history = [
      { at: '2026-11-29T10:00:00Z', value: 1 },
      { at: '2026-11-29T10:01:00Z', value: 2, mean: 3 },
      { at: '2026-11-29T10:02:00Z', value: 4, mean: 5 },
    ]

    expect(linesOf(chartOf({ history }))).toEqual([
      { name: 'value', figures: [1, 2, 4] },
      { name: 'mean', figures: [null, 3, 5] },
    ])
  })

  test('of 60 records a minute apart has 60 figures and no gap', () => {
    const start = Date.parse('2026-11-29T09:33:00Z')
    const rows = Array.from({ length: 60 }, (_, index) => ({
      at: new Date(start + index * 60_000).toISOString(),
      price: 90_000 + index,
    }))

    const chart = chartOf({ data: rows.toReversed() })

    expect(chart).toEqual({
      kind: 'series',
      times: rows.map((_, index) => start / 1_000 + index * 60),
      lines: [{ name: 'price', figures: rows.map(({ price }) => price) }],
    })
  })

  test('of funding rates in decimal text is drawn as figures', () => {
    const settlement = (time: string, rate: string, volume: string | null) => ({
      symbol: 'BTCUSDT',
      time,
      venue: 'binance',
      rate,
      volume_24h: volume,
    })

    const chart = chartOf({
      status: 'success',
      symbol: 'BTCUSDT',
      history: [
        settlement('2026-11-29T16:00:00Z', '0.00010000', '11609511418.2'),
        settlement('2026-11-29T08:00:00Z', '-1e-4', null),
        settlement('2026-11-29T00:00:00Z', '0', '11000000000'),
      ],
    })

    expect(linesOf(chart)).toEqual([
      { name: 'rate', figures: [0, -0.0001, 0.0001] },
      { name: 'volume_24h', figures: [11_000_000_000, null, 11_609_511_418.2] },
    ])
  })

  test('has twelve lines at most', () => {
    const figures = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`f${index}`, index]))
    const rows = ['2026-11-27', '2026-11-26'].map((date) => ({ date, ...figures }))

    expect(linesOf(chartOf(rows)).map(({ name }) => name)).toEqual(Object.keys(figures).slice(0, 12))
  })

  test('with one figure only is no line: the present scores are drawn instead', () => {
    const chart = chartOf({
      overall_risk: { score: 58.5, level: 'HIGH' },
      history: [
        { timestamp: '2026-11-29T10:22:52Z', overall_score: 58.5 },
        { timestamp: '2026-11-29T10:21:56Z', overall_score: null },
      ],
    })

    expect(chart).toEqual({ kind: 'scores', rows: [{ name: 'overall_risk.score', value: 58.5 }] })
  })

  test.each([
    ['dates', '2026-11-28', '2026-11-29'],
    ['instants with an offset', '2026-11-28T01:00:00+01:00', '2026-11-29T00:00:00Z'],
    ['seconds', 1_795_824_000, 1_795_910_400],
    ['milliseconds', 1_795_824_000_000, 1_795_910_400_000],
  ])('may have its times as %s', (_form, first, second) => {
    const chart = chartOf([
      { time: first, value: 1 },
      { time: second, value: 2 },
    ])

    expect(chart).toMatchObject({ kind: 'series', times: [1_795_824_000, 1_795_910_400] })
  })

  test('has its times in the member that differs, where another one is always the same', () => {
    const chart = chartOf([
      { as_of: '2026-11-29T10:00:00Z', date: '2026-11-28', value: 2 },
      { as_of: '2026-11-29T10:00:00Z', date: '2026-11-27', value: 1 },
    ])

    expect(linesOf(chart)).toEqual([{ name: 'value', figures: [1, 2] }])
  })

  test.each([
    ['of one record', [{ date: '2026-11-29', value: 1 }]],
    ['whose records have one time', [1, 2].map((value) => ({ date: '2026-11-29', value }))],
    [
      'of several symbols',
      [7, 8].map((n) => ({ symbol: `S${n}`, time: `2026-11-29T0${n}:00:00Z`, value: n })),
    ],
    ['of texts with numbers as ids', [7, 8].map((n) => ({ topic_id: `${n}`, create_time: `2026-11-2${n}` }))],
    ['whose time is a number of another century', [1, 2].map((at) => ({ at, value: at }))],
    [
      'whose time is between seconds and milliseconds',
      [1, 2].map((n) => ({ at: 50_000_000_000 + n, value: n })),
    ],
    [
      'whose figures are too large for a number',
      [7, 8].map((n) => ({ date: `2026-11-2${n}`, value: '1e999' })),
    ],
    [
      'with a record without a time',
      [
        { date: '2026-11-29', value: 1 },
        { date: null, value: 2 },
      ],
    ],
  ])('%s is not drawn over time', (_claim, rows) => {
    expect(chartOf({ data: rows })).toEqual({ kind: 'none' })
  })
})

describe('scores', () => {
  test('of a record and of those in it are drawn by their names', () => {
    const chart = chartOf({
      overall_risk: { score: 58.5, level: 'HIGH', confidence: 0.57 },
      risk_breakdown: {
        monetary_policy: { score: 62, description: 'Score 62 of 100' },
        geopolitical: { score: null, description: 'No score' },
      },
      recent_events: [
        { title: 'Dispute', date: '2026-11-29T08:18:00Z', impact_score: 77.5 },
        { title: 'Strike', date: '2026-11-29T07:06:00Z', impact_score: 85 },
      ],
      history: [],
    })

    expect(chart).toEqual({
      kind: 'scores',
      rows: [
        { name: 'overall_risk.score', value: 58.5 },
        { name: 'risk_breakdown.monetary_policy.score', value: 62 },
      ],
    })
  })

  test('include 0 and 100, and no figure beyond', () => {
    const chart = chartOf({ data: { a_score: 0, b_score: '100', c_score: 101, d_score: -1, scored: 5 } })

    expect(chart).toEqual({
      kind: 'scores',
      rows: [
        { name: 'a_score', value: 0 },
        { name: 'b_score', value: 100 },
      ],
    })
  })
})

describe('rates', () => {
  const contract = (symbol: string, rate: string | null) => ({
    next_funding_time: '2026-11-29T12:00:00Z',
    exchange: 'binance',
    symbol,
    funding_rate: rate,
    mark_price: '0.0048750499',
    rate_8h: '0.00003486',
  })

  test('of records by their keys are drawn by symbol, the largest first, without those that have none', () => {
    const chart = chartOf({
      status: 'success',
      contracts: {
        ADAUSDT: contract('ADAUSDT', '0.00007057'),
        BTCUSDT: contract('BTCUSDT', '-0.0021'),
        ETHUSDT: contract('ETHUSDT', null),
      },
    })

    expect(chart).toEqual({
      kind: 'rates',
      member: 'funding_rate',
      rows: [
        { name: 'BTCUSDT', value: -0.0021 },
        { name: 'ADAUSDT', value: 0.00007057 },
      ],
    })
  })

  test('of a list are those of the first member that is one', () => {
    const chart = chartOf({
      data: [
        { rank: 1, symbol: 'BANEUSDT', last_price: 1.75, price_change_percent: 8.204, width_percentile: 27 },
        { rank: 2, symbol: 'FIZEUSDT', last_price: 0.01, price_change_percent: -8.164, width_percentile: 90 },
      ],
    })

    expect(chart).toMatchObject({ kind: 'rates', member: 'price_change_percent' })
  })

  test('are forty at most', () => {
    const rows = Array.from({ length: 591 }, (_, index) => contract(`S${index}`, `0.${1_000 + index}`))

    const chart = chartOf({ data: rows })

    expect(chart).toMatchObject({ kind: 'rates', rows: { length: 40, 0: { name: 'S590', value: 0.159 } } })
  })

  test('of records without a text that names them are not drawn', () => {
    expect(chartOf([{ funding_rate: '0.1' }, { funding_rate: '0.2' }])).toEqual({ kind: 'none' })
  })
})

describe('other bodies', () => {
  test('such as an analysis, a list of topics or an error have no chart', () => {
    const bodies = [
      {
        code: 1,
        data: { symbol: 'BTCUSDT', signals: { ha_close: 91_754.6 }, timestamp: '2026-11-29T10:21:57Z' },
      },
      {
        data: { topics: [{ topic_id: '1070', title: '<b>', create_time: '2026-11-29T10:22:00Z', user: {} }] },
      },
      { type: 'about:blank', title: 'Not Found', status: 404, detail: 'FEDFUNDS is no macro indicator' },
      'Bad gateway',
      null,
      { data: null },
      [],
    ]

    expect(bodies.map((body) => chartOf(body).kind)).toEqual(bodies.map(() => 'none'))
  })

  test('of any JSON have a chart or none, and never an error; times ascend, and each line has a figure for each', () => {
    const name = fc.constantFrom(
      'at',
      'date',
      'symbol',
      'value',
      'overall_score',
      'funding_rate',
      'data',
      'x',
    )
    const leaf = fc.oneof(
      fc.constantFrom('2026-11-29', '2026-11-28T10:00:00Z', 1_795_824_000, '0.5', '1e999', '<b>', null, true),
      fc.double(),
      fc.integer({ min: 1_795_824_000, max: 1_795_910_400 }),
      fc.string(),
    )
    const row = fc.dictionary(name, leaf, { maxKeys: 6 })
    const rows = fc.array(row, { maxLength: 5 })
    const body = fc.oneof(row, rows, fc.dictionary(name, fc.oneof(leaf, row, rows), { maxKeys: 4 }))
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), body), (value) => {
        const chart = chartOf(value)

        if (chart.kind !== 'series') return
        expect(chart.times).toEqual([...new Set(chart.times)].toSorted((a, b) => a - b))
        for (const { figures } of chart.lines) {
          expect(figures).toHaveLength(chart.times.length)
          expect(figures.every((figure) => figure === null || Number.isFinite(figure))).toBe(true)
        }
      }),
    )
  })

  test('that are nested 5,000 times have none', () => {
    const nested: unknown = JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`)

    expect(chartOf(nested)).toEqual({ kind: 'none' })
  })
})

describe('the records of a body', () => {
  test('are its lists, the outer ones first; a list with anything else is none', () => {
    const body = {
      data: { list: [{ a: 1 }], inner: { rows: [{ b: [{ c: 2 }] }] }, mixed: [{ d: 3 }, 4], empty: [] },
    }

    expect(listsOf(dataOf(body))).toEqual([
      { path: 'list', rows: [{ a: 1 }] },
      { path: 'inner.rows', rows: [{ b: [{ c: 2 }] }] },
    ])
  })

  test('by their keys are rows; a key that no member repeats becomes one', () => {
    const named = { BTC: { symbol: 'BTC', price: 1 }, ETH: { symbol: 'ETH', price: 2 } }
    const unnamed = { monetary_policy: { score: 62 }, geopolitical: { score: null } }

    expect(listsOf({ prices: named })).toEqual([{ path: 'prices', rows: Object.values(named) }])
    expect(listsOf(unnamed)).toEqual([
      {
        path: '',
        rows: [
          { key: 'monetary_policy', score: 62 },
          { key: 'geopolitical', score: null },
        ],
      },
    ])
  })

  test('by their keys may have their members in any order', () => {
    expect(listsOf({ a: { x: 1, y: 2 }, b: { y: 3, x: 4 } })).toHaveLength(1)
  })

  test.each([
    ['one record', { signals: { close: 1 } }],
    ['records of different members', { signals: { close: 1 }, conditions: { is_uptrend: true } }],
    ['records beside a figure', { a: { x: 1 }, b: { x: 2 }, count: 2 }],
    ['empty records', { a: {}, b: {} }],
  ])('do not include %s of an object', (_claim, body) => {
    expect(listsOf(body)).toEqual([])
  })
})

describe('the values that a list suggests', () => {
  const SYMBOLS = {
    code: 1,
    data: { symbols: [{ symbol: 'ETHUSDT' }, { symbol: '示例USDT' }, { symbol: 'ETHUSDT' }] },
  }

  test('for a symbol are its symbols, each once, also for the member symbols of a body', () => {
    expect(suggestions(SYMBOLS, 'symbol')).toEqual(['ETHUSDT', '示例USDT'])
    expect(suggestions(SYMBOLS, 'symbols')).toEqual(['ETHUSDT', '示例USDT'])
  })

  test('for a parameter are those of the member of that name before those of a longer one', () => {
    const body = { data: [{ fred_series_id: 'CPIAUCSL', series_id: 'CPIAUCSL_PC1' }] }

    expect(suggestions(body, 'series_id')).toEqual(['CPIAUCSL_PC1'])
  })

  test('for an id or an interval are those of a member whose name ends with it', () => {
    const projects = {
      code: 0,
      data: { projects: [{ project_id: '2424000001', title: 'Read #every day#' }] },
    }
    const contracts = {
      contracts: [
        { symbol: 'BTCUSDT', funding_interval: '4h' },
        { symbol: 'X', funding_interval: '8h' },
      ],
    }

    expect(suggestions(projects, 'id')).toEqual(['2424000001'])
    expect(suggestions(contracts, 'interval')).toEqual(['4h', '8h'])
  })

  test('are none without a text that is not empty', () => {
    expect(suggestions({ data: [{ symbol: '' }, { symbol: null }, { symbol: 5 }] }, 'symbol')).toEqual([])
    expect(suggestions('Bad gateway', 'symbol')).toEqual([])
  })

  test('are texts, whatever a provider wrote', () => {
    const hostile = ['<script>alert(1)</script>', '\u202Eعكس', '🚀', '../..', 'x'.repeat(10_000)]

    expect(
      suggestions(
        hostile.map((symbol) => ({ symbol })),
        'symbol',
      ),
    ).toEqual(hostile)
  })
})

function linesOf(chart: Chart) {
  if (chart.kind !== 'series') throw new Error(`expected a series, got ${chart.kind}`)
  return chart.lines
}
