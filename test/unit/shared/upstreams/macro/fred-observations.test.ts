import { describe, expect, it } from 'vitest'
import { fredObservationsCall, parseFredObservations } from '#shared/upstreams/macro/fred-observations.ts'

const QUESTION = {
  units: 'lin',
  limit: 20,
  bounds: { min: -5, max: 50 },
  isPeriodDate: (date: string) => date !== '2020-01-02',
  newestDate: '2026-11-28',
} as const

const row = (date: string, value: unknown, more: object = {}) => ({
  realtime_start: '2026-11-28',
  realtime_end: '2026-11-28',
  date,
  value,
  ...more,
})

const answer = (observations: unknown, change: object = {}) => ({
  units: 'lin',
  file_type: 'json',
  sort_order: 'desc',
  count: 900,
  limit: 20,
  observations,
  ...change,
})

/** Good rows of months, newest first. */
const months = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    row(new Date(Date.UTC(2026, 8 - index)).toISOString().slice(0, 10), '4.1'),
  )

describe('the call for the observations of a series', () => {
  it('asks for JSON, newest first, without a key and without a real-time parameter', () => {
    expect(fredObservationsCall({ seriesId: 'CPIAUCSL', units: 'pc1', limit: 20 })).toEqual({
      path: '/fred/series/observations',
      query: {
        series_id: 'CPIAUCSL',
        file_type: 'json',
        sort_order: 'desc',
        limit: '20',
        units: 'pc1',
      },
    })
  })
})

describe('the observations of a series', () => {
  it('leave out a missing value: the newest is the one before, with its own date', () => {
    const { observations, missing } = parseFredObservations(
      answer([row('2026-11-26', '.'), row('2026-11-25', '4.08')]),
      QUESTION,
    )

    expect(observations).toEqual([{ date: '2026-11-25', value: 4.08 }])
    expect(missing).toEqual(['2026-11-26'])
  })

  it('of a series without any value are empty, whether there are rows or none', () => {
    expect(parseFredObservations(answer([]), QUESTION)).toEqual({ observations: [], missing: [], lost: [] })
    expect(parseFredObservations(answer([row('2025-10-01', '.'), row('2025-09-01', '')]), QUESTION)).toEqual({
      observations: [],
      missing: ['2025-10-01', '2025-09-01'],
      lost: [],
    })
  })

  it('are the same when they are requested on another day: realtime_start is no part of them', () => {
    const later = { realtime_start: '2026-11-29', realtime_end: '2026-11-29' }

    expect(parseFredObservations(answer([row('2026-11-25', '4.08', later)], later), QUESTION)).toEqual(
      parseFredObservations(answer([row('2026-11-25', '4.08')]), QUESTION),
    )
  })

  it('are newest first whatever their order in the answer', () => {
    const dates = parseFredObservations(answer(months(6).toReversed()), QUESTION).observations.map(
      ({ date }) => date,
    )

    expect(dates).toEqual(months(6).map(({ date }) => date))
  })

  it.each([
    ['units', { units: 'pc1' }, 'expected an answer with units lin, got pc1'],
    ['units', { units: undefined }, 'expected an answer with units lin, got undefined'],
    ['sort_order', { sort_order: 'asc' }, 'expected an answer with sort_order desc, got asc'],
    ['file_type', { file_type: 'xml' }, 'expected an answer with file_type json, got xml'],
    ['limit', { limit: 100_000 }, 'expected an answer with limit 20, got 100000'],
  ])('of another question are refused: %s of %j', (_, change, message) => {
    expect(() => parseFredObservations(answer(months(6), change), QUESTION)).toThrow(message)
  })

  it('in levels are never taken for inflation', () => {
    const levels = answer([row('2026-10-01', '324.8')])

    expect(() => parseFredObservations(levels, { ...QUESTION, units: 'pc1' })).toThrow(
      'with units pc1, got lin',
    )
  })

  it('of a later period than the newest that can have a value are refused, those of that one are not', () => {
    expect(() => parseFredObservations(answer([row('2026-11-29', '4.08')]), QUESTION)).toThrow(
      'expected observations up to 2026-11-28, got one of 2026-11-29',
    )
    expect(parseFredObservations(answer([row('2026-11-28', '4.08')]), QUESTION).observations).toHaveLength(1)
  })

  it.each([
    ['a date that is no day', row('2026-02-30', '4.1')],
    ['a number in place of text', row('2020-01-01', 4.1)],
    ['a word', row('2020-01-01', 'N/A')],
    ['a value above the bounds of its series', row('2020-01-01', '50.1')],
    ['a value below them', row('2020-01-01', '-5.1')],
    ['a date that no period of the series has', row('2020-01-02', '4.1')],
    ['such a date without a value', row('2020-01-02', '.')],
    ['a second value of the same date', row('2026-09-01', '9')],
  ])('lose a row with %s, and no other', (_, bad) => {
    const { observations, lost } = parseFredObservations(answer([...months(12), bad]), QUESTION)

    expect(observations).toHaveLength(12)
    expect(observations.every(({ value }) => value === 4.1)).toBe(true)
    expect(lost).toHaveLength(1)
  })

  it('are not believed when more than a tenth of the rows are lost', () => {
    const bad = row('2020-01-01', 'N/A')

    expect(() => parseFredObservations(answer([...months(8), bad]), QUESTION)).toThrow(
      'expected at most 10 % of 9 observations to be unusable, got 1; 2020-01-01: value: expected a figure',
    )
  })

  it.each([[{}], [null], [[]], [{ ...answer(null) }], [answer({})]])(
    'of another form are refused: %j',
    (body) => {
      expect(() => parseFredObservations(body, QUESTION)).toThrow()
    },
  )

  it('may be negative and have an exponent', () => {
    expect(
      parseFredObservations(answer([row('2026-09-01', '-0.35'), row('2026-08-01', '1.5e-1')]), QUESTION)
        .observations,
    ).toEqual([
      { date: '2026-09-01', value: -0.35 },
      { date: '2026-08-01', value: 0.15 },
    ])
  })
})
