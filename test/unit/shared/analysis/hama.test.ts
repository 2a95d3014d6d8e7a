import { describe, expect, it } from 'vitest'
import type { Candle } from '#shared/analysis/candles.ts'
import { hamaAnalysis } from '#shared/analysis/hama.ts'
import { type HamaPresetName, hamaCandles, hamaPresets } from '#shared/analysis/hama-candles.ts'
import { crosses } from '#shared/analysis/momentum.ts'
import { closedAfter, flatSeries, OPENED, seriesG } from './series-g.ts'

/** Decimals that a tolerance of 1e-6 leaves. */
const DECIMALS = 6

const PRESETS = Object.keys(hamaPresets) as HamaPresetName[]

function analysed(bars: readonly Candle[], preset: HamaPresetName = 'pine', now = closedAfter(2_000)) {
  return hamaAnalysis(bars, { preset, now })
}

/** Series G with one running bar behind it that stands at a price. */
function running(close: number): Candle[] {
  return seriesG(601).map((bar, index) => (index === 600 ? { ...bar, close } : bar))
}

/** `−1 @595`: the direction of a cross and the bar. */
function crossText(cross: { direction: 1 | -1; at: number } | null): string {
  if (!cross) return 'none'
  return `${cross.direction > 0 ? '+1' : '−1'} @${(cross.at + 1 - OPENED) / 900_000 - 1}`
}

/** The documented table. The deviation of classic at 101 bars is the one of its close and average: 1.646410. */
const TABLE = [
  [
    '600 pine',
    113.50277819,
    111.85923546,
    110.55876053,
    112.79630341,
    114.12511393,
    '−1 @595',
    1.164345,
    'SELL',
  ],
  [
    '600 classic',
    112.25000066,
    111.85923546,
    110.55876053,
    110.03464124,
    116.06952502,
    '−1 @581',
    5.19937,
    'SELL',
  ],
  [
    '600 service',
    113.50277819,
    111.85923546,
    110.55876053,
    111.21215989,
    114.11969843,
    '−1 @591',
    2.547797,
    'SELL',
  ],
  [
    '400 pine',
    104.22362223,
    100.58840059,
    99.22606715,
    101.76761294,
    107.31648722,
    '−1 @382',
    5.17057,
    'SELL',
  ],
  [
    '400 classic',
    101.27346946,
    100.58840059,
    99.22606715,
    98.15768472,
    106.94777111,
    '−1 @366',
    8.219046,
    'SELL',
  ],
  [
    '400 service',
    104.22362223,
    100.58840059,
    99.22606715,
    99.90347924,
    108.80037017,
    '−1 @380',
    8.177262,
    'SELL',
  ],
  ['101 pine', 96.0914932, 96.53967181, 95.03305367, 94.29322311, 98.1617731, 'none', 3.940994, 'HOLD'],
  ['101 classic', 95.29367018, 96.53967181, 95.03305367, 96.19872567, 94.6405543, '+1 @98', 1.64641, 'BUY'],
  ['101 service', 96.0914932, 96.53967181, 95.03305367, 95.77753704, null, 'none', null, 'HOLD'],
] as const

describe.each(TABLE)(
  'the documented row %s',
  (row, open, high, low, close, average, cross, deviation, status) => {
    const [bars, preset] = row.split(' ') as [string, HamaPresetName]
    const got = analysed(seriesG(Number(bars)), preset)

    it('has the documented candle', () => {
      expect(got.open).toBeCloseTo(open, DECIMALS)
      expect(got.high).toBeCloseTo(high, DECIMALS)
      expect(got.low).toBeCloseTo(low, DECIMALS)
      expect(got.close).toBeCloseTo(close, DECIMALS)
    })

    it('has the documented average and deviation', () => {
      const values = [got.average, got.deviationPct].map((value) => value?.toFixed(DECIMALS))

      expect(values).toEqual([average, deviation].map((value) => value?.toFixed(DECIMALS)))
    })

    it('has the documented last cross and status', () => {
      expect(crossText(got.lastCross)).toBe(cross)
      expect(got.recommendation).toBe(status)
    })
  },
)

