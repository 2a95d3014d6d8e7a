import { describe, expect, it } from 'vitest'
import { AT, globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { operator } from '#test/fakes/world/clients.ts'

const DAY = 86_400_000
const PAUSE = '/v1/jobs/global-market/pause'

describe('the audit', () => {
  it('tells who changed what, newest first, with what was before', async () => {
    const world = globalMarketWorld()
    const { get, post } = operator(world)
    const until = new Date(AT + DAY).toISOString()
    await post(PAUSE, { until, reason: 'one' }, { actor: 'arn:aws:iam::1:user/a' })
    world.clock.advance(1)
    await post('/v1/jobs/global-market/resume', undefined, { actor: 'arn:aws:iam::1:user/b' })

    const { status, body } = await get('/v1/audit')

    const pause = { until: AT + DAY, reason: 'one', by: 'arn:aws:iam::1:user/a' }
    expect(status).toBe(200)
    expect(body.entries).toEqual([
      {
        id: expect.any(String),
        at: new Date(AT + 1).toISOString(),
        actor: 'arn:aws:iam::1:user/b',
        action: 'resume',
        subject: 'job:global-market',
        before: { pause },
        after: {},
      },
      expect.objectContaining({ action: 'pause', before: {}, after: { pause } }),
    ])
  })

  it('goes back thirty days unless said, and no refusal stands in it', async () => {
    const world = globalMarketWorld()
    const { get, post } = operator(world)
    const until = () => new Date(world.clock.now() + DAY).toISOString()
    await post(PAUSE, { until: until(), reason: 'one' })
    world.clock.advance(31 * DAY)
    await post(PAUSE, { until: until(), reason: 'two' })
    await post(PAUSE, { until: until() })

    const usual = await get('/v1/audit')
    const all = await get('/v1/audit?from=1970-01-01T00:00:00Z')
    const one = await get('/v1/audit?from=1970-01-01T00:00:00Z&limit=1')
    const future = await get('/v1/audit?from=2199-01-01T00:00:00Z&to=2199-01-02T00:00:00Z')

    const counts = [usual, all, one, future].map(({ body }) => body.entries.length)
    expect(counts).toEqual([1, 2, 1, 0])
  })
})
