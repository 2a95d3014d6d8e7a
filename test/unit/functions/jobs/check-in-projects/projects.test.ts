import { describe, expect, it } from 'vitest'
import { AFTERNOON, checkInsWorld, failure, success } from '#test/fakes/jobs/check-ins.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const INFO = 'zsxq:project:11:info'

describe('a run of the check-in projects', () => {
  it('fetches the details of the ongoing projects in the same run, also in the first one', async () => {
    const world = checkInsWorld()

    const run = await world.tickJob('check-in-projects')

    expect(world.callNames()).toEqual(['list ongoing', 'list closed', 'list over', 'detail 11', 'detail 12'])
    expect(run).toMatchObject({ status: 'succeeded', counts: { planned: 5, published: 5 } })
  })

  it('of 20 projects fetches the details of the first 5', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => String(101 + index))
    const world = checkInsWorld({ projects: ids })

    await world.tickJob('check-in-projects')

    expect(world.callNames().slice(3)).toEqual(ids.slice(0, 5).map((id) => `detail ${id}`))
    const { body } = await world.get('/api/projects')
    expect(body.data.projects).toHaveLength(20)
  })

  it('that loses its list still fetches the details of the stored one', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')
    world.calls.length = 0
    world.answerWith(({ kind }) => (kind === 'list' ? failure(1030) : undefined))

    const run = await world.tickJob('check-in-projects', AFTERNOON + HOUR)

    expect(run).toMatchObject({ status: 'partial', counts: { planned: 5, failed: 3 } })
    expect(world.callNames().slice(3)).toEqual(['detail 11', 'detail 12'])
  })

  it('logs its end with its figures at INFO', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')

    expect(world.lines).toMatchObject([
      {
        level: 'INFO',
        message: expect.stringMatching(/^Job 'checkins_projects' success in \d+\.\d\ds$/),
        keys_count: 5,
        success_count: 5,
        failed_count: 0,
      },
    ])
  })

  it('of one detail does not believe that of another project', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')
    world.answerWith(({ kind }) =>
      kind === 'detail' ? success({ checkin: { checkin_id: 12, title: 'Another' } }) : undefined,
    )

    const run = await world.runJob('check-in-projects', { cause: 'operator', key: INFO })

    expect(run).toMatchObject({ status: 'failed', reason: 'malformed' })
    expect((await world.newReader()('/api/projects/11')).body.data.title).toBe('Project 11')
  })
})

describe('a list of projects', () => {
  it('that is empty is 200 with [], does not make the job overdue, and is requested again by a read after 60 s', async () => {
    const world = checkInsWorld({ projects: [] })
    const run = await world.tickJob('check-in-projects')
    const state = await world.store.states.get('check-in-projects')
    const read = world.newReader()
    const first = await read('/api/projects')
    world.clock.advance(40_000)
    await world.newReader()('/api/projects')
    const requestsBefore = world.events.filter(({ type }) => type === 'refresh.requested')
    world.clock.advance(25_000)
    const later = await world.newReader()('/api/projects')

    expect([run.status, first.status, first.body.data.projects]).toEqual(['succeeded', 200, []])
    expect(requestsBefore).toEqual([])
    expect([later.status, later.headers['x-cache'], later.body.data.projects]).toEqual([200, 'STALE', []])
    expect(world.events.at(-1)).toMatchObject({
      type: 'refresh.requested',
      detail: { cause: 'stale-read', key: 'zsxq:projects:list:ongoing' },
    })
    expect(state.freshUntil).toBeGreaterThan(AFTERNOON + HOUR)
  })

  it('that lost more than half of its projects is believed once the stored one is no longer fresh', async () => {
    const world = checkInsWorld({ projects: ['11', '12', '13', '14'] })
    await world.tickJob('check-in-projects')
    world.setProjects(['11'])

    const early = await world.tickJob('check-in-projects', AFTERNOON + HOUR)
    const kept = (await world.newReader()('/api/projects')).body.data.projects.length
    const late = await world.tickJob('check-in-projects', AFTERNOON + 3 * HOUR)

    expect([early.status, kept]).toEqual(['partial', 4])
    expect(late.status).toBe('succeeded')
    expect((await world.newReader()('/api/projects')).body.data.projects).toHaveLength(1)
  })
})

describe('a read of one project', () => {
  it('that the provider does not have is 404, and again within 60 s without a call (row 9)', async () => {
    const world = checkInsWorld()
    const read = world.newReader()

    const first = await read('/api/projects/999')
    world.clock.advance(50_000)
    const second = await world.newReader()('/api/projects/999')

    expect([first.status, first.body]).toEqual([404, { code: 404, message: 'project not found', data: null }])
    expect([second.status, world.callNames()]).toEqual([404, ['detail 999']])
  })

  it('that the provider did not have is requested again after 60 s', async () => {
    const world = checkInsWorld()
    await world.get('/api/projects/999')
    world.setProjects(['999'])
    world.clock.advance(61_000)

    const read = await world.newReader()('/api/projects/999')

    expect([read.status, read.headers['x-cache']]).toEqual([200, 'MISS'])
  })

  it('keeps value and cached_at of the last success while refreshes fail (row 13)', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')
    const before = await world.newReader()('/api/projects/11')
    world.answerWith(() => ({ status: 500, body: 'no' }))

    const run = await world.tickJob('check-in-projects', AFTERNOON + HOUR)

    const after = await world.newReader()('/api/projects/11')
    expect(run).toMatchObject({ status: 'failed', reason: 'upstream-fault' })
    expect(after.body).toEqual(before.body)
  })
})

describe('the log line of a read', () => {
  it('is DEBUG for a hit, INFO for a cold read, and has no parameter', async () => {
    const world = checkInsWorld()
    await world.tickJob('check-in-projects')
    world.lines.length = 0

    await world.get('/api/projects/11')
    await world.get('/api/projects/11/topics')

    const reads = world.lines.filter(({ path }) => path !== undefined)
    expect(reads).toMatchObject([
      { level: 'DEBUG', path: '/api/projects/{id}', cache: 'HIT' },
      { level: 'INFO', path: '/api/projects/{id}/topics', cache: 'MISS' },
    ])
    expect(JSON.stringify(reads)).not.toContain('/11')
  })
})

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
