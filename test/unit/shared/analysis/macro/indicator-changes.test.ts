import { describe, expect, it } from 'vitest'
import {
  indicatorChanges,
  isRecentObservation,
  monthsBefore,
} from '#shared/analysis/macro/indicator-changes.ts'

const MONTHLY = { frequency: 'monthly', unit: 'pp' } as const
const rows = (...all: readonly (readonly [string, number])[]) => all.map(([date, value]) => ({ date, value }))

describe('the changes of an indicator', () => {
  it('are counted in calendar months, not in rows', () => {
    const prices = rows(
      ['2026-10-01', 324.8],
      ['2026-09-01', 324],
      ['2026-07-01', 322],
      ['2025-10-01', 315.3],
    )

    expect(indicatorChanges(prices, { frequency: 'monthly', unit: 'percent' })).toMatchObject({
      value: 324.8,
      date: '2026-10-01',
      change_1y: expect.closeTo(3.013, 4),
      reference_date_1y: '2025-10-01',
      reference_date_3m: '2026-07-01',
      reference_date_1m: '2026-09-01',
    })
  })

  it('have no reference in a month that does not exist (field 3.3)', () => {
    const unemployment = rows(['2025-11-01', 4.6], ['2025-09-01', 4.4])

    expect(indicatorChanges(unemployment, MONTHLY)).toMatchObject({
      change_1m: null,
      reference_date_1m: null,
      change_3m: null,
    })
    expect(indicatorChanges([...unemployment, ...rows(['2026-01-01', 4.5])], MONTHLY)).toMatchObject({
      change_3m: null,
    })
  })

  it.each([
    ['daily', '2026-11-20', '2026-10-10', 10],
    ['weekly', '2026-11-21', '2026-10-15', 6],
    ['monthly', '2026-11-01', '2026-09-11', 20],
  ] as const)(
    'of a %s series have a reference that is at most so old: %s after %s',
    (frequency, date, oldest, days) => {
      const justOlder = new Date(Date.parse(oldest) - 86_400_000).toISOString().slice(0, 10)
      const changed = (reference: string) =>
        indicatorChanges(rows([date, 2], [reference, 1]), { frequency, unit: 'pp' })

      expect(days).toBeGreaterThan(0)
      expect(changed(oldest)).toMatchObject({ change_1m: 1, reference_date_1m: oldest })
      expect(changed(justOlder)).toMatchObject({ change_1m: null })
    },
  )

  it('of a quarterly series have none of a month', () => {
    const growth = rows(['2026-07-01', 2.4], ['2026-04-01', 2.3], ['2026-06-30', 9], ['2025-07-01', 1])

    expect(indicatorChanges(growth, { frequency: 'quarterly', unit: 'pp' })).toMatchObject({
      change_1m: null,
      change_3m: expect.closeTo(0.1, 10),
      change_1y: expect.closeTo(1.4, 10),
    })
  })

  it('in percent of zero are null', () => {
    expect(
      indicatorChanges(rows(['2026-10-01', 1], ['2026-09-01', 0]), { frequency: 'monthly', unit: 'percent' }),
    ).toMatchObject({ change_1m: null, reference_date_1m: '2026-09-01' })
  })

  it('do not depend on the order of the observations', () => {
    const all = rows(['2026-10-01', 4.1], ['2026-09-01', 4.2], ['2026-07-01', 4.3], ['2025-10-01', 3.9])

    expect(indicatorChanges(all.toReversed(), MONTHLY)).toEqual(indicatorChanges(all, MONTHLY))
    expect(indicatorChanges([], MONTHLY)).toBeNull()
  })
})

it.each([
  ['2026-03-31', 1, '2026-02-28'],
  ['2028-03-31', 1, '2028-02-29'],
  ['2026-01-15', 1, '2025-12-15'],
  ['2026-05-31', 3, '2026-02-28'],
  ['2028-02-29', 12, '2027-02-28'],
])('%s minus %d months is %s', (date, months, before) => {
  expect(monthsBefore(date, months)).toBe(before)
})

it.each([
  ['daily', 10],
  ['weekly', 21],
  ['monthly', 110],
  ['quarterly', 240],
] as const)('a newest observation of a %s series is recent for %d days', (frequency, days) => {
  const now = Date.UTC(2026, 10, 28, 12)
  const date = (age: number) => new Date(now - age * 86_400_000).toISOString().slice(0, 10)

  expect(isRecentObservation(date(days), frequency, now)).toBe(true)
  expect(isRecentObservation(date(days + 1), frequency, now)).toBe(false)
  expect(isRecentObservation(date(days + 1), frequency, now, days + 30)).toBe(true)
})
