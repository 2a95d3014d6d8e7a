import { describe, expect, it } from 'vitest'
import {
  mergeObservations,
  newestValues,
  type VersionedObservation,
} from '#shared/analysis/macro/observation-versions.ts'

/** The state after answers of several days, each with its values by date, `null` for a date without one. */
function afterDays(
  ...answers: readonly (readonly [day: string, values: Readonly<Record<string, number | null>>])[]
) {
  return answers.reduce<ReturnType<typeof mergeObservations>>(
    ({ observations }, [day, values]) =>
      mergeObservations(
        observations,
        {
          values: Object.entries(values).flatMap(([date, value]) =>
            value === null ? [] : [{ date, value }],
          ),
          missing: Object.keys(values).filter((date) => values[date] === null),
        },
        { day, limit: 5 },
      ),
    { observations: [], changed: [] },
  )
}

const versionsOf = (observations: readonly VersionedObservation[], date: string) =>
  observations.find((each) => each.date === date)?.versions.map(({ value, since }) => `${value} ${since}`)

describe('the versions of observations', () => {
  it('have the day on which a value was first answered, however often it is repeated', () => {
    const { observations, changed } = afterDays(
      ['2026-11-20', { '2026-10-01': 4.4 }],
      ['2026-11-21', { '2026-10-01': 4.4 }],
    )

    expect(versionsOf(observations, '2026-10-01')).toEqual(['4.4 2026-11-20'])
    expect(changed).toEqual([])
  })

  it('keep a revised value as a further version, newest first', () => {
    const { observations, changed } = afterDays(
      ['2026-11-20', { '2026-10-01': 4.4, '2026-09-01': 4.3 }],
      ['2026-12-20', { '2026-10-01': 4.5, '2026-09-01': 4.3 }],
    )

    expect(versionsOf(observations, '2026-10-01')).toEqual(['4.5 2026-12-20', '4.4 2026-11-20'])
    expect(changed.map(({ date }) => date)).toEqual(['2026-10-01'])
    expect(newestValues(observations)).toEqual([
      { date: '2026-10-01', value: 4.5, since: '2026-12-20' },
      { date: '2026-09-01', value: 4.3, since: '2026-11-20' },
    ])
  })

  it('keep a value that returns on a later day as a version of that day', () => {
    const { observations } = afterDays(
      ['2026-11-20', { '2026-10-01': 4.4 }],
      ['2026-11-21', { '2026-10-01': 4.5 }],
      ['2026-11-22', { '2026-10-01': 4.4 }],
    )

    expect(versionsOf(observations, '2026-10-01')).toEqual([
      '4.4 2026-11-22',
      '4.5 2026-11-21',
      '4.4 2026-11-20',
    ])
  })

  it('have one value a day, the last one; a value that was withdrawn within the day is none', () => {
    const twice = afterDays(['2026-11-20', { '2026-10-01': 4.4 }], ['2026-11-20', { '2026-10-01': 4.5 }])
    const withdrawn = afterDays(
      ['2026-11-20', { '2026-10-01': 4.4 }],
      ['2026-11-21', { '2026-10-01': 9 }],
      ['2026-11-21', { '2026-10-01': 4.4 }],
    )

    expect(versionsOf(twice.observations, '2026-10-01')).toEqual(['4.5 2026-11-20'])
    expect(versionsOf(withdrawn.observations, '2026-10-01')).toEqual(['4.4 2026-11-20'])
    expect(withdrawn.changed.map(({ date }) => date)).toEqual(['2026-10-01'])
  })

  it('end with none on the day on which a value is withdrawn', () => {
    const { observations, changed } = afterDays(
      ['2026-11-20', { '2026-10-01': 4.4, '2026-09-01': 4.3 }],
      ['2026-11-21', { '2026-10-01': null, '2026-09-01': 4.3, '2025-10-01': null }],
    )

    expect(versionsOf(observations, '2026-10-01')).toEqual(['null 2026-11-21', '4.4 2026-11-20'])
    expect(changed.map(({ date }) => date)).toEqual(['2026-10-01'])
    expect(newestValues(observations).map(({ date }) => date)).toEqual(['2026-09-01'])
  })

  it('begin again when a withdrawn value returns, and are none when it was withdrawn within its day', () => {
    const returned = afterDays(
      ['2026-11-20', { '2026-10-01': 4.4 }],
      ['2026-11-21', { '2026-10-01': null }],
      ['2026-11-21', { '2026-10-01': null }],
      ['2026-11-22', { '2026-10-01': 4.4 }],
    )
    const withdrawn = afterDays(['2026-11-20', { '2026-10-01': 4.4 }], ['2026-11-20', { '2026-10-01': null }])

    expect(versionsOf(returned.observations, '2026-10-01')).toEqual([
      '4.4 2026-11-22',
      'null 2026-11-21',
      '4.4 2026-11-20',
    ])
    expect(versionsOf(withdrawn.observations, '2026-10-01')).toEqual([])
    expect(newestValues(withdrawn.observations)).toEqual([])
  })

  it('stay where an answer does not contain their dates', () => {
    const { observations } = afterDays(
      ['2026-11-20', { '2026-09-01': 4.3, '2026-08-01': 4.2 }],
      ['2026-11-21', { '2026-10-01': 4.4 }],
    )

    expect(observations.map(({ date }) => date)).toEqual(['2026-10-01', '2026-09-01', '2026-08-01'])
  })

  it('are bounded: the newest observations, and twelve values of each', () => {
    const dates = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((month) => [`2026-0${month}-01`, month]))
    const many = afterDays(['2026-11-20', dates])
    const revisions = Array.from(
      { length: 20 },
      (_, index) => [`2026-11-${index + 10}`, { '2026-10-01': index }] as const,
    )

    expect(many.observations.map(({ date }) => date).at(-1)).toBe('2026-03-01')
    expect(many.changed).toHaveLength(5)
    expect(versionsOf(afterDays(...revisions).observations, '2026-10-01')).toHaveLength(12)
  })
})
