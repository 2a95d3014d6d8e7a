import { describe, expect, it } from 'vitest'
import { AFTERNOON, checkInsWorld, rankings, success } from '#test/fakes/jobs/check-ins.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const BOARD = '/api/projects/11/leaderboard'

/** A world with stored projects and the leaderboards of the first one. */
async function published(bodies: (number: number) => unknown = () => rankings(100)) {
  const world = checkInsWorld({ projects: ['11'] })
  let answers = 0
  world.answerWith(({ kind }) => {
    if (kind !== 'ranking_list') return undefined
    answers += 1
    return success(bodies(answers))
  })
  await world.tickJob('check-in-projects')
  world.calls.length = 0
  await world.tickJob('check-in-leaderboards')
  return world
}

describe('a leaderboard', () => {
  it('is cut to the limit on read, without a call, and counts all stored ranks (row 7)', async () => {
    const world = await published()
    world.calls.length = 0

    const ten = await world.get(`${BOARD}?limit=10`)
    const fifty = await world.get(`${BOARD}?limit=50`)
    const byDefault = await world.get(BOARD)

    const rows = [ten, fifty, byDefault].map(({ body }) => [body.data.rankings.length, body.data.total])
    expect(rows).toEqual([
      [10, 100],
      [50, 100],
      [10, 100],
    ])
    expect(world.calls).toEqual([])
  })

  it('shows the public no rank of the token owner, and operators that rank', async () => {
    const world = await published()
    world.clock.advance(MINUTE)

    const live = await world.live(`${BOARD}?type=continuous`)
    const read = await world.get(BOARD)

    expect([live.status, live.headers['x-cache'], live.body.data.user_rank]).toEqual([
      200,
      'BYPASS',
      { rank: 6, days: 20 },
    ])
    expect([read.status, read.body.data.user_rank]).toEqual([200, null])
  })

  it('is read live once a minute: the second read within it is 429 without a call', async () => {
    const world = await published()
    await world.live(BOARD)
    world.clock.advance(31 * SECOND)
    world.calls.length = 0

    const second = await world.live(BOARD)

    expect([second.status, second.body.message]).toEqual([
      429,
      'Check-in leaderboards were read live a short time ago',
    ])
    expect(world.calls).toEqual([])
  })

  it('has null for the image of a user whose signature has expired, with another entity tag', async () => {
    const expiresAt = AFTERNOON / SECOND + 600
    const world = await published(() => rankings(3, expiresAt))
    const avatars = async () => {
      const { body, headers } = await world.newReader()(BOARD)
      const users: { user: { avatar: string | null } }[] = body.data.rankings
      return { avatars: users.map(({ user }) => user.avatar), etag: headers['etag'] }
    }

    const before = await avatars()
    world.clock.advance(10 * MINUTE)
    const after = await avatars()

    expect(before.avatars[0]).toMatch(/Avatar-1\?e=\d+&token=/)
    expect(after.avatars).toEqual([null, null, null])
    expect(after.etag).not.toBe(before.etag)
  })

  it('keeps its entity tag when the provider signs its images again, and serves the new signatures', async () => {
    const inDays = AFTERNOON / SECOND + 200_000
    const world = await published((number) => rankings(3, inDays + number, `signature${number}`))
    const before = await world.newReader()(BOARD)

    await world.runJob('check-in-leaderboards', { cause: 'operator' })
    const after = await world.newReader()(BOARD)
    const conditional = await world.newReader()(BOARD, { 'if-none-match': before.headers['etag'] ?? '' })

    expect(after.headers['etag']).toBe(before.headers['etag'])
    expect(after.body.data.rankings[0].user.avatar).not.toBe(before.body.data.rankings[0].user.avatar)
    expect(conditional.status).toBe(304)
  })

  it('without ranks is 200 with [], and requested again by a read after 60 s', async () => {
    const world = await published(() => rankings(0))
    const first = await world.newReader()(BOARD)
    world.clock.advance(61 * SECOND)
    const later = await world.newReader()(BOARD)

    expect([first.status, first.body.data.rankings, first.body.data.total]).toEqual([200, [], 0])
    expect(later.headers['x-cache']).toBe('STALE')
    expect(world.events.at(-1)).toMatchObject({ detail: { cause: 'stale-read' } })
  })
})

describe('a tick of the leaderboards', () => {
  it('fetches one of the two of each project, the next tick the other one', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')
    world.calls.length = 0

    for (const tick of [1, 2, 3]) await world.tickJob('check-in-leaderboards', AFTERNOON + tick * 30 * MINUTE)

    expect(world.callNames()).toEqual([
      'ranking_list 11 continuous',
      'ranking_list 12 continuous',
      'ranking_list 11 accumulated',
      'ranking_list 12 accumulated',
      'ranking_list 11 continuous',
      'ranking_list 12 continuous',
    ])
  })

  it('keeps both of them fresh', async () => {
    const world = checkInsWorld({ projects: ['11'] })
    await world.tickJob('check-in-projects')
    const labels = []
    for (const tick of [1, 2, 3, 4, 5]) {
      await world.tickJob('check-in-leaderboards', AFTERNOON + tick * 30 * MINUTE)
      world.clock.advance(29 * MINUTE)
      for (const type of ['continuous', 'accumulated'])
        if (tick > 1) labels.push((await world.newReader()(`${BOARD}?type=${type}`)).headers['x-cache'])
    }

    expect(new Set(labels)).toEqual(new Set(['HIT']))
  })

  it('that is the first run fetches both', async () => {
    const world = checkInsWorld({ projects: ['11'] })
    await world.tickJob('check-in-projects')
    world.calls.length = 0

    await world.runJob('check-in-leaderboards', { cause: 'first-run' })

    expect(world.callNames()).toEqual(['ranking_list 11 continuous', 'ranking_list 11 accumulated'])
  })
})
