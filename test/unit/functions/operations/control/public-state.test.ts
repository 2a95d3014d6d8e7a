import { describe, expect, it } from 'vitest'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { jsonOf, operator, reader } from '#test/fakes/world/clients.ts'
import type { World } from '#test/fakes/world/world.ts'

const JOB = '/v1/jobs/global-market'
const FIRST = Date.UTC(2026, 10, 20, 12, 1)
const HOUR = 3_600_000

async function published() {
  const world = globalMarketWorld()
  world.script(() => ({ status: 200, body: globalBody() }))
  await world.tick(TICK)
  return world
}

/** The states of a job for operators and for readers. */
async function statesOf<V>(world: World<V>): Promise<string[]> {
  const { body } = await operator(world).get('/v1/jobs')
  const health = jsonOf(await reader(world).get('/health'))
  return [body.jobs[0].state, health.jobs[0].status, health.status]
}

describe('the public state of a job', () => {
  it('shows a pause, during which no data are overdue, and its end', async () => {
    const world = await published()
    const { post } = operator(world)
    const until = new Date(world.clock.now() + 5 * HOUR).toISOString()
    await post(`${JOB}/pause`, { until, reason: 'the provider moves' })
    world.clock.advance(4 * HOUR)

    const paused = await statesOf(world)
    await post(`${JOB}/resume`)
    const resumed = await statesOf(world)

    expect(paused).toEqual(['paused', 'paused', 'ok'])
    expect(resumed).toEqual(['overdue', 'overdue', 'overdue'])
  })

  it('does not show an expired pause', async () => {
    const world = await published()
    const until = new Date(world.clock.now() + 60_000).toISOString()
    await operator(world).post(`${JOB}/pause`, { until, reason: 'x' })
    world.clock.advance(60_000)

    expect(await statesOf(world)).toEqual(['fresh', 'fresh', 'ok'])
  })

  it('never shows operator or reason', async () => {
    const world = await published()
    const until = new Date(world.clock.now() + HOUR).toISOString()
    await operator(world).post(`${JOB}/pause`, { until, reason: 'a contract is in dispute' })

    const { body } = await reader(world).get('/health')

    expect(body).toContain('paused')
    expect(body).not.toMatch(/dispute|operator/)
  })

  it('a pause applies even if the public state cannot be updated', async () => {
    const world = await published()
    const states = { ...world.store.states, setPublicControl: () => Promise.reject(new Error('throttled')) }
    const until = new Date(world.clock.now() + HOUR).toISOString()

    const answer = await operator(world, { store: { ...world.store, states } }).post(`${JOB}/pause`, {
      until,
      reason: 'x',
    })

    expect(answer.status).toBe(200)
    expect(await statesOf(world)).toEqual(['paused', 'fresh', 'ok'])
    expect(world.lines.map(({ level, message }) => `${level} ${message}`)).toContainEqual(
      expect.stringMatching(/^WARN .*public state of the job could not be updated/),
    )
  })

  it.each([
    ['all of it', { all: true }, ['overdue', 'overdue', 'overdue']],
    ['one key', { key: 'S001' }, ['overdue', 'overdue', 'overdue']],
    ['a key that is not stored', { key: 'S999' }, ['fresh', 'fresh', 'ok']],
  ])('shows a purge of %s until the whole plan is published again', async (_, which, expected) => {
    const world = pricesWorld('items', ['S001', 'S002'], FIRST)
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, FIRST) }))
    await world.tick(FIRST)

    await operator(world).post('/v1/jobs/prices-items/purge', { ...which, confirm: 'prices-items' })
    const purged = await statesOf(world)
    await world.tick(FIRST + 5 * 60_000)
    const again = await statesOf(world)

    expect(purged).toEqual(expected)
    expect(again).toEqual(['fresh', 'fresh', 'ok'])
  })

  it('keeps since when purged data were overdue', async () => {
    const world = await published()
    world.clock.advance(HOUR)
    const before = jsonOf(await reader(world).get('/health')).jobs[0].overdue_seconds

    await operator(world).post(`${JOB}/purge`, { all: true, confirm: 'global-market' })
    const after = jsonOf(await reader(world).get('/health')).jobs[0].overdue_seconds

    expect(before).toBeGreaterThan(0)
    expect(after).toBe(before)
  })
})