it.each([
  ['pine', '+113 -169 +220 -274 +326 -382 +434 -488 +539 -595'],
  ['classic', '+98 -154 +209 -263 +313 -366 +419 -478 +529 -581'],
  ['service', '-166 +216 -270 +321 -380 +431 -485 +535 -591'],
] as const)('the crosses of %s over series G are the documented ones', (preset, expected) => {
  const { close, average } = hamaCandles(seriesG(), hamaPresets[preset])

  const crossings = crosses(close, average).map(
    ({ index, direction }) => `${direction > 0 ? '+' : '-'}${index}`,
  )

  expect(crossings.join(' ')).toBe(expected)
})

it.each([
  ['pine', [45, 19, 19, 39, 99]],
  ['classic', [25, 19, 19, 19, 73]],
  ['service', [45, 19, 19, 19, 118]],
] as const)(
  'the series of %s begin at their documented bars, two short of the bars that are needed',
  (preset, expected) => {
    const { open, high, low, close, average } = hamaCandles(seriesG(150), hamaPresets[preset])

    const begin = [open, high, low, close, average].map((values) =>
      values.findIndex((value) => value !== null),
    )

    expect(begin).toEqual(expected)
    expect(hamaPresets[preset].barsNeeded).toBe(expected[4] + 2)
  },
)

it('a close outside of high and low counts as the extreme', () => {
  const bars = seriesG(40)
  const extreme = (by: number) => bars.map((bar) => ({ ...bar, high: 100, low: 100, close: 100 + by }))

  const above = hamaCandles(extreme(7), hamaPresets.pine)
  const below = hamaCandles(extreme(-7), hamaPresets.pine)

  expect([above.high.at(-1), above.low.at(-1)]).toEqual([107, 100])
  expect([below.high.at(-1), below.low.at(-1)]).toEqual([100, 93])
})

it.each([
  [600, 108.59185257, 123.50229653, 93.68140862, 0.27461441],
  [400, 104.41920262, 119.06818471, 89.77022053, 0.28058023],
])('the bands at %i bars are the documented ones', (bars, middle, upper, lower, width) => {
  const { bands } = analysed(seriesG(bars))

  expect(bands.middle).toBeCloseTo(middle, DECIMALS)
  expect(bands.upper).toBeCloseTo(upper, DECIMALS)
  expect(bands.lower).toBeCloseTo(lower, DECIMALS)
  expect(bands.width).toBeCloseTo(width, DECIMALS)
  expect(bands).toMatchObject({ squeeze: false, expansion: true })
})

it('there are no bands below 400 bars', () => {
  const nothing = { upper: null, middle: null, lower: null, width: null, squeeze: null, expansion: null }

  expect(analysed(seriesG(399)).bands).toEqual(nothing)
})

it('narrow bands are a squeeze, and between the two limits they are neither', () => {
  const flattened = (share: number) =>
    seriesG(400).map((bar) => ({ ...bar, high: 300, low: 1, close: 104.4 + share * (bar.close - 104.4) }))

  const [narrow, between] = [0.1, 0.45].map((share) => analysed(flattened(share)).bands)

  expect(narrow).toMatchObject({ squeeze: true, expansion: false })
  expect(between).toMatchObject({ squeeze: false, expansion: false })
})

it('a running bar gives the price and changes nothing else', () => {
  const closed = analysed(seriesG())

  const withRunning = analysed(running(107.53), 'pine', closedAfter(600))

  expect(withRunning).toEqual({ ...closed, realtimePrice: 107.53, priceVsAverage: 'below' })
  expect(closed).toMatchObject({ realtimePrice: null, priceVsAverage: null, asOf: closedAfter(600) - 1 })
})

it('a price above the average does not turn a SELL', () => {
  const above = analysed(running(200), 'pine', closedAfter(600))
  const equal = analysed(running(above.average ?? 0), 'pine', closedAfter(600))

  expect(above).toMatchObject({ recommendation: 'SELL', priceVsAverage: 'above' })
  expect(equal).toMatchObject({ recommendation: 'SELL', priceVsAverage: 'equal' })
})

