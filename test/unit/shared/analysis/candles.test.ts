import { describe, expect, it } from 'vitest'
import { type Candle, checkCandles, countGaps, splitRunning } from '#shared/analysis/candles.ts'
import { closedAfter, OPENED, seriesG } from './series-g.ts'

const STEP_MS = 900_000

describe('a series of candles', () => {
  it('passes when it can be computed with, without trade and with a close outside of high and low too', () => {
    const bars = seriesG(3).map((bar) => ({ ...bar, volume: 0, quoteVolume: 0 }))
    const [first, second, third] = bars as [Candle, Candle, Candle]

    expect(() => checkCandles([])).not.toThrow()
    expect(() => checkCandles([first, { ...second, close: second.high + 1 }, third])).not.toThrow()
  })

  it.each<[string, Partial<Candle>, string]>([
    ['a price of zero', { close: 0 }, 'expected a positive close, got 0'],
    ['a negative price', { open: -1 }, 'expected a positive open, got -1'],
    ['no number', { high: Number.NaN }, 'expected a positive high, got NaN'],
    ['an infinite price', { low: Number.POSITIVE_INFINITY }, 'expected a positive low, got Infinity'],
    ['text', { low: '99' as never }, 'expected a positive low, got 99'],
    ['a high below the low', { high: 1, low: 2 }, 'expected a high at or above the low of 2, got 1'],
    ['a negative volume', { volume: -1 }, 'expected a volume of 0 or more, got -1'],
    ['no volume', { quoteVolume: Number.NaN }, 'expected a quoteVolume of 0 or more, got NaN'],
    ['the openTime of the bar before', { openTime: OPENED }, `expected a later openTime than ${OPENED}`],
    ['an earlier openTime', { openTime: OPENED - 1 }, `expected a later openTime than ${OPENED}`],
    ['a closeTime at openTime', { closeTime: OPENED + STEP_MS }, 'expected a closeTime after openTime'],
    ['half a millisecond', { openTime: OPENED + 0.5 }, 'expected times in whole milliseconds'],
  ])('is refused for %s, and the message names the bar', (_, fault, message) => {
    const bars = seriesG(3).map((bar, index) => (index === 1 ? { ...bar, ...fault } : bar))

    expect(() => checkCandles(bars)).toThrow(RangeError)
    expect(() => checkCandles(bars)).toThrow('bar 1 (openTime ')
    expect(() => checkCandles(bars)).toThrow(message)
  })

  it('is parted where the first bar is not closed yet, and the newest of those is the running one', () => {
    const bars = seriesG(4)

    const during = splitRunning(bars, closedAfter(3))
    const early = splitRunning(bars, closedAfter(2) - 2)

    expect(during).toEqual({ closed: bars.slice(0, 3), running: bars[3] })
    expect(early).toEqual({ closed: bars.slice(0, 1), running: bars[3] })
  })

  it('has no running bar once the last millisecond of the newest is there', () => {
    const bars = seriesG(4)

    expect(splitRunning(bars, closedAfter(4) - 1)).toEqual({ closed: bars, running: undefined })
    expect(splitRunning(bars, closedAfter(4) - 2)).toEqual({ closed: bars.slice(0, 3), running: bars[3] })
    expect(splitRunning([], 0)).toEqual({ closed: [], running: undefined })
  })

  it('has as many gaps as bars are missing between the first and the last', () => {
    const bars = seriesG(10)
    const holed = bars.filter((_, index) => index !== 3 && index !== 6 && index !== 7)

    expect(countGaps(bars, STEP_MS)).toBe(0)
    expect(countGaps(holed, STEP_MS)).toBe(3)
    expect(countGaps(bars, STEP_MS / 2)).toBe(9)
    expect(countGaps([], STEP_MS)).toBe(0)
  })
})
