import { describe, expect, it } from 'vitest'
import { AFTERNOON, checkInsWorld, success } from '#test/fakes/jobs/check-ins.ts'

const MINUTE = 60_000
const STATS = '/api/projects/11/stats'
const NESTED = { statistics: { joined_count: 34, completed_count: 0, checkined_count: 33 } }
const FLAT = { users_count: 150, checkined_count: 3_500, today_count: 120, continuous_rate: 0.85 }

/** A world with stored statistics of a project. */
async function published(statistics: unknown) {
  const world = checkInsWorld({ projects: ['11'] })
  world.answerWith(({ kind }) => (kind === 'statistics' ? success(statistics) : undefined))
  await world.tickJob('check-in-projects')
  await world.tickJob('check-in-stats')
  return world
}

describe('the statistics of a project', () => {
  it('in the nested form have no average, and name that form (row 1, as corrected)', async () => {
    const { body } = await (await published(NESTED)).get(STATS)

    expect(body.data).toMatchObject({
      total_members: 34,
      total_checkins: 33,
      today_checkins: null,
      continuous_rate: null,
      avg_checkins_per_member: null,
    })
    expect(body.meta.form).toBe('nested')
  })

  it('in the flat form have their average and the check-ins of the day (row 2)', async () => {
    const { body } = await (await published(FLAT)).get(STATS)

    expect(body.data).toMatchObject({
      total_members: 150,
      total_checkins: 3_500,
      today_checkins: 120,
      continuous_rate: 0.85,
      avg_checkins_per_member: 23.33,
    })
    expect(body.meta.form).toBe('flat')
  })

  it('have the check-ins of the day from its own statistics while those are fresh', async () => {
    const world = await published(NESTED)
    const before = await world.newReader()(STATS)
    await world.tickJob('check-in-daily-stats')
    const fresh = await world.newReader()(STATS)
    world.clock.advance(34 * MINUTE)
    const stale = await world.newReader()(STATS)

    const values = [before, fresh, stale].map(({ body }) => body.data.today_checkins)
    expect(values).toEqual([null, 3, null])
    expect(fresh.headers['etag']).not.toBe(before.headers['etag'])
  })

  it('keep the 0 of the provider as a figure of its own', async () => {
    const world = await published({ ...FLAT, today_count: 0 })
    await world.tickJob('check-in-daily-stats')

    expect((await world.get(STATS)).body.data.today_checkins).toBe(0)
  })

  it('never have the check-ins of yesterday', async () => {
    const midnight = Date.UTC(2026, 10, 20, 16)
    const world = checkInsWorld({ projects: ['11'], start: midnight - 2 * MINUTE })
    await world.tickJob('check-in-projects')
    await world.tickJob('check-in-stats')
    await world.tickJob('check-in-daily-stats')
    const before = await world.newReader()(STATS)
    world.clock.advance(midnight + 20_000 - world.clock.now())
    const after = await world.newReader()(STATS)

    expect([before, after].map(({ body }) => body.data.today_checkins)).toEqual([3, null])
  })

  it('with more completed members than members are rejected, and the stored ones stay', async () => {
    const world = await published(FLAT)
    const wrong = { statistics: { joined_count: 34, completed_count: 35, checkined_count: 33 } }
    world.answerWith(({ kind }) => (kind === 'statistics' ? success(wrong) : undefined))

    const run = await world.tickJob('check-in-stats', AFTERNOON + 30 * MINUTE)

    expect(run).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect((await world.newReader()(STATS)).body.data.total_members).toBe(150)
  })
})