it.each(PRESETS)('a flat series of %s is undecided, at every price', (preset) => {
  for (const price of [1, 0.1, 1.1e-7, 0.00001234, 97_654.32, 3e7 + 0.3]) {
    const got = analysed(flatSeries(price, 600), preset)

    expect(got).toMatchObject({
      open: price,
      high: price,
      low: price,
      close: price,
      average: price,
      deviationPct: 0,
      lastCross: null,
      recommendation: 'HOLD',
      trend: 'sideways',
      strength: 'weak',
      confidence: 0.3,
      pattern: 'red',
      bands: { upper: price, middle: price, lower: price, width: 0, squeeze: true, expansion: false },
      note: '',
    })
  }
})

it.each(PRESETS)('a stretch without any move makes no cross of %s out of rounding', (preset) => {
  const moving = seriesG(300)
  const still = flatSeries(moving.at(-1)?.close ?? 0, 1_000).slice(300)
  const { close, average } = hamaCandles([...moving, ...still], hamaPresets[preset])

  const crossings = crosses(close, average)

  expect(crossings.length).toBeGreaterThan(2)
  expect(crossings.filter(({ index }) => index > 300 + 100)).toEqual([])
})

it('fifty bars are too few for a recommendation, and what can be computed is there', () => {
  const got = analysed(seriesG(50))

  expect(got).toMatchObject({
    bars: 50,
    average: null,
    deviationPct: null,
    recommendation: 'HOLD',
    trend: 'sideways',
    strength: null,
    confidence: null,
    note: 'insufficient history',
  })
  expect(got.close).toBeGreaterThan(0)
})

it.each([
  ['pine', 100],
  ['classic', 74],
  ['service', 119],
] as const)(
  '%s is sure of nothing at %i bars, although it has an average, and judges at one more',
  (preset, bars) => {
    const few = analysed(seriesG(bars), preset)
    const enough = analysed(seriesG(bars + 1), preset)

    expect(few).toMatchObject({ confidence: null, recommendation: 'HOLD', note: 'insufficient history' })
    expect(few.average).not.toBeNull()
    expect(enough.note).toBe('')
    expect(enough.confidence).not.toBeNull()
  },
)

it('confidence, strength and trend follow from the deviation', () => {
  const got = analysed(seriesG())

  expect(got.confidence).toBeCloseTo(0.932869, DECIMALS)
  expect(got).toMatchObject({
    strength: 'strong',
    trend: 'downtrend',
    pattern: 'red',
    volumeConfirmation: false,
  })
})

it('the pattern is green where the open rose, and has no value before bar 46', () => {
  const patterns = [46, 47, 101, 600].map((bars) => analysed(seriesG(bars)).pattern)
  const classic = [46, 47].map((bars) => analysed(seriesG(bars), 'classic').pattern)

  expect(patterns).toEqual([null, 'red', 'green', 'red'])
  expect(classic).toEqual([null, 'red'])
})

it('gaps are counted and change no value', () => {
  const later = seriesG().map((bar, index) => {
    const shift = index < 300 ? 0 : 7 * 900_000
    return { ...bar, openTime: bar.openTime + shift, closeTime: bar.closeTime + shift }
  })

  const { gaps, close, average, recommendation } = analysed(later)

  const whole = analysed(seriesG())
  expect({ gaps, close, average, recommendation }).toEqual({
    gaps: 7,
    close: whole.close,
    average: whole.average,
    recommendation: whole.recommendation,
  })
})

it('no bar, and a running one alone, are too little history too', () => {
  const alone = analysed(seriesG(1), 'pine', OPENED)

  expect(analysed([])).toMatchObject({
    bars: 0,
    asOf: null,
    note: 'insufficient history',
    realtimePrice: null,
  })
  expect(alone).toMatchObject({ bars: 0, asOf: null, realtimePrice: seriesG(1)[0]?.close })
})

it('a bar that cannot be computed with is refused, the running one too', () => {
  const broken = running(0)

  expect(() => analysed(broken, 'pine', closedAfter(600))).toThrow(
    /^bar 600 .*expected a positive close, got 0/,
  )
})

it('prices whose sums are no doubles are undecided, with a note', () => {
  const huge = seriesG(450).map((bar) => {
    const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map((price) => price * 1e306)
    return { ...bar, open, high, low, close } as Candle
  })

  const got = analysed(huge)

  expect(got).toMatchObject({
    recommendation: 'HOLD',
    confidence: null,
    note: 'out of range',
    lastCross: null,
  })
})
