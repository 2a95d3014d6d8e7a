import { describe, expect, it } from 'vitest'
import { overdueLimitMs } from '#shared/declare/alarm-limits.ts'
import { checkInsWorld, success } from '#test/fakes/jobs/check-ins.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAILY = '/api/projects/11/daily-stats'

/** Midnight between 20 and 21 November 2026 in Shanghai. */
const MIDNIGHT = Date.UTC(2026, 10, 20, 16)

/** A world half a minute before midnight, with the statistics of 20 November. */
async function beforeMidnight() {
  const world = checkInsWorld({ projects: ['11'], start: MIDNIGHT - 5 * MINUTE })
  await world.tickJob('check-in-projects')
  await world.tickJob('check-in-daily-stats', MIDNIGHT - 40 * SECOND)
  world.clock.advance(MIDNIGHT - 20 * SECOND - world.clock.now())
  return world
}

describe('the statistics of the day', () => {
  it('are those of the day in Shanghai before its midnight', async () => {
    const world = await beforeMidnight()

    const { status, body } = await world.get(DAILY)

    expect([status, body.data.date, body.data.total_checkins]).toEqual([200, '2026-11-20', 3])
  })

  it('of yesterday are not served at 00:00:20, and no other value takes their place (row 12)', async () => {
    const world = await beforeMidnight()
    world.answerWith(() => ({ status: 500, body: 'no' }))
    world.clock.advance(40 * SECOND)

    const { status, body } = await world.newReader()(DAILY)

    expect([status, body.data]).toEqual([503, null])
    expect(world.callNames().at(-1)).toBe('daily 11 2026-11-21')
  })

  it('of the new date are published by the run of 00:01 (row 12)', async () => {
    const world = await beforeMidnight()
    world.answerWith(({ kind }) => (kind === 'daily' ? success({ checkined_count: 1 }) : undefined))

    const run = await world.tickJob('check-in-daily-stats', MIDNIGHT + MINUTE)

    const { body, headers } = await world.newReader()(DAILY)
    expect(run.status).toBe('succeeded')
    expect([headers['x-cache'], body.data.date, body.data.total_checkins]).toEqual(['HIT', '2026-11-21', 1])
  })

  it('of the new date are fetched for the first reader after midnight', async () => {
    const world = await beforeMidnight()
    world.clock.advance(40 * SECOND)

    const { headers, body } = await world.newReader()(DAILY)

    expect([headers['x-cache'], body.data.date]).toEqual(['MISS', '2026-11-21'])
  })

  it('that the provider answers for another date are not believed', async () => {
    const world = await beforeMidnight()
    world.answerWith(({ kind }) => (kind === 'daily' ? success({ date: '2026-11-20', count: 9 }) : undefined))

    const run = await world.tickJob('check-in-daily-stats', MIDNIGHT + MINUTE)

    expect(run).toMatchObject({ status: 'failed', reason: 'malformed' })
  })

  it('with more active members than check-ins are rejected', async () => {
    const world = await beforeMidnight()
    const more = { count: 3, new_users: 0, active_users: 4 }
    world.answerWith(({ kind }) => (kind === 'daily' ? success(more) : undefined))

    const run = await world.tickJob('check-in-daily-stats', MIDNIGHT + MINUTE)

    expect(run).toMatchObject({ status: 'failed', reason: 'rejected' })
  })

  it('that no run of the new date brings are overdue 45 minutes after the last check, with an alarm', async () => {
    const world = await beforeMidnight()
    world.answerWith(() => ({ status: 500, body: 'no' }))
    for (const minutes of [1, 16, 31])
      await world.tickJob('check-in-daily-stats', MIDNIGHT + minutes * MINUTE)
    const job = world.jobOf('check-in-daily-stats')
    const { freshUntil } = await world.store.states.get(job.id)

    const alarmAt = (freshUntil ?? Number.NaN) + (overdueLimitMs(job) ?? Number.NaN)

    expect(alarmAt - MIDNIGHT).toBeGreaterThan(44 * MINUTE)
    expect(alarmAt - MIDNIGHT).toBeLessThan(46 * MINUTE)
  })

  it('have a first tick of a day at 00:01 in Shanghai', () => {
    const { schedule } = checkInsWorld().jobOf('check-in-daily-stats')

    expect(schedule).toMatchObject({ zone: 'Asia/Shanghai', expression: 'cron(1/15 * * * ? *)' })
  })
})
