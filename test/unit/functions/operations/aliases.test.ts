import { describe, expect, it } from 'vitest'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { operator } from '#test/fakes/world/clients.ts'

const SCHEDULER = '/api/v1/admin/scheduler/jobs'
const FIRST = Date.UTC(2026, 10, 20, 12, 1)
const UNTIL = '2025-10-12T00:00:00Z'

async function published() {
  const world = globalMarketWorld()
  world.script(() => ({ status: 200, body: globalBody() }))
  await world.tick(TICK)
  world.clock.advance(1_000)
  return world
}

async function prices() {
  const world = pricesWorld('items', ['S001', 'S002'], FIRST)
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, FIRST) }))
  await world.tick(FIRST)
  world.clock.advance(1_000)
  return world
}

describe('the documented scheduler paths', () => {
  it('list every job with a schedule and its next run', async () => {
    const { get } = operator(await published())

    const answer = await get(SCHEDULER)

    expect(answer).toMatchObject({ status: 200 })
    expect(answer.body).toEqual({
      jobs: [
        {
          id: 'global-market',
          name: 'Global crypto market statistics',
          next_run_time: '2025-10-11T07:43:00.000Z',
          trigger: 'cron(3/10 * * * ? *)',
          timezone: 'UTC',
          status: 'active',
        },
      ],
    })
  })

  it('do not list a job that is off', async () => {
    const { get } = operator(globalMarketWorld({ GLOBAL_STATS_ENABLED: 'false' }))

    expect((await get(SCHEDULER)).body).toEqual({ jobs: [] })
  })

  it('pause and resume a job by id or documented name, also when repeated', async () => {
    const { get, post, audits } = operator(await published())
    const pause = { until: UNTIL, reason: 'the provider moves' }
    const schedule = async () => (await get(SCHEDULER)).body.jobs[0]

    const paused = await post(`${SCHEDULER}/global_market/pause`, pause)
    const whilePaused = await schedule()
    const resumed = await post(`${SCHEDULER}/global-market/resume`)
    const again = await post(`${SCHEDULER}/global-market/resume`)

    expect(paused.body).toMatchObject({ job: 'global-market', control: { pause: { reason: pause.reason } } })
    expect(whilePaused).toMatchObject({ status: 'paused', next_run_time: null })
    expect([resumed.body.control.pause, again.body.control.pause]).toEqual([null, null])
    expect(await schedule()).toMatchObject({ status: 'active', next_run_time: '2025-10-11T07:43:00.000Z' })
    expect(audits().map(({ action }) => action)).toEqual(['pause', 'resume'])
  })

  it('reject a pause without end and reason, and an unknown job with the available names', async () => {
    const { post, audits } = operator(await published())

    const endless = await post(`${SCHEDULER}/global-market/pause`)
    const unknown = await post(`${SCHEDULER}/weather/resume`)

    expect([endless.status, endless.body.detail]).toEqual([
      400,
      expect.stringMatching(/^reason: expected a reason of 1 to 200 characters, got nothing/),
    ])
    expect(unknown).toMatchObject({
      status: 404,
      body: { detail: 'Job not found', available: ['global-market'] },
    })
    expect(audits()).toEqual([])
  })
})

describe('the documented cache paths', () => {
  it.each([
    [{ dataset: 'prices-items', key: 'S001' }, 1],
    [{ dataset: 'prices_items' }, 2],
  ])('mark %j as stale and delete nothing', async (body, invalidated) => {
    const world = await prices()
    const { post, audits } = operator(world)

    const answer = await post('/admin/cache/invalidate', body)
    world.clock.advance(-1_000)
    const again = await post('/admin/cache/invalidate', body)

    const marked = [...world.store.memory.items.values()].filter((item) => item.invalidatedAt !== undefined)
    expect([answer.body, again.body]).toEqual([{ invalidated }, { invalidated: 0 }])
    expect([marked.length, world.store.memory.items.size]).toEqual([invalidated, 2])
    expect(audits()).toEqual(
      Array(2).fill({ action: 'invalidate', actor: 'operator', subject: 'job:prices-items' }),
    )
  })

  it('mark every dataset as stale after a confirmation, and count the values', async () => {
    const world = await prices()
    const { post, audits } = operator(world)

    const answer = await post('/admin/cache/clear', { confirm: 'clear' })

    expect(answer).toMatchObject({ status: 200, body: { invalidated: { 'prices-items': 2 } } })
    expect(world.store.memory.items.size).toBe(2)
    expect(audits().map(({ subject }) => subject)).toEqual(['job:prices-items'])
  })

  it.each([
    ['/admin/cache/invalidate', {}, 400, /^dataset: expected the name of a dataset of 1 to 100 characters/],
    ['/admin/cache/invalidate', { dataset: 'prices-items', all: true }, 400, /^expected no member "all"$/],
    ['/admin/cache/invalidate', { dataset: 'prices-items', key: 'no key' }, 400, /^key: expected one that/],
    ['/admin/cache/invalidate', { dataset: 'weather' }, 404, /^Job not found$/],
    ['/admin/cache/clear', {}, 400, /^confirm: expected "clear", got nothing$/],
    ['/admin/cache/clear', { confirm: true }, 400, /^confirm: expected "clear", got true$/],
  ])('reject %s %j, and nothing is marked or audited', async (path, body, status, detail) => {
    const world = await prices()
    const { post, audits } = operator(world)

    const answer = await post(path, body)

    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(detail)])
    expect(answer.body.available).toEqual(status === 404 ? ['prices-items'] : undefined)
    expect([...world.store.memory.items.values()].every((item) => item.invalidatedAt === undefined)).toBe(
      true,
    )
    expect(audits()).toEqual([])
  })
})
