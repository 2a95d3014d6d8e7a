import { describe, expect, it } from 'vitest'
import { schemas } from '#functions/jobs/macro-indicators/schema.ts'
import { macroWorld } from '#test/fakes/jobs/macro-indicators.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NINE = Date.UTC(2026, 10, 20, 14)
const NOTICE =
  'This product uses the FRED® API but is not endorsed or certified by the Federal Reserve Bank of St. Louis.'

const fits = (path: keyof typeof schemas, body: unknown) => schemas[path].safeParse(body).error
const INDICATOR = '/api/v1/macro/indicators/{series_id}'

/** A value on 20 November, its revision on the 22nd, and the next month on the 24th. */
async function revisedWorld() {
  const world = macroWorld(NINE, { UNRATE: { '2026-09-01': '4.3', '2025-10-01': '4' } })
  await world.tick(NINE)
  world.answers['UNRATE'] = { '2026-09-01': '4.2', '2025-10-01': '4' }
  await world.tick(NINE + 2 * DAY)
  world.answers['UNRATE'] = { '2026-10-01': '4.5', '2026-09-01': '4.2', '2025-10-01': '4' }
  await world.tick(NINE + 4 * DAY)
  return world
}

describe('the answer about one indicator', () => {
  it('has the notice of FRED and fits its schema', async () => {
    const world = macroWorld(NINE)
    await world.tick(NINE)

    const { status, body } = await world.indicator('CPIAUCSL_PC1')

    expect([status, fits(INDICATOR, body)]).toEqual([200, undefined])
    expect(body).toMatchObject({
      data: { series_id: 'CPIAUCSL_PC1', fred_series_id: 'CPIAUCSL', unit: 'percent', change_unit: 'pp' },
      meta: { as_of: '2026-10-01T00:00:00Z', degraded: false, notice: NOTICE },
    })
  })

  it('is 404 for another series, and 503 before anything was fetched', async () => {
    const world = macroWorld(NINE)
    const before = await world.indicator('DFF')
    await world.tick(NINE)

    expect([before.status, (await world.indicator('NOSUCH')).status]).toEqual([503, 404])
    expect(world.calls).toHaveLength(22)
  })

  it('is 503 for a series whose first answer failed', async () => {
    const world = macroWorld(NINE, { DFF: { status: 500, body: 'no' } })
    await world.tick(NINE)

    expect((await world.indicator('DFF')).status).toBe(503)
  })

  it('has the observations of so many days, newest first', async () => {
    const world = await revisedWorld()

    const { body } = await world.indicator('UNRATE', { days: '90' })

    expect(fits(INDICATOR, body)).toBeUndefined()
    expect(body.data.observations).toEqual([
      { date: '2026-10-01', value: 4.5, seen_on: '2026-11-24' },
      { date: '2026-09-01', value: 4.2, seen_on: '2026-11-22' },
    ])
    expect((await world.indicator('UNRATE', { days: '400' })).body.data.observations).toHaveLength(2)
    expect((await world.indicator('UNRATE', { days: '1' })).body.data.observations).toEqual([])
  })

  it.each(['0', '401', '-1', '1.5', 'x', ''])('is 400 for days=%s', async (days) => {
    const world = macroWorld(NINE)
    await world.tick(NINE)

    expect((await world.indicator('DFF', { days })).status).toBe(400)
  })
})

