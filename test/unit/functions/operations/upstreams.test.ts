import { describe, expect, it } from 'vitest'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { operator } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
/** Ten days into a month of thirty. */
const AT = Date.UTC(2026, 10, 11)

const DEMO = { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/freshet/coingecko' }

async function worldWith(state: Partial<UpstreamState>, settings = {}) {
  const world = globalMarketWorld(settings, { start: AT })
  const whole = { revision: 1, change: 'a', connections: {}, breaker: { failures: 0 }, ...state }
  await world.store.upstreams.replace('coingecko', whole)
  return world
}

describe('an upstream in the API', () => {
  it('has its limits and their usage', async () => {
    const world = await worldWith({
      connections: {
        a: { max: 2, until: AT + MINUTE },
        b: { max: 0, until: AT + MINUTE },
        c: { max: 9, until: AT },
      },
    })

    const { status, body } = await operator(world).get('/v1/upstreams')

    expect(status).toBe(200)
    expect(body.upstreams).toEqual([
      {
        name: 'coingecko',
        title: 'CoinGecko',
        base_urls: ['https://api.coingecko.com/api/v3'],
        limits: {
          per_minute: 5,
          burst: 3,
          concurrency: 1,
          per_day: null,
          per_month: null,
          scheduled_share: 0.9,
          zone: 'UTC',
        },
        calls: { day: null, month: null },
        cool_down: null,
        full_minute: null,
        breaker: { state: 'closed', failures: 0, until: null },
        connections: { in_use: 2, waiting: 1 },
        secret: null,
        off: null,
      },
    ])
  })

  it.each([
    [3_000, 9_000, false],
    [4_000, 12_000, true],
    [10_000, 30_000, true],
    [10_001, 30_003, true],
    [0, 0, false],
  ])('forecasts the month from %i calls in its first third: %i', async (calls, forecast, is_exceeding) => {
    const world = await worldWith({ month: { period: '2026-11', calls } }, DEMO)

    const { body } = await operator(world).get('/v1/upstreams')

    expect(body.upstreams[0].calls.month).toEqual({
      used: calls,
      limit: 10_000,
      resets_at: '2026-12-01T00:00:00.000Z',
      forecast,
      is_exceeding,
    })
  })

  it('does not count the usage of another month', async () => {
    const world = await worldWith({ month: { period: '2026-10', calls: 9_999 } }, DEMO)

    const { body } = await operator(world).get('/v1/upstreams')

    expect(body.upstreams[0].calls.month).toMatchObject({ used: 0, forecast: 0 })
  })

  it('has the reason of its cool-down, and the version of the rejected secret', async () => {
    const world = await worldWith(
      {
        coolDown: { until: AT + MINUTE, reason: 'auth', secretVersion: '7' },
        breaker: { failures: 3, openUntil: AT + 2 * MINUTE },
      },
      DEMO,
    )

    const { body } = await operator(world).get('/v1/upstreams')

    expect(body.upstreams[0]).toMatchObject({
      cool_down: { until: '2026-11-11T00:01:00.000Z', reason: 'auth' },
      breaker: { state: 'open', failures: 3, until: '2026-11-11T00:02:00.000Z' },
      secret: {
        parameter: '/freshet/coingecko',
        refused: { version: '7', until: '2026-11-11T00:01:00.000Z' },
      },
    })
  })

  it('has the end of a minute that is exhausted by the upstream’s own count, with that count', async () => {
    const world = await worldWith({ usageCoolDown: { until: AT + MINUTE, used: 81 } })

    const { body } = await operator(world).get('/v1/upstreams')
    world.clock.advance(MINUTE)
    const later = await operator(world).get('/v1/upstreams')

    expect(body.upstreams[0].full_minute).toEqual({
      until: '2026-11-11T00:01:00.000Z',
      used: 81,
      limit: null,
    })
    expect(later.body.upstreams[0].full_minute).toBeNull()
  })

  it('is half-open once its wait is over', async () => {
    const world = await worldWith({ breaker: { failures: 3, openUntil: AT - 1 } })

    const { body } = await operator(world).get('/v1/upstreams')

    expect(body.upstreams[0].breaker).toEqual({ state: 'half-open', failures: 3, until: null })
  })
})

describe('a reset', () => {
  const blocked = {
    coolDown: { until: AT + MINUTE, reason: 'rate-limited' },
    breaker: { failures: 3, openUntil: AT + MINUTE },
    month: { period: '2026-11', calls: 3_000 },
    due: AT + 1,
  } as const

  it('ends cool-down and breaker, and keeps the usage', async () => {
    const world = await worldWith(blocked, DEMO)
    const { post, audits } = operator(world)

    const answer = await post('/v1/upstreams/coingecko/reset')

    expect(answer).toMatchObject({
      status: 200,
      body: { cool_down: null, breaker: { state: 'closed' }, calls: { month: { used: 3_000 } } },
    })
    const { change: _change, ...state } = await world.store.upstreams.get('coingecko')
    expect(state).toEqual({
      revision: 2,
      connections: {},
      breaker: { failures: 0 },
      month: blocked.month,
      due: blocked.due,
    })
    expect(audits()).toEqual([{ action: 'reset', actor: 'operator', subject: 'upstream:coingecko' }])
  })

  it('is audited as the API shows an upstream, and logged', async () => {
    const world = await worldWith(blocked, DEMO)
    const { get, post } = operator(world)
    await post('/v1/upstreams/coingecko/reset')

    const { body } = await get('/v1/audit')

    const until = new Date(AT + MINUTE).toISOString()
    expect(body.entries).toEqual([
      expect.objectContaining({
        before: {
          cool_down: { until, reason: 'rate-limited' },
          breaker: { state: 'open', failures: 3, until },
        },
        after: { cool_down: null, breaker: { state: 'closed', failures: 0, until: null } },
      }),
    ])
    expect(world.lines).toContainEqual({
      level: 'INFO',
      message: 'Cool-down ended and circuit breaker closed',
      action: 'reset',
      upstream: 'coingecko',
      actor: 'operator',
    })
  })

  it('of an upstream that is not blocked changes nothing', async () => {
    const world = await worldWith({})
    const { post, audits } = operator(world)

    const answer = await post('/v1/upstreams/coingecko/reset')

    expect(answer.status).toBe(200)
    expect((await world.store.upstreams.get('coingecko')).revision).toBe(1)
    expect(audits()).toEqual([])
  })

  it('that the table rejects is audited as failed, and 503', async () => {
    const world = await worldWith(blocked)
    const upstreams = { ...world.store.upstreams, replace: () => Promise.reject(new Error('throttled')) }
    const { post, audits } = operator(world, { store: { ...world.store, upstreams } })

    const answer = await post('/v1/upstreams/coingecko/reset')

    expect(answer.status).toBe(503)
    expect(audits().map(({ action }) => action)).toEqual(['reset', 'reset-failed'])
  })

  it('of an unknown upstream is 404 with the available ones', async () => {
    const answer = await operator(globalMarketWorld()).post('/v1/upstreams/weather/reset')

    expect(answer).toMatchObject({ status: 404, body: { available: ['coingecko'] } })
  })
})
