import { describe, expect, it } from 'vitest'
import { projectRoute, projectsWorld, projectViews } from '#test/fakes/jobs/keyed-projects.ts'
import { operator, runningBus } from '#test/fakes/world/clients.ts'
import type { World } from '#test/fakes/world/world.ts'

const SECOND = 1_000
const LIVE = '/v1/live/test/projects/12/info'

/** Operators whose requests are carried out after so long, as the bus would; `requests` has them. */
function carriedOut<V>(world: World<V>, afterMs = 0) {
  const { bus, requests } = runningBus(world, afterMs)
  return { ...operator(world, { bus, views: projectViews }), requests }
}

/** A stored project, whose route has a spacing; its last run has just ended. */
async function published(route = projectRoute('info', { live: { spacing: '30 seconds' } })) {
  const world = projectsWorld('info', ['12', '123'], { change: { reads: [route] } })
  await world.run({ cause: 'operator' })
  world.clock.advance(SECOND)
  world.calls.length = 0
  return world
}

const route = {
  'of a view': projectRoute('info', { live: { spacing: '30 seconds' } }),
  'of stored bodies': {
    ...projectRoute('info', { live: { spacing: '30 seconds' }, key: 'hub:project:{id}:info' }),
    view: undefined as never,
  },
}

describe.each(Object.entries(route))('a live read %s with a spacing', (name, declared) => {
  const options = name === 'of a view' ? {} : { keys: undefined as never }
  const begin = async () => {
    const world = projectsWorld('info', ['12', '123'], { change: { reads: [declared], ...options } })
    await world.run({ cause: 'operator' })
    world.clock.advance(SECOND)
    world.calls.length = 0
    return world
  }

  it('makes a run although the stored value is recent, and is labelled BYPASS', async () => {
    const world = await begin()
    const { get, requests, audits } = carriedOut(world)

    const live = await get(LIVE)

    expect([live.status, live.headers['x-cache'], live.body.data.project_id]).toEqual([200, 'BYPASS', '12'])
    expect(requests).toMatchObject([{ detail: { cause: 'operator', key: 'hub:project:12:info' } }])
    expect([world.calls.length, audits()]).toMatchObject([1, [{ action: 'live-read' }]])
    const stored = await world.store.items.get('project-info', 'hub:project:12:info')
    expect(stored?.checkedAt).toBeGreaterThan(world.clock.now() - SECOND)
  })

  it('answers the second one within it with 429 and Retry-After, without a call', async () => {
    const world = await begin()
    const { get } = carriedOut(world)
    const since = world.clock.now()
    await get(LIVE)
    const seconds = Math.ceil((since + 30 * SECOND - world.clock.now()) / SECOND)

    const second = await get(LIVE)

    expect([second.status, second.headers['retry-after']]).toEqual([429, String(seconds)])
    expect(second.body).toEqual({
      code: 429,
      message: 'Projects were read live a short time ago',
      data: null,
    })
    expect(world.calls).toHaveLength(1)
  })

  it('makes a run again once it is over', async () => {
    const world = await begin()
    const { get } = carriedOut(world)
    await get(LIVE)
    world.clock.advance(30 * SECOND)

    expect((await get(LIVE)).headers['x-cache']).toBe('BYPASS')
    expect(world.calls).toHaveLength(2)
  })

  it('does not bind other keys', async () => {
    const { get } = carriedOut(await begin())
    await get(LIVE)

    expect((await get('/v1/live/test/projects/123/info')).status).toBe(200)
  })

  it('lets one of several concurrent ones through', async () => {
    const world = await begin()
    const { get, requests } = carriedOut(world, 500)

    const answers = await Promise.all(Array.from({ length: 5 }, () => get(LIVE)))

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429, 429, 429])
    expect(requests).toHaveLength(1)
  })

  it('binds after a run that failed too', async () => {
    const world = await begin()
    world.script(() => ({ status: 500, body: 'no' }))
    const { get } = carriedOut(world)

    expect([(await get(LIVE)).status, (await get(LIVE)).status]).toEqual([503, 429])
  })
})

describe('a live read of a view with single keys', () => {
  it('responds with a value stored within the interval where it has no spacing', async () => {
    const { get, requests } = carriedOut(await published(projectRoute('info', { live: {} })))

    expect((await get(LIVE)).headers['x-cache']).toBe('HIT')
    expect(requests).toEqual([])
  })

  it('answers 404 for a key that the provider does not have', async () => {
    const { get } = carriedOut(await published())

    expect(await get('/v1/live/test/projects/999/info')).toMatchObject({
      status: 404,
      body: { code: 404, message: 'project not found', data: null },
    })
  })

  it('takes the query of its route, and no other', async () => {
    const query = { limit: { pattern: '[1-9]', about: 'rows' } }
    const world = await published(projectRoute('info', { live: { spacing: '30 seconds' }, query }))
    const { get } = carriedOut(world)

    const wrong = await get(`${LIVE}?limit=0`)
    const unknown = await get(`${LIVE}?size=1`)
    const right = await get(`${LIVE}?limit=1&source=live`)

    expect([wrong.status, wrong.body.message]).toEqual([400, 'invalid limit'])
    expect([unknown.status, unknown.body.message]).toEqual([
      400,
      'expected no query parameter but limit and source=live and force_refresh=true, got "size=1"',
    ])
    expect(right.status).toBe(200)
  })

  it('has no path where its route declares none', async () => {
    const { get } = carriedOut(await published(projectRoute('info')))

    expect((await get(LIVE)).status).toBe(404)
  })
})
