import { describe, expect, it } from 'vitest'
import { onDemand } from '#shared/declare/schedule.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { operator } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000

function onDemandWorld() {
  const freshness = { freshFor: '2 minutes', serveStaleFor: '1 hour', keepFor: '1 day' } as const
  const world = pricesWorld('items', ['AAA'], T0, { change: { schedule: onDemand(), freshness } })
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))
  return world
}

describe('a job that runs on demand, in the API', () => {
  it('is on-demand until a request, fresh for a while, then on-demand again; no run starts by itself', async () => {
    const world = onDemandWorld()
    const ask = operator(world)
    const view = async () => (await ask.get('/v1/jobs/prices-items')).body

    const before = await view()
    await world.run({ cause: 'operator' })
    const after = await view()
    world.clock.advance(2 * MINUTE)
    const later = await view()

    expect(before).toMatchObject({ schedule: { on: 'demand' }, next_runs: [], overdue_seconds: 0 })
    expect([before, after, later].map(({ state }) => state)).toEqual(['on-demand', 'fresh', 'on-demand'])
  })

  it('has no schedule, and no tick to skip', async () => {
    const world = onDemandWorld()
    const ask = operator(world)

    const list = await ask.get('/api/v1/admin/scheduler/jobs')
    const skipped = await ask.post('/v1/jobs/prices-items/skip', {
      tick: '2026-11-20T12:06:00.000Z',
      reason: 'x',
    })

    expect(list.body).toEqual({ jobs: [] })
    expect(skipped.status).toBe(400)
    expect(skipped.text).toContain('(none, because it runs on demand)')
  })

  it('can be paused: then readers start no run, operators do', async () => {
    const world = onDemandWorld()
    await operator(world).post('/v1/jobs/prices-items/pause', { until: '2026-11-20T13:00:00Z', reason: 'x' })
    const event = { id: 'e', at: T0 }

    const stale = await world.run({ cause: 'stale-read', event })
    const byOperator = await world.run({ cause: 'operator' })

    expect([stale.reason, byOperator.status]).toEqual(['paused', 'succeeded'])
  })
})
