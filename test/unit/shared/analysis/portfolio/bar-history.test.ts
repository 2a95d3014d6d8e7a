import { describe, expect, it } from 'vitest'
import { type BarHistory, extendHistory, NO_HISTORY } from '#shared/analysis/portfolio/bar-history.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { dailySeries, dateAt } from './daily-series.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 24)
const ALL = dailySeries(60)

function extend(
  history: BarHistory,
  rows: readonly DailyBar[],
  options: { now?: number; undelivered?: string[] } = {},
) {
  return extendHistory(history, rows, {
    lastFinished: '2030-01-01',
    hasMinorUnit: false,
    now: NOW,
    undelivered: [],
    ...options,
  })
}

/** The history after answers of the newest 30 bars. */
const answers = (...lasts: readonly number[]) =>
  lasts.reduce((history, last) => extend(history, ALL.slice(last - 30, last)).history, NO_HISTORY)

const scaled = (bar: DailyBar, factor: number): DailyBar => ({
  ...bar,
  open: bar.open * factor,
  high: bar.high * factor,
  low: bar.low * factor,
  close: bar.close * factor,
})

describe('a wrong newest bar', () => {
  it('is replaced by the next answer, and no other bar is lost', () => {
    const before = answers(40, 42)
    const wrong = ALL.slice(13, 43).with(-1, scaled(ALL[42] as DailyBar, 0.5))

    const attacked = extend(before, wrong)
    const healed = extend(attacked.history, ALL.slice(15, 45))

    expect(attacked).toMatchObject({ status: 'merged', history: { unconfirmed: [dateAt(42)] } })
    expect(healed).toMatchObject({ status: 'merged', history: { bars: ALL.slice(10, 45), restatedOn: null } })
  })

  it('under a date without a session is removed by the next answer', () => {
    const before = answers(40, 42)
    const holiday = dateAt(42)
    const moved = [...ALL.slice(14, 42), { ...(ALL[43] as DailyBar), date: holiday }]
    const answer = ALL.slice(15, 46).filter(({ date }) => date !== holiday)

    const healed = extend(extend(before, moved).history, answer)

    expect(healed.history.bars.map(({ date }) => date)).not.toContain(holiday)
  })

  it('stays while an answer has its date without prices (1.7)', () => {
    const answer = ALL.slice(15, 45).filter(({ date }) => date !== dateAt(41))

    const { history } = extend(answers(40, 42), answer, { undelivered: [dateAt(41)] })

    expect(history.bars).toEqual(ALL.slice(10, 45))
  })
})

describe('a confirmed bar', () => {
  const before = answers(40, 42)
  const index = 12
  const wrong = { ...(ALL[index] as DailyBar), high: (ALL[index] as DailyBar).high * 2 }
  const withWrong = (last: number) =>
    ALL.slice(last - 31, last).map((bar) => (bar.date === wrong.date ? wrong : bar))

  it('keeps its prices against one answer with the same close, which is counted', () => {
    const { status, history, doubted } = extend(before, withWrong(43))

    expect({ status, doubted }).toEqual({ status: 'merged', doubted: [wrong.date] })
    expect(history.bars).toEqual(ALL.slice(10, 43))
  })

  it('takes those that a second answer repeats', () => {
    const { history, doubted } = extend(extend(before, withWrong(43)).history, withWrong(43))

    expect(doubted).toEqual([])
    expect(history.bars[index - 10]).toEqual(wrong)
  })
})

it('a volume that an answer does not have any more is kept, and one that it has later is taken', () => {
  const rows = ALL.slice(13, 43).map((bar) => ({ ...bar, volume: null }))

  const { history } = extend(answers(40, 42), rows)

  expect(history.bars).toEqual(ALL.slice(10, 43).with(-1, { ...(ALL[42] as DailyBar), volume: null }))
  expect(extend(history, ALL.slice(13, 43)).history.bars).toEqual(ALL.slice(10, 43))
})

describe('an answer that contradicts all bars', () => {
  const wrong = ALL.slice(13, 43).map((bar) => scaled(bar, 2))

  it('replaces them, and the next answer that agrees with them restores them', () => {
    const restated = extend(answers(40, 42), wrong)
    const restored = extend(restated.history, ALL.slice(15, 45))

    expect(restated).toMatchObject({ status: 'restated', history: { bars: wrong, restatedOn: dateAt(42) } })
    expect(restored).toMatchObject({
      status: 'restored',
      history: { bars: ALL.slice(10, 45), restatedOn: null, replaced: null },
    })
  })

  it('leaves none of its bars when they are restored, not even one with about the close of the bar that it replaced', () => {
    const near = { ...scaled(ALL[41] as DailyBar, 1.002), volume: 1 }
    const restated = extend(answers(40, 42), wrong.with(-2, near))
    const restored = extend(restated.history, ALL.slice(15, 45))

    expect(restated).toMatchObject({ status: 'restated' })
    expect(restored).toMatchObject({
      status: 'restored',
      history: { bars: ALL.slice(10, 45), doubted: {}, unconfirmed: [dateAt(42), dateAt(43), dateAt(44)] },
    })
  })

  it('is not undone when the next answers agree with it', () => {
    const restated = extend(answers(40, 42), wrong).history
    const next = extend(
      restated,
      ALL.slice(15, 45).map((bar) => scaled(bar, 2)),
    )

    expect(next).toMatchObject({ status: 'merged', history: { restatedOn: dateAt(42) } })
    expect(next.history.bars).toEqual(ALL.slice(13, 45).map((bar) => scaled(bar, 2)))
  })

  it('is not undone after 30 days', () => {
    const restated = extend(answers(40, 42), wrong).history

    expect(extend(restated, ALL.slice(15, 45), { now: NOW + 30 * DAY }).status).toBe('restated')
  })
})

it('a switch of the unit changes nothing', () => {
  const before = answers(40, 42)
  const rows = ALL.slice(13, 43).map((bar) => scaled(bar, 100))
  const options = { lastFinished: '2030-01-01', hasMinorUnit: true, now: NOW, undelivered: [] }

  expect(extendHistory(before, rows, options)).toEqual({
    status: 'unit_switch',
    history: before,
    doubted: [],
  })
})

describe('a bar that one answer adds', () => {
  it('before the others is removed when the next answer does not have it', () => {
    const before = answers(40, 42)
    const early = { ...(ALL[10] as DailyBar), date: dateAt(8) }
    const added = extend(before, [early, ...ALL.slice(13, 43)])

    expect(added.history.unconfirmed).toEqual([early.date, dateAt(42)])
    expect(extend(added.history, ALL.slice(15, 45)).history.bars).toEqual(ALL.slice(10, 45))
  })

  it.each([0, 1.3])('is not confirmed by an answer that has %f times its volume', (factor) => {
    const before = answers(40, 42)
    const wrong = ALL.slice(13, 43).map((bar) => ({ ...bar, volume: (bar.volume ?? 0) * factor }))

    const { history, doubted } = extend(extend(before, wrong).history, ALL.slice(15, 45))

    expect(doubted).toEqual([])
    expect(history.bars).toEqual(ALL.slice(10, 45))
  })
})

it('a confirmed bar that is rounded differently stays until the next answer repeats that, and is no contradiction', () => {
  const rows = ALL.slice(13, 43).map((bar) => scaled(bar, 1.001))

  const first = extend(answers(40, 42), rows)
  const second = extend(first.history, rows)

  expect(first.doubted).toEqual([])
  expect(first.history.bars.slice(0, 30)).toEqual(ALL.slice(10, 40))
  expect(second.history.bars.slice(3)).toEqual(rows)
})
