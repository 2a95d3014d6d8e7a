import { describe, expect, it } from 'vitest'
import { macroWorld } from '#test/fakes/jobs/macro-indicators.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NINE = Date.UTC(2026, 10, 20, 14)

describe('an indicator', () => {
  it('is the newest value that is not missing, with its own date (row 14)', async () => {
    const world = macroWorld(NINE, { DGS10: { '2026-11-19': '.', '2026-11-18': '4.08' } })

    await world.tick(NINE)

    expect((await world.indicator('DGS10')).body.data).toMatchObject({ value: 4.08, date: '2026-11-18' })
  })

  it('has no change over a month that was never published (3.3)', async () => {
    const world = macroWorld(Date.UTC(2025, 11, 20, 14), {
      UNRATE: { '2025-11-01': '4.6', '2025-10-01': '.', '2025-09-01': '4.4' },
    })
    await world.refreshAll()

    expect((await world.indicator('UNRATE')).body.data).toMatchObject({
      value: 4.6,
      change_1m: null,
      reference_date_1m: null,
    })
  })

  it('is unchanged when only the day of the request differs, and never shows it (3.2)', async () => {
    const world = macroWorld(NINE)
    await world.tick(NINE)
    const before = await world.indicator('UNRATE')

    const ended = await world.tick(NINE + DAY)

    expect(ended).toMatchObject({ status: 'unchanged', counts: { unchanged: 22 } })
    expect((await world.indicator('UNRATE')).body.data).toEqual(before.body.data)
    expect(JSON.stringify(before.body)).not.toContain('realtime')
  })

  it('keeps the old value when an answer is in another unit than was requested (3.4)', async () => {
    const world = macroWorld(NINE, { CPIAUCSL_PC1: { '2026-10-01': '3.0' } })
    await world.tick(NINE)
    const body = {
      units: 'lin',
      file_type: 'json',
      sort_order: 'desc',
      limit: 20,
      observations: [{ date: '2026-10-01', value: '324.8' }],
    }
    world.answers['CPIAUCSL_PC1'] = { status: 200, body }

    expect(await world.tick(NINE + DAY)).toMatchObject({ status: 'partial', counts: { failed: 1 } })

    expect((await world.indicator('CPIAUCSL_PC1')).body.data.value).toBe(3)
  })

  it('of a series that ended is shown with its date, and degraded (3.5)', async () => {
    const world = macroWorld(NINE, { VIXCLS: { '2024-03-01': '13.11' } })

    await world.tick(NINE)

    expect((await world.indicator('VIXCLS')).body).toMatchObject({
      data: { value: 13.11, date: '2024-03-01', degraded_reasons: ['stale_observation'] },
      meta: { degraded: true },
    })
  })

  it('keeps its value when an answer has an observation of the future, or none', async () => {
    const world = macroWorld(NINE)
    await world.tick(NINE)
    world.answers['DFF'] = { '2027-06-01': '9' }
    world.answers['UNRATE'] = { '2026-11-01': '.' }

    expect(await world.tick(NINE + DAY)).toMatchObject({ status: 'partial', counts: { failed: 2 } })

    expect((await world.indicator('DFF')).body.data.value).toBe(4.08)
    expect((await world.indicator('UNRATE')).body.data.value).toBe(4.08)
  })

  it('keeps observations that an answer lacks, and the run is partial when half of them are missing', async () => {
    const months = ['2026-10-01', '2026-09-01', '2026-08-01', '2026-07-01', '2025-10-01']
    const values = Object.fromEntries(months.map((date, index) => [date, String(5 - index)]))
    const world = macroWorld(NINE, { UNRATE: values })
    await world.tick(NINE)
    world.answers['UNRATE'] = { '2026-10-01': '5' }

    const ended = await world.tick(NINE + DAY)

    expect(ended).toMatchObject({ status: 'partial' })
    expect(ended.message).toContain('expected at least 3 rows after 5, got 1')
    expect((await world.indicator('UNRATE')).body.data).toMatchObject({ change_1y: 4, change_3m: 3 })
  })

  it('is the one before when its value is withdrawn: it is kept as a version up to that day', async () => {
    const world = macroWorld(NINE, { DGS10: { '2026-11-19': '4.1', '2026-11-18': '4.08' } })
    await world.tick(NINE)
    world.answers['DGS10'] = { '2026-11-19': '.', '2026-11-18': '4.08' }

    expect(await world.tick(NINE + DAY)).toMatchObject({ status: 'succeeded' })

    const { body } = await world.indicator('DGS10', { days: '30' })
    expect(body).toMatchObject({
      data: {
        value: 4.08,
        date: '2026-11-18',
        observations: [{ date: '2026-11-18', value: 4.08, seen_on: '2026-11-20' }],
      },
      // FRED has answered up to this day
      meta: { as_of: '2026-11-19T00:00:00Z' },
    })
    expect(await world.observation('DGS10', '2026-11-19')).toEqual({
      date: '2026-11-19',
      versions: [
        { value: null, seen_on: '2026-11-21' },
        { value: 4.1, seen_on: '2026-11-20' },
      ],
    })
    expect((await world.indicator('DGS10', { as_of: '2026-11-20' })).body.data.value).toBe(4.1)
    expect((await world.indicator('DGS10', { as_of: '2026-11-21' })).body.data.value).toBe(4.08)
  })

  it('is not compared with a value that was withdrawn', async () => {
    const world = macroWorld(NINE, { UNRATE: { '2026-10-01': '4.4', '2025-10-01': '4' } })
    await world.tick(NINE)
    world.answers['UNRATE'] = { '2026-10-01': '4.4', '2025-10-01': '.' }

    await world.tick(NINE + DAY)

    expect((await world.indicator('UNRATE')).body.data).toMatchObject({
      change_1y: null,
      reference_date_1y: null,
    })
  })

  it('keeps all values when an answer has none for most dates: it is not believed', async () => {
    const dates = ['2026-10-01', '2026-09-01', '2026-08-01', '2026-07-01']
    const values = (value: (index: number) => string) =>
      Object.fromEntries(dates.map((date, index) => [date, value(index)]))
    const world = macroWorld(NINE, { UNRATE: values((index) => String(5 - index)) })
    await world.tick(NINE)
    world.answers['UNRATE'] = values((index) => (index === 3 ? '2' : '.'))

    const ended = await world.tick(NINE + DAY)

    expect(ended).toMatchObject({ status: 'partial' })
    expect((await world.indicator('UNRATE')).body.data).toMatchObject({ value: 5, change_3m: 3 })
  })

  it('keeps its value when an answer has one of a month that is not over', async () => {
    const world = macroWorld(NINE, { UNRATE: { '2026-10-01': '4.4' } })
    await world.tick(NINE)
    world.answers['UNRATE'] = { '2026-11-01': '3', '2026-10-01': '4.4' }

    const ended = await world.tick(NINE + DAY)

    expect(ended).toMatchObject({ status: 'partial', counts: { failed: 1 } })
    expect(ended.message).toContain('expected observations up to 2026-10-01, got one of 2026-11-01')
  })

  it('names the rows that it cannot read, and keeps the others', async () => {
    const months = Array.from({ length: 12 }, (_, index) => `2025-${String(index + 1).padStart(2, '0')}-01`)
    const values = Object.fromEntries(months.map((date) => [date, '4.4']))
    const world = macroWorld(NINE, { UNRATE: { ...values, '2026-10-01': 'four' } })

    const ended = await world.tick(NINE)

    expect(ended).toMatchObject({ status: 'partial', lost: { count: 1, names: ['UNRATE 2026-10-01'] } })
    expect((await world.indicator('UNRATE')).body.data.date).toBe('2025-12-01')
  })
})

