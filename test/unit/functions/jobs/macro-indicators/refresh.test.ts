import { describe, expect, it } from 'vitest'
import { job } from '#functions/jobs/macro-indicators/job.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { MACRO_SERIES } from '#shared/systems/macro/series.ts'
import { failureBody, macroWorld } from '#test/fakes/jobs/macro-indicators.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** 09:00 in New York, in winter. */
const NINE = Date.UTC(2026, 10, 20, 14)
const ALL = MACRO_SERIES.map(({ key }) => key)
const UNREGISTERED = failureBody(400, 'Bad Request.  The value for variable api_key is not registered.')

describe('the run of a day', () => {
  it('requests every series once, at most two a second, and ends within its deadline', async () => {
    const world = macroWorld(NINE)

    const ended = await world.tick(NINE)

    expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 22, published: 22 } })
    expect(world.requested()).toEqual(ALL)
    expect((ended.endedAt ?? 0) - ended.startedAt).toBeLessThan(100_000)
    expect(world.calls.map(({ url }) => [...url.searchParams.keys()].sort().join())).toEqual(
      ALL.map(() => 'file_type,limit,series_id,sort_order,units'),
    )
  })

  it('has the documented log line', async () => {
    const world = macroWorld(NINE)

    await world.tick(NINE)

    const line = world.lines.find(({ message }) => message.startsWith("Job 'refresh_macro'"))
    expect(line?.message).toMatch(/^Job 'refresh_macro' success in \d+\.\d\ds$/)
    expect(line).toMatchObject({ level: 'INFO', indicators_count: 22, success_count: 22, failed_count: 0 })
  })

  it('makes the two later ones of the day needless when every series was fetched', async () => {
    const world = macroWorld(NINE)
    await world.tick(NINE)

    const later = [await world.tick(NINE + HOUR), await world.tick(NINE + 4 * HOUR)]

    expect(later).toMatchObject([1, 2].map(() => ({ status: 'skipped', reason: 'nothing-to-do' })))
    expect(later[0]?.message).toBe('Not needed: every series was fetched today')
    expect(world.calls).toHaveLength(22)
  })

  it('leaves to the next one what it could not fetch, and only that', async () => {
    const world = macroWorld(NINE, {
      DFF: { status: 500, body: 'no' },
      UNRATE: { status: 502, body: '<html>' },
    })
    expect(await world.tick(NINE)).toMatchObject({ status: 'partial', counts: { published: 20, failed: 2 } })
    world.calls.length = 0
    delete world.answers['DFF']
    delete world.answers['UNRATE']

    const ended = await world.tick(NINE + HOUR)

    expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 2, published: 2 } })
    expect(world.requested()).toEqual(['DFF', 'UNRATE'])
    expect(await world.tick(NINE + 4 * HOUR)).toMatchObject({ status: 'skipped' })
  })

  it('requests everything again on the next day, and what was fetched before nine on the same one', async () => {
    const world = macroWorld(NINE - 2 * HOUR)
    await world.run({ cause: 'stale-read' })

    const runs = [await world.tick(NINE), await world.tick(NINE + DAY)]

    expect(runs).toMatchObject([1, 2].map(() => ({ status: 'unchanged', counts: { planned: 22 } })))
  })

  it('does not keep an operator from fetching everything again', async () => {
    const world = macroWorld(NINE)
    await world.tick(NINE)

    expect(await world.refreshAll()).toMatchObject({ status: 'unchanged', counts: { planned: 22 } })
  })

  it('goes on with the rest 20 seconds after a 429', async () => {
    const world = macroWorld(NINE)
    let isLimited = false
    const reply = world.answers
    Object.defineProperty(reply, 'M2SL', {
      get: () => {
        if (isLimited) return undefined
        isLimited = true
        return failureBody(429, 'Too Many Requests.  Exceeded Rate Limit')
      },
    })

    const ended = await world.tick(NINE)

    expect(ended).toMatchObject({ status: 'succeeded', counts: { published: 22 } })
    expect((ended.endedAt ?? 0) - ended.startedAt).toBeLessThan(180_000)
  })

  it('confirms after a minute that its key is not registered, and goes on when it was a mistake', async () => {
    const mistaken = macroWorld(NINE)
    let isRefused = false
    Object.defineProperty(mistaken.answers, 'DFF', {
      get: () => {
        if (isRefused) return undefined
        isRefused = true
        return UNREGISTERED
      },
    })
    const wrong = macroWorld(NINE, Object.fromEntries(ALL.map((key) => [key, UNREGISTERED])))

    expect(await mistaken.tick(NINE)).toMatchObject({ status: 'succeeded', counts: { published: 22 } })
    expect(await wrong.tick(NINE)).toMatchObject({ status: 'failed', reason: 'auth' })
    expect(wrong.calls.length).toBeLessThanOrEqual(3)
  })

  it('is off without the terms, without the key, and with the scheduler off', () => {
    const accepted = { FRED_TERMS_ACCEPTED: 'true', FRED_KEY_PARAMETER: '/k' }
    const off = (settings: Readonly<Record<string, string>>) => resolveJob(job, settings).off

    expect(off({})).toBe('FRED_TERMS_ACCEPTED is false')
    expect(off({ FRED_TERMS_ACCEPTED: 'true' })).toBe('FRED_KEY_PARAMETER is not set')
    expect(off({ ...accepted, ENABLE_SCHEDULER: 'false' })).toBe('ENABLE_SCHEDULER is false')
    expect(off(accepted)).toBeUndefined()
  })

  it('has fresh data for 26 hours and its history for 400 days, or as its settings say', () => {
    const settings = { CACHE_TTL_MACRO_HOURS: '30', RETENTION_DAYS_MACRO: '90' }
    const [usual, changed] = [resolveJob(job, {}), resolveJob(job, settings)]

    expect([usual.freshness.freshForMs, changed.freshness.freshForMs]).toEqual([26 * HOUR, 30 * HOUR])
    expect(usual.history).toEqual({ daily: 400 * DAY, observations: 400 * DAY })
    expect(changed.history).toEqual({ daily: 90 * DAY, observations: 90 * DAY })
    expect(usual.freshness).toMatchObject({ serveStaleForMs: 7 * DAY, keepForMs: 30 * DAY })
  })

  it('makes no call and stores nothing without the terms (row 15)', async () => {
    const world = macroWorld(NINE, {}, { FRED_TERMS_ACCEPTED: 'false' })

    expect(await world.tick(NINE)).toMatchObject({ status: 'skipped', reason: 'not-configured' })

    expect(world.calls).toEqual([])
    expect(world.store.memory.history.size).toBe(0)
    expect((await world.indicator('DFF')).status).toBe(503)
  })
})

describe('the schedule', () => {
  it.each([
    ['2027-03-14', ['13:00', '14:00', '17:00']],
    ['2026-11-01', ['14:00', '15:00', '18:00']],
    ['2026-11-20', ['14:00', '15:00', '18:00']],
  ])('has nine, ten and one o’clock in New York once each on %s', (date, times) => {
    const schedule = clockOf(resolveJob(job, {}).schedule)
    const after = Date.parse(`${date}T04:30:00Z`)

    const ticks = schedule && occurrences(schedule, { after, until: after + DAY })

    expect(ticks?.map((at) => new Date(at).toISOString().slice(11, 16))).toEqual(times)
  })

  it.each([
    ['spring', Date.UTC(2027, 2, 14, 13), Date.UTC(2027, 2, 13, 14)],
    ['autumn', Date.UTC(2026, 10, 1, 14), Date.UTC(2026, 9, 31, 13)],
  ])(
    'is due at nine and no longer at ten on the day on which the clocks change in %s',
    async (_, nine, before) => {
      const world = macroWorld(before)
      await world.tick(before)

      expect(await world.tick(nine)).toMatchObject({ status: 'unchanged', counts: { planned: 22 } })
      expect(await world.tick(nine + HOUR)).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    },
  )
})
