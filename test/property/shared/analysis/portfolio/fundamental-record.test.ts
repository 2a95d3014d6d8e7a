import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type FundamentalFigures, fundamentalRecord } from '#shared/analysis/portfolio/fundamental-record.ts'

const NAMES = [
  'pe',
  'pb',
  'peg',
  'beta',
  'roe',
  'roa',
  'margin',
  'revenue_growth',
  'earnings_growth',
  'current_ratio',
  'debt_to_equity',
] as const

const figure = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: null })
const text = fc.option(fc.constantFrom('A', '2026-09-30'), { nil: null })
const figures = fc.record(Object.fromEntries(NAMES.map((name) => [name, figure])))
const facts = fc.record({
  asset_type: text,
  currency: text,
  sector: text,
  industry: text,
  latest_quarter: text,
  balance_sheet_date: text,
})

it('a member of fundamentals has a value or a reason, and never both', () => {
  fc.assert(
    fc.property(facts, figures, (about, sent) => {
      const { fundamental, reasons } = fundamentalRecord(about, sent as unknown as FundamentalFigures)

      const { sub_scores, ...members } = fundamental
      for (const [name, value] of Object.entries(members))
        expect([name, Object.hasOwn(reasons, name)]).toEqual([name, value === null])
      for (const [name, score] of Object.entries(sub_scores))
        expect([name, score === null]).toEqual([name, Object.hasOwn(reasons, name)])
    }),
  )
})
