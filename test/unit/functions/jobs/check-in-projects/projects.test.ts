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
