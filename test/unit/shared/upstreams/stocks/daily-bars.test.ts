import { describe, expect, it } from 'vitest'
import { type RawBar, readDailyBars } from '#shared/upstreams/stocks/daily-bars.ts'

const OPTIONS = { form: 'number', today: '2026-11-27' } as const
const DAY = '2026-11-20'

function row(change: Partial<RawBar> = {}): RawBar {
  return { date: DAY, open: 10, high: 12, low: 9, close: 11, volume: 100, ...change }
}

/** A row beside so many good ones that a lost one does not cost the answer. */
function read(change: Partial<RawBar>) {
  const others = Array.from({ length: 20 }, (_, index) => row({ date: `2026-10-${index + 10}` }))
  return readDailyBars([...others, row(change)], OPTIONS)
}

describe('daily bars', () => {
  it('are sorted by date, whatever their order in the answer', () => {
    const { bars } = readDailyBars([row(), row({ date: '2026-11-18' }), row({ date: '2026-11-19' })], OPTIONS)

    expect(bars.map(({ date }) => date)).toEqual(['2026-11-18', '2026-11-19', DAY])
  })

  it.each(['open', 'high', 'low', 'close'] as const)(
    'without %s are not delivered yet, and not lost',
    (name) => {
      const { bars, undelivered, lost } = read({ [name]: null })

      expect([bars.length, undelivered, lost]).toEqual([20, [DAY], []])
    },
  )

  it.each([[undefined], [null], [''], ['None'], ['-']])(
    'read the price %j as absent, never as 0',
    (close) => {
      const { undelivered } = readDailyBars([row({ close })], OPTIONS)

      expect(undelivered).toEqual([DAY])
    },
  )

  it('have a date as delivered when one of two rows has its prices', () => {
    const { bars, undelivered } = readDailyBars([row({ close: null }), row()], OPTIONS)

    expect([bars.length, undelivered]).toEqual([1, []])
  })

  it('keep a bar without a volume', () => {
    expect(read({ volume: null }).bars.at(-1)).toMatchObject({ date: DAY, volume: null })
  })

  it.each<[string, Partial<RawBar>]>([
    ['expected a date', { date: '2026-02-30' }],
    ['expected a date', { date: 'toString' }],
    ['expected a date up to 2026-11-27', { date: '2026-11-28' }],
    ['expected one bar of 2026-10-10, got a second', { date: '2026-10-10' }],
    ['within their bounds', { close: 0 }],
    ['within their bounds', { low: -1 }],
    ['within their bounds', { high: 1e308 }],
    ['within their bounds', { open: '10' }],
    ['within their bounds', { open: true }],
    ['expected a volume', { volume: -1 }],
    ['expected a volume', { volume: 'many' }],
    ['expected a high at or above the low', { high: 8, low: 9 }],
    ['expected a high of at most 10 times the low', { high: 91 }],
    ['expected a close from 9 to 12', { close: 110 }],
    ['expected an open from 9 to 12', { open: 1 }],
  ])('are lost with a message: %s', (message, change) => {
    const { bars, lost } = read(change)

    expect(bars).toHaveLength(20)
    expect(lost).toEqual([expect.objectContaining({ message: expect.stringContaining(message) })])
  })

  it('keep a close that lies beyond its low by the rounding of adjusted prices', () => {
    expect(read({ close: 8.96 }).lost).toEqual([])
  })

  it('are not believed when more than a tenth of them are lost', () => {
    const rows = [
      ...Array.from({ length: 8 }, (_, index) => row({ date: `2026-10-1${index}` })),
      row({ close: -1 }),
    ]

    expect(() => readDailyBars(rows, OPTIONS)).toThrow(
      'expected at most 10 % of 9 bars to be unusable, got 1; 2026-11-20: expected four prices',
    )
  })

  it('keep every digit of a number that the provider writes as text', () => {
    const [bar] = readDailyBars(
      [row({ open: '1.2e1', high: '12.00', low: '9', close: '11.5', volume: '7' })],
      {
        ...OPTIONS,
        form: 'text',
      },
    ).bars

    expect(bar).toEqual({ date: DAY, open: 12, high: 12, low: 9, close: 11.5, volume: 7 })
  })
})
