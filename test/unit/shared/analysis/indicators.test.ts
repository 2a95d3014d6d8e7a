import { describe, expect, it } from 'vitest'
import { type Candle, heikinAshi } from '#shared/analysis/candles.ts'
import { macd, rsi } from '#shared/analysis/momentum.ts'
import { sma } from '#shared/analysis/moving-averages.ts'
import type { Series } from '#shared/analysis/series.ts'
import { atr, bollingerBands, percentileRank, trueRange } from '#shared/analysis/volatility.ts'
import { obv } from '#shared/analysis/volume.ts'
import { flatSeries, seriesG } from './series-g.ts'

/** Decimals that a tolerance of 1e-6 leaves. */
const DECIMALS = 6

/** The newest value of each indicator with the documented lengths. */
function indicators(bars: readonly Candle[]) {
  const closes = bars.map(({ close }) => close)
  const volumes = bars.map(({ volume }) => volume)
  const bands = bollingerBands(closes, 20)
  const lines = macd(closes)
  const newest = (series: Series) => series.at(-1) ?? null
  const averages = Object.fromEntries([5, 10, 20, 50, 200].map((n) => [`ma${n}`, newest(sma(closes, n))]))
  return {
    ...averages,
    rsi: newest(rsi(closes)),
    macd: newest(lines.macd),
    signal: newest(lines.signal),
    histogram: newest(lines.histogram),
    upper: newest(bands.upper),
    middle: newest(bands.middle),
    lower: newest(bands.lower),
    width: newest(bands.width),
    widthPercentile: newest(percentileRank(bands.width, 120, 20)),
    atr: newest(atr(bars)),
    obv: newest(obv(bars)),
    volumeAverage: newest(sma(volumes, 20)),
  }
}

const TABLE: Readonly<Record<number, Readonly<Record<string, number | null>>>> = {
  600: {
    ma5: 108.5659582,
    ma10: 109.42767971,
    ma20: 110.75250381,
    ma50: 116.25678368,
    ma200: 110.65746942,
    rsi: 7.10237731,
    macd: -2.17587144,
    signal: -2.06799552,
    histogram: -0.10787592,
    upper: 114.06473231,
    middle: 110.75250381,
    lower: 107.4402753,
    width: 0.05981316,
    atr: 1.32926772,
    obv: 10928.570004,
    volumeAverage: 1036.79507861,
  },
  252: {
    ma5: 115.39432974,
    ma10: 115.10529813,
    ma20: 113.89206424,
    ma50: 109.08167602,
    ma200: 102.74457196,
    rsi: 86.59450471,
    macd: 1.72946386,
    signal: 1.95114305,
    histogram: -0.22167919,
    upper: 116.54478925,
    middle: 113.89206424,
    lower: 111.23933924,
    width: 0.04658314,
    atr: 1.30220033,
    obv: 33470.906745,
    volumeAverage: 1080.0199931,
  },
  100: {
    ma5: 98.13837652,
    ma10: 97.04121455,
    ma20: 94.28839225,
    ma50: 95.35381883,
    ma200: null,
    rsi: 78.35127178,
    macd: 1.14878378,
    signal: 0.37559235,
    histogram: 0.77319143,
    upper: 100.44262423,
    middle: 94.28839225,
    lower: 88.13416027,
    width: 0.13054061,
    atr: 1.47271033,
    obv: 2096.219605,
    volumeAverage: 959.92572647,
  },
}

describe.each([600, 252, 100])('the documented table after %i bars', (bars) => {
  const got: Readonly<Record<string, number | null>> = indicators(seriesG(bars))

  it.each(Object.entries(TABLE[bars] ?? {}))('%s is %f', (name, expected) => {
    if (expected === null) expect(got[name]).toBeNull()
    else expect(got[name]).toBeCloseTo(expected, DECIMALS)
  })
})

it.each([
  [600, 30.8333, 0.91148315],
  [252, 38.3333, 0.96072032],
  [100, 82.716, 0.93757356],
])('after %i bars the width ranks at %f percent and the volume is %f of its average', (bars, rank, ratio) => {
  const series = seriesG(bars)

  const { widthPercentile, volumeAverage } = indicators(series)

  expect(widthPercentile).toBeCloseTo(rank, 4)
  expect((series.at(-1)?.volume ?? 0) / (volumeAverage ?? 0)).toBeCloseTo(ratio, DECIMALS)
})

it('indicators begin at their documented bars', () => {
  const series = seriesG(60)
  const closes = series.map(({ close }) => close)
  const first = (values: Series) => values.findIndex((value) => value !== null)
  const lines = macd(closes)
  const bands = bollingerBands(closes, 20)

  const begin = [rsi(closes), lines.macd, lines.signal, lines.histogram, bands.upper, bands.width].map(first)
  const others = [percentileRank(bands.width, 120, 20), atr(series), obv(series)].map(first)

  expect(begin).toEqual([14, 25, 33, 33, 19, 19])
  expect(others).toEqual([38, 14, 0])
})

it.each([10, 0.1, 1.1e-7, 97_654.32])('equal closes of %f are RSI 50, width 0 and OBV 0', (price) => {
  const { rsi: strength, width, obv: balance, atr: range, macd: line } = indicators(flatSeries(price, 40))

  expect({ strength, width, balance, range, line }).toEqual({
    strength: 50,
    width: 0,
    balance: 0,
    range: 0,
    line: 0,
  })
})

it('RSI is 100 when nothing fell and 0 when nothing rose', () => {
  const rising = Array.from({ length: 30 }, (_, i) => 10 + i)

  expect(rsi(rising).at(-1)).toBe(100)
  expect(rsi(rising.toReversed()).at(-1)).toBe(0)
})

it('the true range reaches to the close before, from above and from below', () => {
  const bars = [
    { high: 12, low: 10, close: 11 },
    { high: 13, low: 10.5, close: 12 },
    { high: 16, low: 15, close: 15.5 },
    { high: 9, low: 8, close: 8.5 },
  ]

  expect(trueRange(bars)).toEqual([null, 2.5, 4, 7.5])
})

it('a Heikin-Ashi candle opens in the middle of the one before it', () => {
  const bars = [
    { open: 10, high: 14, low: 8, close: 12 },
    { open: 12, high: 13, low: 11.5, close: 11.5 },
  ]

  expect(heikinAshi(bars)).toEqual([
    { open: 11, high: 14, low: 8, close: 11 },
    { open: 11, high: 13, low: 11, close: 12 },
  ])
})
