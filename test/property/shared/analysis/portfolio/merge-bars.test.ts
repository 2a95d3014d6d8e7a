import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DailyRow } from '#shared/analysis/portfolio/daily-bars.ts'
import { mergeBars } from '#shared/analysis/portfolio/merge-bars.ts'
import type { DailyBar } from '#shared/domain/daily-bar.ts'
import { anyBars, anyRows, LAST_FINISHED } from './bars.ts'

const merge = (stored: readonly DailyBar[], rows: readonly DailyRow[], hasMinorUnit: boolean) =>
  mergeBars(stored, rows, { lastFinished: LAST_FINISHED, hasMinorUnit })

describe('a merge of bars', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyRows, anyRows, fc.boolean(), (before, rows, hasMinorUnit) => {
        const stored = merge([], before, false).bars
        const once = merge(stored, rows, hasMinorUnit)

        const twice = merge(once.bars, rows, hasMinorUnit)

        expect(twice.bars).toEqual(once.bars)
        if (once.status !== 'unit_switch') expect(twice.status).toMatch(/^(?:merged|disconnected)$/)
      }),
    )
  })

  it('does not depend on the order of the rows', () => {
    const shuffled = anyRows.chain((rows) =>
      fc.tuple(
        fc.constant(rows),
        fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
      ),
    )

    fc.assert(
      fc.property(anyRows, shuffled, fc.boolean(), (before, [rows, others], hasMinorUnit) => {
        const stored = merge([], before, false).bars

        expect(merge(stored, others, hasMinorUnit)).toEqual(merge(stored, rows, hasMinorUnit))
      }),
    )
  })

  it('holds at most 400 valid bars, ascending, none after the last finished session', () => {
    fc.assert(
      fc.property(anyRows, anyRows, fc.boolean(), (before, rows, hasMinorUnit) => {
        const { bars } = merge(merge([], before, false).bars, rows, hasMinorUnit)

        expect(bars.length).toBeLessThanOrEqual(400)
        bars.forEach(({ date, open, high, low, close, volume }, index) => {
          expect(date > (bars[index - 1]?.date ?? '') && date <= LAST_FINISHED).toBe(true)
          expect(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close)).toBe(true)
          expect(volume === null || volume >= 0).toBe(true)
        })
      }),
    )
  })

  it('of a series in two overlapping parts is the series', () => {
    fc.assert(
      fc.property(anyBars(55), fc.nat(55), fc.nat(55), (bars, one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)]

        const older = merge([], bars.slice(0, to), false).bars

        expect(merge(older, bars.slice(from), false).bars).toEqual(bars)
      }),
    )
  })
})
