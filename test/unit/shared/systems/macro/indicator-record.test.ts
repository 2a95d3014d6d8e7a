import { describe, expect, it } from 'vitest'
import { indicatorRecord } from '#shared/systems/macro/indicator-record.ts'
import { monetaryPolicy } from '#shared/systems/macro/monetary-policy.ts'
import { MACRO_SERIES } from '#shared/systems/macro/series.ts'

const NOW = Date.UTC(2026, 10, 20, 14)

function recordOf(key: string, values: Readonly<Record<string, number>>, since = '2026-11-20') {
  const series = MACRO_SERIES.find((each) => each.key === key)
  if (!series) throw new Error(`expected an indicator, got ${key}`)
  const observations = Object.entries(values).map(([date, value]) => ({ date, versions: [{ value, since }] }))
  const record = indicatorRecord(series, observations, NOW)
  if (!record) throw new Error(`expected a record of ${key}`)
  return record
}

describe('the record of an indicator', () => {
  it('has its newest observation with its own date, its changes with their references, and the day of its value', () => {
    const record = recordOf('CPIAUCSL', { '2026-10-01': 324.8, '2026-09-01': 324.0, '2025-10-01': 315.3 })

    expect(record).toEqual({
      series_id: 'CPIAUCSL',
      fred_series_id: 'CPIAUCSL',
      group: 'MONETARY',
      name: 'Consumer price index',
      unit: 'index 1982-1984 = 100',
      change_unit: 'percent',
      value: 324.8,
      date: '2026-10-01',
      change_1m: 0.24691358,
      reference_date_1m: '2026-09-01',
      change_3m: null,
      reference_date_3m: null,
      change_1y: 3.01300349,
      reference_date_1y: '2025-10-01',
      seen_on: '2026-11-20',
      degraded_reasons: [],
    })
  })

  it('of a rate changes in percentage points, without the dust of binary fractions', () => {
    const { change_1m, change_unit } = recordOf('DFF', { '2026-11-19': 0.3, '2026-10-19': 0.1 })

    expect([change_1m, change_unit]).toEqual([0.2, 'pp'])
  })

  it('of a series that has ended is kept with its date, and degraded', () => {
    expect(recordOf('VIXCLS', { '2024-03-01': 13.1 })).toMatchObject({
      value: 13.1,
      date: '2024-03-01',
      degraded_reasons: ['stale_observation'],
    })
  })

  it('is none without an observation', () => {
    const [series] = MACRO_SERIES

    expect(series && indicatorRecord(series, [], NOW)).toBeNull()
  })
})

describe('monetary policy', () => {
  const rate = recordOf('DFF', { '2026-11-19': 5.33 })
  const m2 = recordOf('M2SL_PC1', { '2026-10-01': 4 })
  const inflation = recordOf('CPIAUCSL_PC1', { '2026-10-01': 3.7 })

  it('has a stance from the rate, the growth of M2 and inflation in percent, never from the levels', () => {
    const level = recordOf('CPIAUCSL', { '2026-10-01': 324.8 })

    const policy = monetaryPolicy([rate, m2, inflation, level])

    expect(policy).toMatchObject({ stance: 'Slightly Restrictive', reasons: {} })
    expect(policy.indicators).toHaveLength(4)
  })

  it('has no stance when an input is missing or stale, and says which', () => {
    const stale = recordOf('DFF', { '2026-10-01': 5.33 })

    expect(monetaryPolicy([rate, inflation])).toMatchObject({
      stance: null,
      reasons: { stance: 'missing or stale: M2SL_PC1' },
    })
    expect(monetaryPolicy([stale, m2])).toMatchObject({
      stance: null,
      reasons: { stance: 'missing or stale: DFF, CPIAUCSL_PC1' },
    })
  })
})
