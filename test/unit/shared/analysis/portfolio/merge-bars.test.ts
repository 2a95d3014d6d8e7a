import { describe, expect, it } from 'vitest'
import type { DailyRow } from '#shared/analysis/portfolio/daily-bars.ts'
import { mergeBars } from '#shared/analysis/portfolio/merge-bars.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { barsWithCloses, dailySeries, dateAt } from './daily-series.ts'

const LATER = '2030-01-01'

const merge = (
  stored: readonly DailyBar[],
  rows: readonly DailyRow[],
  options: Partial<Parameters<typeof mergeBars>[2]> = {},
) => mergeBars(stored, rows, { lastFinished: LATER, hasMinorUnit: false, ...options })

const closesOf = (bars: readonly DailyBar[]) => bars.map(({ close }) => close)

describe('rows of an answer', () => {
  const [row] = barsWithCloses([10]) as [DailyBar]

  it.each<[string, Partial<DailyRow>]>([
    ['missing_price', { open: null }],
    ['missing_price', { high: null }],
    ['missing_price', { low: null }],
    ['missing_price', { close: null }],
    ['missing_price', { close: Number.NaN }],
    ['non_positive_price', { open: 0, low: 0 }],
    ['non_positive_price', { low: -1 }],
    ['inconsistent_prices', { high: 9 }],
    ['inconsistent_prices', { close: 10.5 }],
    ['inconsistent_prices', { open: 9.5 }],
    ['invalid_date', { date: '2025-02-30' }],
    ['invalid_date', { date: '20250228' }],
    ['after_last_session', { date: '2030-01-02' }],
  ])('are dropped and counted as %s: %j', (reason, part) => {
    const { bars, rejected } = merge([], [{ ...row, ...part }])

    expect({ bars, rejected }).toEqual({ bars: [], rejected: { [reason]: 1 } })
  })

  it('keep a bar whose volume is absent or not a volume', () => {
    const rows = barsWithCloses([10, 11, 12]).map((bar, i) => ({
      ...bar,
      volume: [null, -1, Number.NaN][i] ?? null,
    }))

    expect(merge([], rows).bars.map(({ volume }) => volume)).toEqual([null, null, null])
  })

  it('of one date count once if they are equal, and not at all if they differ', () => {
    const [first, second] = barsWithCloses([10, 11]) as [DailyBar, DailyBar]

    const got = merge([], [second, first, first, { ...second, close: 10.5 }])

    expect(got).toEqual({
      status: 'merged',
      bars: [first],
      rejected: { duplicate_date: 1 },
      undelivered: [second.date],
    })
  })

  it('are sorted by date, and the newest 400 are kept', () => {
    const bars = dailySeries(450)

    expect(merge([], bars.toReversed()).bars).toEqual(bars.slice(50))
    expect(merge(bars.slice(0, 400), bars.slice(300)).bars).toEqual(bars.slice(50))
  })
})

describe('a session that is missing (1.7)', () => {
  const whole = barsWithCloses([10, 11, 11.5, 12])
  const rows = whole.map((bar, index) => (index === 2 ? { ...bar, close: null } : bar))

  it('is dropped, and its date is to be requested again', () => {
    const got = merge([], rows)

    expect(closesOf(got.bars)).toEqual([10, 11, 12])
    expect(got).toMatchObject({ rejected: { missing_price: 1 }, undelivered: [dateAt(2)] })
  })

  it('is inserted where it lies once it is delivered', () => {
    const stored = merge([], rows).bars

    expect(merge(stored, whole)).toMatchObject({ status: 'merged', bars: whole, undelivered: [] })
  })

  it('keeps its stored bar while an answer lacks it', () => {
    expect(merge(whole, rows)).toMatchObject({ status: 'merged', bars: whole, undelivered: [] })
    expect(merge(whole, [...whole.slice(0, 1), ...whole.slice(3)]).bars).toEqual(whole)
  })
})

