import { describe, expect, it } from 'vitest'
import { AFTERNOON, checkInsWorld, member, success, topics } from '#test/fakes/jobs/check-ins.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const TOPICS = '/api/projects/11/topics'

/** A world with stored projects and the topics of the first one. */
async function published(body: unknown = topics(20), settings = {}) {
  const world = checkInsWorld({ projects: ['11'], settings })
  world.answerWith(({ kind }) => (kind === 'topics' ? success(body) : undefined))
  await world.tickJob('check-in-projects')
  await world.tickJob('check-in-topics')
  world.calls.length = 0
  return world
}

describe('the topics of a project', () => {
  it('are cut to the count on read, without a call', async () => {
    const world = await published()

    const { body } = await world.get(`${TOPICS}?count=3`)

    expect([body.data.topics.length, body.meta.truncated, world.calls]).toEqual([3, false, []])
  })

  it('of which more are requested than are stored are those that are stored, marked as truncated', async () => {
    const world = await published()

    const all = await world.get(`${TOPICS}?count=20`)
    const beyond = await world.get(`${TOPICS}?count=21`)

    expect([all.status, all.body.data.topics.length, all.body.meta.truncated]).toEqual([200, 20, false])
    expect([beyond.status, beyond.body.data.topics.length, beyond.body.meta.truncated]).toEqual([
      200,
      20,
      true,
    ])
  })

  it('are stored up to CHECKINS_TOPICS_MAX_ITEMS', async () => {
    const world = await published(topics(20), { CHECKINS_TOPICS_MAX_ITEMS: '5' })

    const { body } = await world.get(TOPICS)

    expect(body.data.topics).toHaveLength(5)
  })

  it('that are none are 200 with [], without a second call within 60 s (row 8)', async () => {
    const world = await published({ topics: [] })
    const first = await world.newReader()(TOPICS)
    world.clock.advance(40 * SECOND)
    const second = await world.newReader()(TOPICS)

    expect([first.status, first.body.data.topics, second.status]).toEqual([200, [], 200])
    expect([world.calls, world.events.filter(({ type }) => type === 'refresh.requested')]).toEqual([[], []])
  })

  it('that are none do not make the job overdue before its next tick', async () => {
    const world = await published({ topics: [] })

    const { freshUntil } = await world.store.states.get('check-in-topics')

    expect(freshUntil).toBeGreaterThan(AFTERNOON + 10 * MINUTE)
  })

  it('have ids with all digits of a number beyond 2^53 (row 5)', async () => {
    const world = await published()
    world.answerWith(({ kind }) =>
      kind === 'topics'
        ? {
            status: 200,
            body: '{"succeeded":true,"resp_data":{"topics":[{"topic_id":82811825141841812,"title":"Today"}]}}',
          }
        : undefined,
    )
    await world.tickJob('check-in-topics', AFTERNOON + 30 * MINUTE)

    const { body } = await world.newReader()(TOPICS)

    expect(body.data.topics[0].topic_id).toBe('82811825141841812')
  })

  it('have the names of mentions and hashtags in place of the tags, within 50 and 1,000 characters', async () => {
    const tag = '<e type="hashtag" hid="1" title="%23morning%23" />'
    const text = `${tag} ${'早'.repeat(1_200)}`
    const world = await published({
      topics: [{ topic_uid: '5', talk: { owner: member(1), text } }],
    })

    const [topic] = (await world.get(TOPICS)).body.data.topics

    expect(topic.title).toBe(`#morning# ${'早'.repeat(40)}`)
    expect(topic.content).toBe(`#morning# ${'早'.repeat(990)}`)
  })

  it('of which a row cannot be read leave it out, degraded, and its run is partial', async () => {
    const world = checkInsWorld({ projects: ['11'] })
    await world.tickJob('check-in-projects')
    const rows = [...topics(3).topics, { topic_uid: 'Name-9' }]
    world.answerWith(({ kind }) => (kind === 'topics' ? success({ topics: rows }) : undefined))

    const run = await world.tickJob('check-in-topics')

    const { body } = await world.get(TOPICS)
    expect(run).toMatchObject({ status: 'partial', lost: { count: 1 } })
    expect([body.data.topics.length, body.meta.degraded]).toEqual([3, true])
  })
})

