import { describe, expect, it } from 'vitest'
import { economicSeries } from '#infra/local/simulated/model/economy.ts'
import { isRecentObservation } from '#shared/analysis/macro/indicator-changes.ts'
import { MACRO_SERIES } from '#shared/systems/macro/series.ts'

const DAY = 86_400_000
const byKey = new Map(MACRO_SERIES.map((series) => [series.key, series]))

describe('the macro indicators', () => {
  it('are 22, each with its own key', () => {
    expect(MACRO_SERIES).toHaveLength(22)
    expect(byKey.size).toBe(22)
  })

  it.each([
    ['DFF', { group: 'MONETARY', units: 'lin', limit: 400, changeUnit: 'pp', frequency: 'calendar-daily' }],
    ['CPIAUCSL', { group: 'MONETARY', units: 'lin', limit: 20, changeUnit: 'percent' }],
    ['CPIAUCSL_PC1', { seriesId: 'CPIAUCSL', units: 'pc1', limit: 20, changeUnit: 'pp', unit: 'percent' }],
    ['GDPC1', { group: 'ECONOMIC', limit: 8, changeUnit: 'percent', frequency: 'quarterly' }],
    ['A191RL1Q225SBEA', { limit: 8, changeUnit: 'pp' }],
    ['UNRATE', { limit: 20, changeUnit: 'pp' }],
    ['ICSA', { limit: 60, changeUnit: 'percent', frequency: 'weekly' }],
    ['INDPRO_PC1', { seriesId: 'INDPRO', units: 'pc1', changeUnit: 'pp' }],
    ['UMCSENT', { group: 'SENTIMENT', limit: 20, maxAgeDays: 140 }],
    ['VIXCLS', { group: 'SENTIMENT', limit: 400, changeUnit: 'percent' }],
  ])('%s is requested as %j', (key, members) => {
    expect(byKey.get(key)).toMatchObject(members)
  })

  it('are requested in both units where inflation or growth is computed from them', () => {
    const bothUnits = MACRO_SERIES.filter(({ units }) => units === 'pc1').map(({ seriesId }) => seriesId)

    expect(bothUnits).toEqual(['M2SL', 'CPIAUCSL', 'CPILFESL', 'PCE', 'INDPRO'])
  })

  it('may be 140 days old where they are published late, and as old as their frequency allows otherwise', () => {
    const now = Date.UTC(2026, 10, 28)
    const isRecent = (key: string, days: number) => {
      const { frequency, maxAgeDays } = byKey.get(key) ?? { frequency: 'daily' }
      const date = new Date(now - days * DAY).toISOString().slice(0, 10)
      return isRecentObservation(date, frequency, now, maxAgeDays)
    }

    expect([isRecent('UMCSENT', 140), isRecent('UMCSENT', 141)]).toEqual([true, false])
    expect([isRecent('UNRATE', 110), isRecent('UNRATE', 111)]).toEqual([true, false])
    expect(isRecent('VIXCLS', 1_002)).toBe(false)
  })

  it('have bounds in which a price level is no inflation, and a rate no price level', () => {
    const isWithin = (key: string, value: number) => {
      const { min, max } = byKey.get(key)?.bounds ?? { min: 0, max: 0 }
      return value >= min && value <= max
    }

    expect([isWithin('CPIAUCSL_PC1', 324.8), isWithin('CPIAUCSL', 324.8), isWithin('CPIAUCSL', 3)]).toEqual([
      false,
      true,
      false,
    ])
    expect(['UNRATE', 'DFF', 'T10Y2Y', 'VIXCLS'].map((key) => isWithin(key, 1_000))).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it('are all simulated', () => {
    const simulated = economicSeries.map(({ id }) => id)

    expect([...new Set(MACRO_SERIES.map(({ seriesId }) => seriesId))].toSorted()).toEqual(
      simulated.toSorted(),
    )
  })
})