describe('an answer that contradicts the stored closes', () => {
  const stored = barsWithCloses([100, 102, 104])

  it('within 0.5 % extends the series, and its closes hold', () => {
    const rows = barsWithCloses([100.4, 101.6, 104.5, 105])

    expect(merge(stored, rows)).toMatchObject({ status: 'merged', bars: rows })
  })

  it('by a constant ratio replaces the series and reports the ratio (1.3)', () => {
    const rows = barsWithCloses([20, 20.4, 20.8, 21])

    const got = merge(stored, rows)

    expect(got).toMatchObject({ status: 'restated', bars: rows })
    expect(got.status === 'restated' && got.ratio).toBeCloseTo(5, 9)
  })

  it('without a pattern replaces the series and reports no ratio', () => {
    const rows = barsWithCloses([100, 103, 104, 105])

    expect(merge(stored, rows)).toMatchObject({ status: 'restated', ratio: null, bars: rows })
  })
})

describe('a series that changes its unit (1.6)', () => {
  const stored = barsWithCloses([612.2, 609.6])

  it.each<[string, number[]]>([
    ['for good', [612.2, 609.6, 5.854, 5.872]],
    ['in all its history', [6.122, 6.096, 5.854]],
    ['in one bar', [612.2, 609.6, 61_010, 611]],
  ])('%s is not merged where the currency has a minor unit', (_, closes) => {
    const got = merge(stored, barsWithCloses(closes), { hasMinorUnit: true })

    expect(got).toMatchObject({ status: 'unit_switch', bars: stored })
  })

  it('in the first answer leaves nothing stored', () => {
    const got = merge([], barsWithCloses([4.9, 487.5, 4.91]), { hasMinorUnit: true })

    expect(got).toMatchObject({ status: 'unit_switch', bars: [] })
  })

  it('in an answer that would replace contradicting bars is not merged', () => {
    const before = barsWithCloses([1_000, 5, 500])
    const rows = barsWithCloses([5, 500, 500, 500]).filter((_, index) => index === 0 || index === 3)

    expect(merge(before, rows, { hasMinorUnit: true })).toMatchObject({ status: 'unit_switch', bars: before })
  })

  it('within one bar is not merged', () => {
    const row = { date: dateAt(2), open: 610, high: 610, low: 6.1, close: 611, volume: 1 }

    expect(merge(stored, [{ ...row, high: 611 }], { hasMinorUnit: true }).status).toBe('unit_switch')
  })

  it.each([80, 120])('is not a step of %i:1', (ratio) => {
    const rows = barsWithCloses([612.2, 609.6, 609.6 / ratio])

    expect(merge(stored, rows, { hasMinorUnit: true }).status).toBe('merged')
  })

  it('is a matter of splits where the currency has no minor unit', () => {
    const rows = barsWithCloses([612.2, 609.6, 5.854])

    expect(merge(stored, rows)).toMatchObject({ status: 'merged', bars: rows })
  })
})

describe('an answer without a common date', () => {
  it('next to the stored bars extends them', () => {
    const bars = dailySeries(30)

    expect(merge(bars.slice(0, 20), bars.slice(20))).toMatchObject({ status: 'merged', bars })
  })

  it('more than 7 weekdays later replaces them, so that no indicator spans the hole', () => {
    const bars = dailySeries(60)

    expect(merge(bars.slice(0, 20), bars.slice(40))).toMatchObject({
      status: 'disconnected',
      bars: bars.slice(40),
    })
  })

  it('more than 7 weekdays earlier changes nothing', () => {
    const bars = dailySeries(60)

    expect(merge(bars.slice(40), bars.slice(0, 20))).toMatchObject({
      status: 'disconnected',
      bars: bars.slice(40),
    })
  })
})

it('bars before a gap of more than 7 weekdays are not kept, as a wrong date makes one', () => {
  const bars = dailySeries(30)
  const wrong = { ...(bars[3] as DailyBar), date: '1970-01-01' }

  expect(merge([], [wrong, ...bars.slice(4)]).bars).toEqual(bars.slice(4))
  expect(merge(bars.slice(0, 20), [wrong, ...bars.slice(10)]).bars).toEqual(bars)
})

it('an empty answer keeps the stored bars', () => {
  const stored = dailySeries(30)

  expect(merge(stored, [])).toEqual({ status: 'merged', bars: stored, rejected: {}, undelivered: [] })
})