describe('a live read of topics', () => {
  it('is refused on the public path, with its own address (row 15)', async () => {
    const world = await published()

    const { status, body } = await world.get(`${TOPICS}?source=live`)

    expect([status, body]).toEqual([
      403,
      { code: 403, message: `Live reads are for operators, at /v1/live${TOPICS}`, data: null },
    ])
    expect(world.calls).toEqual([])
  })

  it('twice within 30 s is 429 with Retry-After and without a call; what the first one brought is stored (row 15)', async () => {
    const world = await published()
    world.answerWith(({ kind }) => (kind === 'topics' ? success(topics(20)) : undefined))
    world.clock.advance(MINUTE)
    world.calls.length = 0
    const since = world.clock.now()

    const first = await world.live(`${TOPICS}?count=2`)
    const second = await world.live(TOPICS)

    expect([first.status, first.headers['x-cache'], first.body.data.topics.length]).toEqual([
      200,
      'BYPASS',
      2,
    ])
    expect([second.status, world.callNames()]).toEqual([429, ['topics 11']])
    expect(Number(second.headers['retry-after'])).toBeLessThanOrEqual(30)
    const stored = await world.store.items.get('check-in-topics', 'zsxq:project:11:topics')
    expect(stored?.checkedAt).toBeGreaterThanOrEqual(since)
  })

  it('that fails answers 503 with the reason, never with the stored value', async () => {
    const world = await published()
    world.clock.advance(MINUTE)
    world.answerWith(() => ({ status: 500, body: 'no' }))

    const { status, body } = await world.live(TOPICS)

    expect([status, body.data]).toEqual([503, null])
    expect(body.message).toMatch(
      /^Check-in topics could not be refreshed: run .* ended failed \(upstream-fault/,
    )
  })
})

describe('a run that follows a change of the list', () => {
  it('is none of the detail of one project, whose key is no key of this job', async () => {
    const world = checkInsWorld({ projects: ['11', '12'] })
    await world.tickJob('check-in-projects')
    const key = 'zsxq:project:11:info'
    const detail = await world.runJob('check-in-projects', { cause: 'cold-read', key })
    world.calls.length = 0

    const followed = await world.followRun('check-in-topics', { id: detail.id, key })

    expect([followed.status, followed.reason, world.calls]).toEqual(['skipped', 'nothing-to-do', []])
    expect(await world.store.items.get('check-in-topics', key)).toBeUndefined()
  })

  it('asks only for what is missing', async () => {
    const world = checkInsWorld({ projects: ['11', '12'] })
    await world.tickJob('check-in-projects')
    await world.tickJob('check-in-topics')
    world.setProjects(['11', '12', '13'])
    const list = await world.tickJob('check-in-projects', AFTERNOON + 5 * MINUTE)
    world.calls.length = 0

    const followed = await world.followRun('check-in-topics', list)

    expect([followed.status, world.callNames()]).toEqual(['succeeded', ['topics 13']])
  })

  it('is skipped without a call when nothing is missing', async () => {
    const world = checkInsWorld()
    const list = await world.tickJob('check-in-projects')
    await world.tickJob('check-in-topics')
    world.calls.length = 0

    const followed = await world.followRun('check-in-topics', list)

    expect([followed.status, followed.reason, world.calls]).toEqual(['skipped', 'nothing-to-do', []])
  })

  it('fetches the topics of all projects after the first list', async () => {
    const world = checkInsWorld()
    const before = await world.tickJob('check-in-topics')
    const list = await world.tickJob('check-in-projects')
    world.calls.length = 0

    const followed = await world.followRun('check-in-topics', list)

    expect([before.status, before.reason]).toEqual(['skipped', 'nothing-to-do'])
    expect([followed.status, world.callNames()]).toEqual(['succeeded', ['topics 11', 'topics 12']])
  })
})

describe('a run of the topics that does not reach all projects before its deadline', () => {
  it('is partial, and the next one begins with those that it left', async () => {
    const projects = Array.from({ length: 30 }, (_, index) => String(101 + index))
    const world = checkInsWorld({ projects, settings: { CHECKINS_MAX_PROJECTS: '30' } })
    await world.tickJob('check-in-projects')
    world.calls.length = 0

    const first = await world.tickJob('check-in-topics', AFTERNOON + 10 * MINUTE)
    const reached = world.callNames()
    world.calls.length = 0
    await world.tickJob('check-in-topics', AFTERNOON + 15 * MINUTE)

    expect(first.status).toBe('partial')
    expect(reached.length).toBeGreaterThan(20)
    expect(reached.length).toBeLessThan(30)
    const missing = projects.slice(reached.length).map((id) => `topics ${id}`)
    expect(world.callNames().slice(0, missing.length)).toEqual(missing)
  })
})