describe('the answer as of a day', () => {
  it('has the value, its date and its changes as they were stored by the end of that day', async () => {
    const world = await revisedWorld()
    const asOf = async (day: string) => (await world.indicator('UNRATE', { as_of: day })).body

    const answers = await Promise.all(['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-24'].map(asOf))

    expect(answers.map((body) => fits(INDICATOR, body))).toEqual(answers.map(() => undefined))
    expect(
      answers.map(({ data }) => [
        data.as_of,
        data.value,
        data.date,
        data.seen_on,
        data.change_1m,
        data.change_1y,
      ]),
    ).toEqual([
      ['2026-11-20', 4.3, '2026-09-01', '2026-11-20', null, null],
      ['2026-11-21', 4.3, '2026-09-01', '2026-11-20', null, null],
      ['2026-11-22', 4.2, '2026-09-01', '2026-11-22', null, null],
      ['2026-11-24', 4.5, '2026-10-01', '2026-11-24', 0.3, 0.5],
    ])
    expect(answers[1]?.meta).toMatchObject({ as_of: '2026-09-01T00:00:00Z', notice: NOTICE })
    expect(answers[1]?.meta.fetched_at).toMatch(/^2026-11-20T14:/)
  })

  it('is null before the first value that we had', async () => {
    const world = await revisedWorld()

    const { status, body } = await world.indicator('UNRATE', { as_of: '2026-11-19', days: '400' })

    expect([status, fits(INDICATOR, body)]).toEqual([200, undefined])
    expect(body).toMatchObject({
      data: {
        series_id: 'UNRATE',
        value: null,
        date: null,
        change_1y: null,
        seen_on: null,
        observations: [],
      },
      meta: { as_of: null, fetched_at: null, degraded: false },
    })
  })

  it('has the observations as they were, too', async () => {
    const world = await revisedWorld()
    const observationsOn = async (day: string) =>
      (await world.indicator('UNRATE', { as_of: day, days: '90' })).body.data.observations

    expect(await observationsOn('2026-11-21')).toEqual([
      { date: '2026-09-01', value: 4.3, seen_on: '2026-11-20' },
    ])
    expect(await observationsOn('2026-11-23')).toEqual([
      { date: '2026-09-01', value: 4.2, seen_on: '2026-11-22' },
    ])
  })

  it('is that of the last run of the day', async () => {
    const world = macroWorld(NINE, { UNRATE: { '2026-09-01': '4.3' } })
    await world.tick(NINE)
    world.answers['UNRATE'] = { '2026-09-01': '4.1' }
    world.clock.advance(5 * HOUR)
    await world.refreshAll()

    expect((await world.indicator('UNRATE', { as_of: '2026-11-20' })).body.data.value).toBe(4.1)
  })

  it('is as before after a day without a run', async () => {
    const world = await revisedWorld()
    world.clock.advance(5 * DAY)

    expect((await world.indicator('UNRATE', { as_of: '2026-11-28' })).body.data.value).toBe(4.5)
  })

  it.each(['2026-11-21', '2026-02-30', '2026-13-01', 'yesterday', '20261120'])(
    'is 400 for %s, a day of the future or none',
    async (day) => {
      const world = macroWorld(NINE)
      await world.tick(NINE)

      expect((await world.indicator('DFF', { as_of: day })).status).toBe(400)
    },
  )
})

describe('the answer about all indicators', () => {
  it('is in pages, each with the notice', async () => {
    const world = macroWorld(NINE)
    await world.tick(NINE)

    const first = (await world.read('/indicators', { limit: '20' })).body
    const second = (await world.read('/indicators', { limit: '20', cursor: first.meta.next_cursor })).body

    expect([first, second].map((body) => fits('/api/v1/macro/indicators', body))).toEqual([
      undefined,
      undefined,
    ])
    expect([first.data.length, second.data.length, second.meta.next_cursor]).toEqual([20, 2, null])
    expect([first.meta.notice, second.meta.notice]).toEqual([NOTICE, NOTICE])
  })
})

describe('the answer about monetary policy', () => {
  it('has the stance and the indicators of its group, with the notice', async () => {
    const world = macroWorld(NINE, {
      DFF: { '2026-11-19': '5.33' },
      M2SL_PC1: { '2026-10-01': '4' },
      CPIAUCSL_PC1: { '2026-10-01': '3.7' },
    })
    await world.tick(NINE)

    const { status, body } = await world.read('/monetary-policy')

    expect([status, fits('/api/v1/macro/monetary-policy', body)]).toEqual([200, undefined])
    expect(body).toMatchObject({
      data: { stance: 'Slightly Restrictive', reasons: {} },
      meta: { notice: NOTICE },
    })
    expect(body.data.indicators).toHaveLength(12)
  })

  it('has no stance without one of its inputs', async () => {
    const world = macroWorld(NINE, { DFF: { status: 500, body: 'no' } })
    await world.tick(NINE)

    expect((await world.read('/monetary-policy')).body.data).toMatchObject({
      stance: null,
      reasons: { stance: 'missing or stale: DFF' },
    })
  })

  it('is 503 before anything was fetched', async () => {
    expect((await macroWorld(NINE).read('/monetary-policy')).status).toBe(503)
  })
})
