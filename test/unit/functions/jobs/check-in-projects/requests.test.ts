import { describe, expect, it } from 'vitest'
import { AFTERNOON, checkInsWorld } from '#test/fakes/jobs/check-ins.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('parameters beyond their form are 400, whose message names them (row 14)', () => {
  it.each([
    ['/api/projects?scope=foo', 'scope'],
    ['/api/projects?scope=', 'scope'],
    ['/api/projects?ids=11,', 'ids'],
    ['/api/projects?ids=abc', 'ids'],
    ['/api/projects/abc', 'id'],
    ['/api/projects/123456789012345678901', 'id'],
    ['/api/projects/abc/stats', 'id'],
    ['/api/projects/abc/daily-stats', 'id'],
    ['/api/projects/11/leaderboard?limit=0', 'limit'],
    ['/api/projects/11/leaderboard?limit=101', 'limit'],
    ['/api/projects/11/leaderboard?limit=010', 'limit'],
    ['/api/projects/11/leaderboard?type=weekly', 'type'],
    ['/api/projects/11/topics?count=0', 'count'],
    ['/api/projects/11/topics?count=101', 'count'],
  ])('%s', async (target, name) => {
    const world = checkInsWorld()

    const { status, body } = await world.get(target)

    expect([status, body]).toEqual([400, { code: 400, message: `invalid ${name}`, data: null }])
    expect(world.calls).toEqual([])
  })

  it('and unknown ones are ignored', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')

    expect((await world.get('/api/projects?page=2')).status).toBe(200)
  })
})

describe('the details of several projects', () => {
  const read = async (query: string) => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')
    world.calls.length = 0
    const response = await world.get(`/api/projects?ids=${query}`)
    return { ...response, calls: world.calls.length, events: world.events }
  }

  it('come in the order of the ids, each once, without a call; those that are not stored are named', async () => {
    const { status, body, calls } = await read('12,99,11,12,98')

    expect(status).toBe(200)
    expect(body.data.projects.map(({ project_id: id }: { project_id: string }) => id)).toEqual(['12', '11'])
    expect([body.meta.missing, calls]).toEqual([['99', '98'], 0])
  })

  it('are 200 without any when none is stored', async () => {
    const { status, body } = await read('98')

    expect([status, body.data, body.meta.missing]).toEqual([200, { projects: [], cached_at: null }, ['98']])
  })

  it('are at most 20', async () => {
    const ids = Array.from({ length: 21 }, (_, index) => index + 1)

    expect((await read(ids.slice(0, 20).join())).status).toBe(200)
    expect((await read(ids.join())).body.message).toBe('invalid ids')
  })

  it('cannot be requested together with a scope', async () => {
    const { status, body } = await read('11&scope=ongoing')

    expect([status, body.message]).toEqual([400, 'expected scope or ids, got both'])
  })
})

describe('a live read of projects', () => {
  it('with ids is refused with 400: it would make a call for each of them', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')
    world.calls.length = 0

    const { status, body } = await world.live('/api/projects?ids=11,12')

    expect([status, body.message]).toEqual([400, 'expected no ids, got some: read each project live'])
    expect(world.calls).toEqual([])
  })

  it('of one of them makes one call and stores its result', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')
    world.clock.advance(MINUTE)
    world.calls.length = 0

    const { status, headers } = await world.live('/api/projects/11')

    expect([status, headers['x-cache'], world.callNames()]).toEqual([200, 'BYPASS', ['detail 11']])
  })
})

describe('two groups over one table, with different prefixes', () => {
  it('never see data of each other', async () => {
    const one = checkInsWorld({ projects: ['11'] })
    const other = checkInsWorld({
      projects: ['12'],
      store: one.store,
      settings: { CHECKINS_KEY_PREFIX: 'other' },
    })
    await one.tickJob('check-in-projects')
    await one.tickJob('check-in-topics', AFTERNOON + HOUR)
    await other.tickJob('check-in-projects', one.clock.now())
    one.calls.length = 0
    other.calls.length = 0

    const lists = [await one.newReader()('/api/projects'), await other.newReader()('/api/projects')]
    const details = [
      await one.newReader()('/api/projects?ids=11,12'),
      await other.newReader()('/api/projects?ids=11,12'),
    ]
    const topics = await other.newReader()('/api/projects/11/topics')

    expect(lists.map(({ body }) => body.data.projects[0].project_id)).toEqual(['11', '12'])
    expect(details.map(({ body }) => body.meta.missing)).toEqual([['12'], ['11']])
    expect([topics.status, other.callNames()]).toEqual([404, ['topics 11']])
  })
})

describe('without stored data', () => {
  it.each([
    '/api/projects',
    '/api/projects?ids=11',
    '/api/projects/11',
    '/api/projects/11/stats',
    '/api/projects/11/daily-stats',
    '/api/projects/11/leaderboard',
    '/api/projects/11/topics',
  ])(
    '%s is 503 while the provider is not configured, also where data are stored (row 19)',
    async (target) => {
      const on = checkInsWorld()
      await on.tickJob('check-in-projects')
      const off = checkInsWorld({ store: on.store, settings: { CHECKINS_ENABLED: 'false' } })

      const { status, body } = await off.get(target)

      expect([status, body]).toEqual([
        503,
        { code: 503, message: 'check-in provider is not configured', data: null },
      ])
      expect(off.events).toEqual([])
    },
  )

  it('the API is healthy and has its version', async () => {
    const off = checkInsWorld({ settings: { CHECKINS_ENABLED: 'false' } })

    expect((await off.get('/api/health')).body.data).toEqual({
      status: 'ok',
      service: 'freshet',
      version: '0.0.0',
    })
    expect((await off.get('/api/ping')).body).toEqual({ code: 0, message: 'success', data: { pong: true } })
  })

  it('a reader beyond ten cold keys a minute gets 429 without a call, over all check-in jobs', async () => {
    const world = checkInsWorld()
    const read = world.newReader()
    const ids = Array.from({ length: 6 }, (_, index) => String(900 + index))
    await Promise.all(ids.flatMap((id) => [read(`/api/projects/${id}`), read(`/api/projects/${id}/topics`)]))
    const { status, headers, body } = await read('/api/projects/950/stats')

    expect([status, body.message]).toEqual([429, 'too many requests for data that are not stored yet'])
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(world.events.filter(({ type }) => type === 'refresh.requested')).toHaveLength(10)
  })
})
