import { describe, expect, it } from 'vitest'
import {
  rounded,
  type TechnicalRecord,
  technicalRecord,
} from '#shared/analysis/portfolio/technical-record.ts'
import { barsWithCloses, dailySeries, dateAt } from './daily-series.ts'

const TABLE: Readonly<Record<number, Partial<TechnicalRecord>>> = {
  600: {
    close: 107.53598925,
    ma5: 108.5659582,
    ma10: 109.42767971,
    ma20: 110.75250381,
    ma50: 116.25678368,
    ma200: 110.65746942,
    rsi14: 7.10237731,
    macd: -2.17587144,
    macd_signal: -2.06799552,
    macd_histogram: -0.10787592,
    bb_upper: 114.06473231,
    bb_middle: 110.75250381,
    bb_lower: 107.4402753,
    bb_width: 0.05981316,
    atr14: 1.32926772,
    obv: 10928.570004,
    volume: 945.0212490114498,
    volume_sma20: 1036.79507861,
    volume_ratio: 0.91148315,
    trend_strength: 75,
  },
  252: {
    close: 115.11046338,
    ma5: 115.39432974,
    ma10: 115.10529813,
    ma20: 113.89206424,
    ma50: 109.08167602,
    ma200: 102.74457196,
    rsi14: 86.59450471,
    macd: 1.72946386,
    macd_signal: 1.95114305,
    macd_histogram: -0.22167919,
    bb_upper: 116.54478925,
    bb_middle: 113.89206424,
    bb_lower: 111.23933924,
    bb_width: 0.04658314,
    atr14: 1.30220033,
    obv: 33470.906745,
    volume_sma20: 1080.0199931,
    volume_ratio: 0.96072032,
    trend_strength: 100,
  },
  100: {
    close: 98.70624617,
    ma5: 98.13837652,
    ma10: 97.04121455,
    ma20: 94.28839225,
    ma50: 95.35381883,
    rsi14: 78.35127178,
    macd: 1.14878378,
    macd_signal: 0.37559235,
    macd_histogram: 0.77319143,
    bb_upper: 100.44262423,
    bb_middle: 94.28839225,
    bb_lower: 88.13416027,
    bb_width: 0.13054061,
    atr14: 1.47271033,
    obv: 2096.219605,
    volume_sma20: 959.92572647,
    volume_ratio: 0.93757356,
    trend_strength: 50,
  },
}

describe.each([600, 252, 100])('the record after %i bars of series G', (count) => {
  const record = technicalRecord('G', dailySeries(count))

  it.each(Object.entries(TABLE[count] ?? {}))('has %s %f', (name, expected) => {
    expect(record[name as keyof TechnicalRecord]).toBeCloseTo(expected as number, 6)
  })
})

it.each([
  [600, 30.8333, 'BEARISH', 'OVERSOLD', 'BUY', 'NEUTRAL', 'LOWER_TO_MIDDLE', [], [123.5343]],
  [
    252,
    38.3333,
    'BULLISH',
    'OVERBOUGHT',
    'SELL',
    'NEUTRAL',
    'MIDDLE_TO_UPPER',
    [94.6859],
    [112.7452, 116.3236],
  ],
  [100, 82.716, 'SIDEWAYS', 'OVERBOUGHT', 'SELL', 'NEUTRAL', 'MIDDLE_TO_UPPER', [88.9855], []],
])('after %i bars of series G the statuses are the documented ones', (count, rank, ...expected) => {
  const record = technicalRecord('G', dailySeries(count))

  const [trend, rsi, signal, macd, band, support, resistance] = expected
  expect(record.width_percentile).toBeCloseTo(rank, 4)
  expect(record).toMatchObject({
    trend_direction: trend,
    rsi_status: rsi,
    rsi_signal: signal,
    macd_status: macd,
    bb_position: band,
  })
  const fourDecimals = (levels: readonly number[]) => levels.map((level) => Number(level.toFixed(4)))
  expect(fourDecimals(record.support_levels)).toEqual(support)
  expect(fourDecimals(record.resistance_levels)).toEqual(resistance)
})

it('a record has the documented members and no others', () => {
  const record = technicalRecord('G', dailySeries(252))

  const documented =
    'symbol timeframe date close volume ma5 ma10 ma20 ma50 ma200 rsi14 rsi_status rsi_signal macd macd_signal ' +
    'macd_histogram macd_status bb_upper bb_middle bb_lower bb_width bb_position width_percentile atr14 obv ' +
    'volume_sma20 volume_ratio trend_direction trend_strength support_levels resistance_levels bars_used bars_from reasons'
  expect(Object.keys(record).sort()).toEqual(documented.split(' ').sort())
  expect(record).toMatchObject({
    symbol: 'G',
    timeframe: '1D',
    date: dateAt(251),
    bars_used: 252,
    bars_from: dateAt(0),
    reasons: {},
  })
})

