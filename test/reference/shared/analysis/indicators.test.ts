import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { heikinAshi } from '#shared/analysis/candles.ts'
import { hamaCandles, hamaPresets } from '#shared/analysis/hama-candles.ts'
import { macd, rsi } from '#shared/analysis/momentum.ts'
import { ema, sma, wilderAverage } from '#shared/analysis/moving-averages.ts'
import type { Series } from '#shared/analysis/series.ts'
import { atr, bollingerBands, standardDeviation, trueRange } from '#shared/analysis/volatility.ts'
import { obv } from '#shared/analysis/volume.ts'

type Columns<Name extends string> = Readonly<Record<Name, readonly number[]>>

interface Vector<Input extends string, Output extends string> {
  readonly tolerance: { readonly abs: number }
  readonly input: Columns<Input>
  readonly output: Readonly<Record<Output, Series>>
}

const PRICES = ['open', 'high', 'low', 'close'] as const
type Price = (typeof PRICES)[number]

const root = process.env['FRESHET_REFERENCE']
if (root === undefined) throw new Error('expected FRESHET_REFERENCE to name the folder of the reference data')
const folder = join(root, 'vectors')

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'))
}

/** Both have a value at the same bars, and nowhere farther apart than the tolerance. */
function expectSeries(got: Series, expected: Series, tolerance: number): void {
  expect(got).toHaveLength(expected.length)
  const apart = got.flatMap((value, index) => {
    const other = expected[index] ?? null
    const isNear = value === null || other === null ? value === other : Math.abs(value - other) <= tolerance
    return isNear ? [] : [{ index, got: value, expected: other }]
  })
  expect(apart).toEqual([])
  expect(got.some((value) => value !== null)).toBe(true)
}

/** Columns as bars. */
function barsOf<Name extends string>(columns: Columns<Name>): Readonly<Record<Name, number>>[] {
  const names = Object.keys(columns) as Name[]
  const count = columns[names[0] as Name].length
  return Array.from(
    { length: count },
    (_, index) =>
      Object.fromEntries(names.map((name) => [name, columns[name][index] as number])) as Record<Name, number>,
  )
}

describe('250 daily bars of Stock.Indicators', () => {
  type Indicators = Record<string, { readonly output: Readonly<Record<string, Series>> }>
  const { input } = read<Vector<Price | 'volume', never>>('skender_default_250.input.json')
  const expected = read<{ indicators: Indicators; tolerance: { abs: number } }>(
    'skender_default_250.expected.json',
  )
  const bars = barsOf({
    open: input.open,
    high: input.high,
    low: input.low,
    close: input.close,
    volume: input.volume,
  })
  const bands = bollingerBands(input.close, 20)
  const lines = macd(input.close)
  const candles = heikinAshi(bars)
  const candleSeries = PRICES.map(
    (price) => ['heikin_ashi', price, candles.map((candle) => candle[price])] as const,
  )

  it.each<readonly [string, string, Series]>([
    ['sma20', 'sma', sma(input.close, 20)],
    ['ema20', 'ema', ema(input.close, 20)],
    ['smma20', 'smma', wilderAverage(input.close, 20)],
    ['stdev14', 'stdDev', standardDeviation(input.close, 14)],
    ['stdev14', 'mean', sma(input.close, 14)],
    ['rsi14', 'rsi', rsi(input.close)],
    ['macd_12_26_9', 'macd', lines.macd],
    ['macd_12_26_9', 'signal', lines.signal],
    ['macd_12_26_9', 'histogram', lines.histogram],
    ['bollinger_20_2', 'sma', bands.middle],
    ['bollinger_20_2', 'upperBand', bands.upper],
    ['bollinger_20_2', 'lowerBand', bands.lower],
    ['bollinger_20_2', 'width', bands.width],
    ['true_range', 'tr', trueRange(bars)],
    ['atr14', 'atr', atr(bars)],
    ['obv', 'obv', obv(bars)],
    ...candleSeries,
  ])('%s: %s', (indicator, name, got) => {
    expectSeries(got, expected.indicators[indicator]?.output[name] ?? [], expected.tolerance.abs)
  })
})

describe('250 HAMA candles', () => {
  const { input } = read<Vector<Price, never>>('skender_default_250.input.json')
  const { output, tolerance } = read<Vector<never, Price>>('hama_250.json')
  const bars = barsOf({ open: input.open, high: input.high, low: input.low, close: input.close })

  it.each(['high', 'low', 'close'] as const)('have the published %s', (price) => {
    expectSeries(hamaCandles(bars, hamaPresets.pine)[price], output[price], tolerance.abs)
  })

  it('have the published open once a bar before the first stands where the first opened', () => {
    const open = bars[0]?.open ?? 0
    const before = { open, high: open, low: open, close: open }

    const got = hamaCandles([before, ...bars], hamaPresets.pine).open.slice(1)

    expectSeries(got, output.open, tolerance.abs)
  })
})

describe('published examples', () => {
  it('Bollinger bands of StockCharts', () => {
    const { input, output, tolerance } = read<Vector<'close', 'middle' | 'upper' | 'lower'>>(
      'chartschool_bollinger_20_2.json',
    )

    const bands = bollingerBands(input.close, 20)

    for (const name of ['middle', 'upper', 'lower'] as const)
      expectSeries(bands[name], output[name], tolerance.abs)
  })

  it.each(['chartschool_obv.json', 'technicalindicators_obv.json'])('OBV of %s', (file) => {
    const { input, output, tolerance } = read<Vector<'close' | 'volume', 'obv'>>(file)

    expectSeries(obv(barsOf(input)), output.obv, tolerance.abs)
  })

  it('ATR', () => {
    const { input, output, tolerance } = read<Vector<'high' | 'low' | 'close', 'atr'>>(
      'technicalindicators_atr14.json',
    )

    expectSeries(atr(barsOf(input)), output.atr, tolerance.abs)
  })

  it('Heikin-Ashi', () => {
    const { input, output, tolerance } = read<Vector<Price, Price>>('technicalindicators_heikin_ashi.json')

    const candles = heikinAshi(barsOf(input))

    for (const price of PRICES) {
      expectSeries(
        candles.map((candle) => candle[price]),
        output[price],
        tolerance.abs,
      )
    }
  })

  const cases = read<{ cases: { name: string; close: number[]; rsi: Series }[]; tolerance: { abs: number } }>(
    'technicalindicators_rsi14.json',
  )

  it.each(cases.cases)('RSI: $name', ({ close, rsi: expected }) => {
    expectSeries(rsi(close), expected, cases.tolerance.abs)
  })
})
