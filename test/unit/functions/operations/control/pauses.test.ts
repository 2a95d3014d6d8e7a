import { describe, expect, it } from 'vitest'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { operator } from '#test/fakes/world/clients.ts'

const NOW = Date.UTC(2026, 10, 20, 12, 1)
const HOUR = 3_600_000
const JOB = '/v1/jobs/prices-items'

function prices() {
  const world = pricesWorld('items', symbolNames(3), NOW)
  world.script(({ url }) => ({ status: 200, body: priceBody(url, world.clock.now(), world.clock.now()) }))
  return world
}

const iso = (at: number) => new Date(at).toISOString()

describe('a pause', () => {
  it('ends at a time, or after a time', async () => {
    const { post } = operator(prices())

    const until = await post(`${JOB}/pause`, { until: iso(NOW + HOUR), reason: 'the provider moves' })
    const forTwoHours = await post(`${JOB}/pause`, { for: '2 hours', reason: 'it takes longer' })

    expect(until.body.control.pause).toMatchObject({ until: iso(NOW + HOUR), reason: 'the provider moves' })
    expect(forTwoHours.body.control.pause).toMatchObject({ until: iso(NOW + 2 * HOUR), by: 'operator' })
  })

  it.each([
    [{ reason: 'x' }, 'expected either until or for, got neither'],
    [{ until: iso(NOW + HOUR), for: '1 hour', reason: 'x' }, 'expected either until or for, got both'],
    [{ for: '2h', reason: 'x' }, 'for: expected a duration such as "2 hours", got "2h"'],
    [{ for: '367 days', reason: 'x' }, 'for: expected at most a year, got "367 days"'],
    [{ until: iso(NOW - HOUR), reason: 'x' }, 'until: expected a time in the future, at most a year away'],
    [{ for: '1 hour' }, 'reason'],
  ])('of %j is refused', async (body, message) => {
    const world = prices()

    const answer = await operator(world).post(`${JOB}/pause`, body)

    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain(message)
    expect(await world.store.controls.get('prices-items')).not.toHaveProperty('pause')
  })
})

describe('a pause of all jobs', () => {
  it('pauses each job with an entry in the audit, and one resume ends it', async () => {
    const world = prices()
    const { post, audits } = operator(world)

    const paused = await post('/v1/pause', { for: '1 hour', reason: 'a maintenance of the account' })
    const skipped = await world.tick(NOW)
    const resumed = await post('/v1/resume', {})

    expect(paused).toMatchObject({
      status: 200,
      body: { jobs: [{ job: 'prices-items', control: { pause: { until: iso(NOW + HOUR) } } }] },
    })
    expect([skipped.status, skipped.reason]).toEqual(['skipped', 'paused'])
    expect(resumed.body).toMatchObject({ jobs: [{ job: 'prices-items', control: { pause: null } }] })
    expect(audits().map(({ action }) => action)).toEqual(['pause', 'resume'])
  })
})