it('30 equal closes are RSI 50 with a reason, width 0, OBV 0, and no NaN', () => {
  const record = technicalRecord('FLAT', barsWithCloses(Array.from({ length: 30 }, () => 10)))

  expect(record).toMatchObject({ rsi14: 50, rsi_status: 'NEUTRAL', bb_width: 0, obv: 0, atr14: 0 })
  expect(record.reasons.rsi14).toBe('flat')
  expect(JSON.parse(JSON.stringify(record))).toEqual(record)
})

it('RSI is 100 for closes that only rise', () => {
  const record = technicalRecord('UP', barsWithCloses(Array.from({ length: 30 }, (_, i) => 10 + i)))

  expect(record).toMatchObject({ rsi14: 100, rsi_status: 'OVERBOUGHT' })
})

it('with 100 bars ma200 is null with a reason and the trend has three votes', () => {
  const record = technicalRecord('G', dailySeries(100))

  expect(record.ma200).toBeNull()
  expect(record.reasons).toEqual({ ma200: 'needs 200 bars' })
  expect(record.trend_direction).toBe('SIDEWAYS')
})

it('no indicator spans a step of 10:1 in the prices (1.2)', () => {
  const before = dailySeries(120)
  const after = dailySeries(160)
    .slice(120)
    .map((bar) => ({
      ...bar,
      open: bar.open / 10,
      high: bar.high / 10,
      low: bar.low / 10,
      close: bar.close / 10,
    }))

  const record = technicalRecord('G', [...before, ...after])

  const { reasons, ...alone } = technicalRecord('G', after)
  expect(record).toMatchObject(alone)
  expect(record).toMatchObject({ bars_used: 40, bars_from: dateAt(120), ma50: null, trend_direction: null })
  expect(record.reasons).toEqual(reasons)
  expect(reasons).toMatchObject({ ma50: 'needs 50 bars', trend_direction: 'needs 50 bars' })
})

describe('what is absent has a reason', () => {
  it.each([0, 1, 4, 5, 14, 19, 25, 33, 34, 38, 49])('with %i bars', (count) => {
    const record = technicalRecord('G', dailySeries(count))

    const absent = Object.entries(record).flatMap(([name, value]) => (value === null ? [name] : []))
    const named = Object.keys(record.reasons)
    expect(absent.filter((name) => name !== 'bars_from' && !named.includes(name))).toEqual([])
  })

  it('without volumes', () => {
    const { volume, obv, volume_sma20, volume_ratio, reasons, rsi14 } = technicalRecord(
      'INDEX',
      dailySeries(60).map((bar) => ({ ...bar, volume: null })),
    )

    expect({ volume, obv, volume_sma20, volume_ratio }).toEqual({
      volume: null,
      obv: null,
      volume_sma20: null,
      volume_ratio: null,
    })
    expect(reasons).toMatchObject({
      volume: 'no volume',
      obv: 'no volume',
      volume_sma20: 'no volume',
      volume_ratio: 'no volume',
    })
    expect(rsi14).not.toBeNull()
  })

  it('without one early volume only the OBV', () => {
    const record = technicalRecord(
      'GAP',
      dailySeries(60).map((bar, index) => (index === 7 ? { ...bar, volume: null } : bar)),
    )

    expect(record.obv).toBeNull()
    expect(record.reasons).toEqual({ obv: 'no volume', ma200: 'needs 200 bars' })
  })

  it('with volumes of 0 only the ratio', () => {
    const record = technicalRecord(
      'INDEX',
      dailySeries(60).map((bar) => ({ ...bar, volume: 0 })),
    )

    expect(record).toMatchObject({ volume: 0, volume_sma20: 0, volume_ratio: null, obv: 0 })
    expect(record.reasons.volume_ratio).toBe('no volume')
  })

  it('beyond the range of a double', () => {
    const huge = barsWithCloses(Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? 1.1e308 : 1.2e308)))

    const record = technicalRecord('HUGE', huge)

    expect(record.ma20).toBeNull()
    expect(record.reasons.ma20).toBe('out of range')
  })
})

it.each([
  [[100, 100, 100, 90], 'BEARISH_CROSSOVER'],
  [[100, 100, 100, 110], 'BULLISH_CROSSOVER'],
  [[100, 100, 110, 120], 'NEUTRAL'],
])('the MACD after closes that end with %j is %s', (ending, status) => {
  const closes = [...Array.from({ length: 40 }, () => 100), ...ending]

  expect(technicalRecord('X', barsWithCloses(closes)).macd_status).toBe(status)
})

it('a rounded record has 8 decimals and keeps everything else', () => {
  const record = technicalRecord('G', dailySeries(252))

  const got = rounded(record)

  expect(got).toMatchObject({ close: 115.11046338, ma200: 102.74457196, bars_used: 252 })
  expect(got.resistance_levels).toEqual(record.resistance_levels.map((level) => Number(level.toFixed(8))))
  expect(rounded(got)).toEqual(got)
})