describe('a revised value', () => {
  it('replaces the old one, which is kept as a version with the day from which on we had it', async () => {
    const world = macroWorld(NINE, { UNRATE: { '2026-10-01': '4.4' } })
    await world.tick(NINE)
    world.answers['UNRATE'] = { '2026-10-01': '4.5' }

    await world.tick(NINE + 30 * DAY)

    expect((await world.indicator('UNRATE')).body.data).toMatchObject({ value: 4.5, seen_on: '2026-12-20' })
    expect(await world.observation('UNRATE', '2026-10-01')).toEqual({
      date: '2026-10-01',
      versions: [
        { value: 4.5, seen_on: '2026-12-20' },
        { value: 4.4, seen_on: '2026-11-20' },
      ],
    })
  })

  it('changes what depends on it, also when the newest value stays', async () => {
    const world = macroWorld(NINE, { UNRATE: { '2026-10-01': '4.4', '2026-09-01': '4.3' } })
    await world.tick(NINE)
    world.answers['UNRATE'] = { '2026-10-01': '4.4', '2026-09-01': '4.2' }

    await world.tick(NINE + DAY)

    expect((await world.indicator('UNRATE')).body.data).toMatchObject({
      value: 4.4,
      seen_on: '2026-11-20',
      change_1m: 0.2,
    })
  })

  it('has the day in New York, also after midnight in UTC', async () => {
    const world = macroWorld(Date.UTC(2026, 10, 21, 3))

    await world.refreshAll()

    expect((await world.indicator('DFF')).body.data.seen_on).toBe('2026-11-20')
  })

  it('that is older than the history is kept in no row', async () => {
    const world = macroWorld(NINE, { UNRATE: { '2026-10-01': '4.4', '2025-01-01': '4' } })

    await world.tick(NINE)

    expect(await world.observation('UNRATE', '2025-01-01')).toBeUndefined()
  })
})
