import { describe, expect, it } from 'vitest'
import {
  doBarsWait,
  fundamentalsWithinBudget,
  type QueuedSymbol,
  sessionOfToday,
} from '#shared/systems/portfolio/fundamental-queue.ts'

const queued = (symbol: string, change: Partial<QueuedSymbol> = {}): QueuedSymbol => ({
  symbol,
  barDate: '2026-11-23',
  isBarDue: true,
  fundamentalDate: '2026-11-23',
  isFundamentalDue: true,
  ...change,
})

describe('the queue of bars and fundamentals', () => {
  it('gives the calls to the oldest first: fundamentals that are older than all bars are requested', () => {
    const symbols = [
      queued('NEW', { fundamentalDate: null }),
      queued('DAY', { fundamentalDate: '2026-11-22' }),
      queued('TIE'),
    ]

    expect(fundamentalsWithinBudget(symbols, { calls: 5, callsPerFundamental: 1 })).toEqual(['NEW', 'DAY'])
    expect(fundamentalsWithinBudget(symbols, { calls: 6, callsPerFundamental: 1 })).toEqual([
      'NEW',
      'DAY',
      'TIE',
    ])
  })

  it('has bars before fundamentals of the same day, also those that were never fetched', () => {
    const symbols = [queued('A', { barDate: null, fundamentalDate: null })]

    expect(fundamentalsWithinBudget(symbols, { calls: 1, callsPerFundamental: 1 })).toEqual([])
    expect(fundamentalsWithinBudget(symbols, { calls: 2, callsPerFundamental: 1 })).toEqual(['A'])
  })

  it('counts two calls for fundamentals with a balance sheet', () => {
    const symbols = ['A', 'B', 'C'].map((symbol) => queued(symbol, { isBarDue: false }))

    expect(fundamentalsWithinBudget(symbols, { calls: 5, callsPerFundamental: 2 })).toEqual(['A', 'B'])
  })

  it('has no place for what is not due', () => {
    const symbols = [
      queued('A', { isBarDue: false, isFundamentalDue: false }),
      queued('B', { isBarDue: false }),
    ]

    expect(fundamentalsWithinBudget(symbols, { calls: 1, callsPerFundamental: 1 })).toEqual(['B'])
  })

  it('gives nothing when more calls than those of the day were made', () => {
    expect(fundamentalsWithinBudget([queued('A')], { calls: -1, callsPerFundamental: 1 })).toEqual([])
  })
})

it.each([
  ['before dawn of a Tuesday', Date.UTC(2026, 10, 24, 8, 30), '2026-11-24'],
  ['late on a Tuesday', Date.UTC(2026, 10, 25, 4, 59), '2026-11-24'],
  ['on a Saturday', Date.UTC(2026, 10, 28, 8, 30), '2026-11-27'],
  ['on the day on which clocks go forward', Date.UTC(2027, 2, 14, 8, 30), '2027-03-12'],
])('the session of today %s', (_, now, session) => {
  expect(sessionOfToday(now)).toBe(session)
})

it.each([
  ['midnight', Date.UTC(2026, 10, 24, 5), true],
  ['half past four, less a millisecond', Date.UTC(2026, 10, 24, 9, 30) - 1, true],
  ['half past four', Date.UTC(2026, 10, 24, 9, 30), false],
  ['half past four in summer', Date.UTC(2026, 6, 7, 8, 30), false],
  ['the evening', Date.UTC(2026, 10, 25, 4, 59), false],
])('bars of earlier days wait for the fundamentals: at %s in New York %s', (_, now, doWait) => {
  expect(doBarsWait(now)).toBe(doWait)
})
