import { describe, expect, it } from 'vitest'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import { globalBody, globalMarketWorld, TICK, UPDATED_AT } from '#test/fakes/jobs/global-market.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { jsonOf, operator, reader } from '#test/fakes/world/clients.ts'
import type { World } from '#test/fakes/world/world.ts'

const STATS = '/api/v1/currencies/global-market-stats'
const LIVE = `/v1/live${STATS}`
const MINUTE = 60_000

/** Operators whose wishes are carried out at once, as the bus would; `said` keeps them. */
function carriedOut<V>(world: World<V>, afterMs = 0) {
  const requests: BusEvent[] = []
  const runs: Promise<unknown>[] = []
  const publish = async (event: BusEvent) => {
    requests.push(event)
    if (event.type !== 'refresh.requested') return
    const { job: _job, ...wish } = event.detail
    const at = world.clock.now()
    const run = async () => {
      await world.clock.sleep(afterMs)
      await world.run({ ...wish, event: { id: `event-${at}`, at } })
    }
    runs.push(run())
  }
  return { ...operator(world, { bus: { publish } }), requests, ended: () => Promise.all(runs) }
}

/** A world whose last tick was so long ago. */
async function published(agoMs: number) {
  const world = globalMarketWorld()
  world.script(() => ({ status: 200, body: globalBody() }))
  await world.tick(TICK)
  world.clock.advance(agoMs)
  return world
}

describe('a live read', () => {
  it('runs now, stores the result, and responds as the public path does from then on; it is audited', async () => {
    const world = await published(11 * MINUTE)
    world.script(() => ({
      status: 200,
      body: globalBody({ cap: 3_900_000_000_000, updatedAt: UPDATED_AT + 60 }),
    }))
    const { get, requests, audits } = carriedOut(world)

    const live = await get(LIVE)
    const { headers: readHeaders, ...read } = await reader(world).get(STATS)

    expect(live.status).toBe(200)
    expect(live.body).toEqual(jsonOf({ ...read, headers: readHeaders }))
    expect(live.body.data.total_market_cap_usd).toBe('3900000000000')
    expect(live.headers).toMatchObject({
      age: '0',
      etag: readHeaders['etag'],
      'last-modified': readHeaders['last-modified'],
      'x-data-source': 'live',
      'x-cache': 'BYPASS',
      'cache-control': 'no-store',
    })
    expect(requests).toMatchObject([
      { type: 'refresh.requested', detail: { job: 'global-market', cause: 'operator' } },
    ])
    expect(audits()).toEqual([{ action: 'live-read', actor: 'operator', subject: 'job:global-market' }])
    expect(JSON.parse(world.store.memory.audits[0]?.after ?? '')).toEqual({
      run_id: expect.stringMatching(/^global-market-/),
    })
  })

  it.each([
    ['source=live', 'source=live'],
    ['force_refresh=true', 'force_refresh=true'],
  ])('accepts what the public path answers with 403: %s', async (_, query) => {
    const world = await published(11 * MINUTE)

    const answer = await carriedOut(world).get(`${LIVE}?${query}`)

    expect([answer.status, answer.headers['x-cache']]).toEqual([200, 'BYPASS'])
  })

  it.each(['source=cache', 'force_refresh=false', 'limit=1'])(
    'refuses what it would not do: %s',
    async (query) => {
      const world = await published(11 * MINUTE)
      const { get, requests } = carriedOut(world)

      const answer = await get(`${LIVE}?${query}`)

      expect(answer.status).toBe(400)
      expect(answer.body.error.message).toMatch(
        /^expected no query parameter but source=live and force_refresh=true, got/,
      )
      expect(requests).toEqual([])
    },
  )

  it('responds with a value stored within the job’s interval, without run or audit entry', async () => {
    const world = await published(9 * MINUTE)
    const { get, requests, audits } = carriedOut(world)

    const answer = await get(LIVE)

    expect([answer.status, answer.headers['x-cache'], answer.headers['cache-control']]).toEqual([
      200,
      'HIT',
      'no-store',
    ])
    expect(answer.headers['age']).toBe(String(9 * 60))
    expect([requests, audits()]).toEqual([[], []])
  })

  it('does not respond with a value that an operator has marked as stale', async () => {
    const world = await published(MINUTE)
    const { get, post, requests } = carriedOut(world)
    await post('/v1/jobs/global-market/invalidate', { all: true })
    world.clock.advance(1_000)

    const answer = await get(LIVE)

    expect([answer.status, answer.headers['x-cache'], requests.length]).toEqual([200, 'BYPASS', 1])
  })

  it('waits for the run of a concurrent request: one run, one audit entry', async () => {
    const world = await published(11 * MINUTE)
    const { get, requests, audits } = carriedOut(world, 1_000)
    const before = world.calls.length

    const answers = await Promise.all([get(LIVE), get(LIVE), get(LIVE)])

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers.map(({ headers }) => headers['x-cache']).sort()).toEqual(['BYPASS', 'MISS', 'MISS'])
    expect([requests.length, audits().length, world.calls.length - before]).toEqual([1, 1, 1])
  })

  it('waits for a run that was requested a moment ago and has not started', async () => {
    const world = await published(11 * MINUTE)
    const { get, requests } = carriedOut(world, 3_000)

    const first = get(LIVE)
    await world.clock.sleep(1_000)
    const second = await get(LIVE)

    expect([(await first).status, second.status, requests.length]).toEqual([200, 200, 1])
  })

  it('waits for a tick in progress, and requests no other run', async () => {
    const world = await published(10 * MINUTE)
    world.script(async () => {
      await world.clock.sleep(2_000)
      return { status: 200, body: globalBody() }
    })
    const { get, requests } = carriedOut(world)
    const ticking = world.tick(TICK + 10 * MINUTE)
    await world.clock.sleep(500)

    const answer = await get(LIVE)
    await ticking

    expect([answer.status, answer.headers['x-cache'], requests.length]).toEqual([200, 'MISS', 0])
  })

  it('responds with the reason of a failed run in the documented envelope, with Retry-After, never with the old value', async () => {
    const world = await published(11 * MINUTE)
    world.script(() => ({ status: 404, body: 'gone' }))
    const { get, audits } = carriedOut(world)

    const answer = await get(LIVE)

    expect(answer.status).toBe(503)
    expect(answer.headers).toMatchObject({
      'retry-after': expect.stringMatching(/^\d+$/),
      'cache-control': 'no-store',
    })
    expect(answer.body).toMatchObject({
      success: false,
      data: null,
      error: {
        code: 'EXTERNAL_SERVICE_ERROR',
        message: expect.stringMatching(
          /could not be refreshed: run global-market-\w+ ended failed \(\S+: .+\)$/,
        ),
      },
    })
    expect(audits().map(({ action }) => action)).toEqual(['live-read'])
  })

  it('starts a new run after one that failed', async () => {
    const world = await published(11 * MINUTE)
    world.script(() => ({ status: 404, body: 'gone' }))
    const { get } = carriedOut(world)
    const failed = await get(LIVE)
    world.script(() => ({ status: 200, body: globalBody() }))

    const answer = await get(LIVE)

    expect([failed.status, answer.status, answer.headers['x-cache']]).toEqual([503, 200, 'BYPASS'])
  })

  it('has the end of the upstream’s cool-down as Retry-After', async () => {
    const world = await published(11 * MINUTE)
    world.script(() => ({ status: 429, body: '', headers: { 'retry-after': '600' } }))
    const { get } = carriedOut(world)
    await get(LIVE)

    const { status, headers, body } = await get(LIVE)

    expect(status).toBe(503)
    expect(body.error.message).toMatch(/skipped \(upstream-cooling: /)
    expect(Number(headers['retry-after'])).toBeGreaterThan(500)
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(600)
  })

  it('fails after eight seconds with the run’s id; a repetition waits for the same run', async () => {
    const world = await published(11 * MINUTE)
    const { get, requests, ended } = carriedOut(world, 12_000)
    const from = world.clock.now()

    const late = await get(LIVE)
    const waited = world.clock.now() - from
    const again = await get(LIVE)
    await ended()

    expect([late.status, waited]).toEqual([503, 8_000])
    expect(late.body.error.message).toMatch(/: run global-market-\w+ has not ended within 8 seconds$/)
    expect(late.headers['retry-after']).toBe('30')
    expect([again.status, requests.length]).toEqual([200, 2])
  })

  it('fails at once for a job that is off, but responds with a value of this interval', async () => {
    const world = globalMarketWorld({ GLOBAL_STATS_ENABLED: 'false' })
    const { get, requests } = carriedOut(world)

    const answer = await get(LIVE)

    expect(answer.status).toBe(503)
    expect(answer.body.error.message).toMatch(/: global-market is off: GLOBAL_STATS_ENABLED is false$/)
    expect(requests).toEqual([])
  })

  it('is 503 in the audit and in the response when the bus rejects it', async () => {
    const world = await published(11 * MINUTE)
    const { get, audits } = operator(world, {
      bus: { publish: () => Promise.reject(new Error('the bus is down')) },
    })

    const answer = await get(LIVE)

    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
    expect(audits().map(({ action }) => action)).toEqual(['live-read', 'live-read-failed'])
  })

  it('does not store an older value of the source: the stored one is confirmed', async () => {
    const world = await published(11 * MINUTE)
    world.script(() => ({ status: 200, body: globalBody({ updatedAt: UPDATED_AT - 60 }) }))
    const { get } = carriedOut(world)

    const answer = await get(LIVE)

    expect([answer.status, answer.headers['x-cache']]).toEqual([200, 'BYPASS'])
    expect(answer.body.data.updated_at).toBe(UPDATED_AT)
  })
})

describe('a live read of one key', () => {
  const START = Date.parse('2025-10-11T07:40:48Z')
  const scripted = () => {
    const world = pricesWorld('items', ['BTC', 'ETH'], START)
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 7, world.clock.now()) }))
    return world
  }

  it('runs that key alone, at most once in its interval', async () => {
    const world = scripted()
    const { get, requests } = carriedOut(world)

    const first = await get('/v1/live/test/prices/BTC')
    const again = await get('/v1/live/test/prices/BTC')
    const other = await get('/v1/live/test/prices/ETH')

    expect([first, again, other].map(({ status, headers }) => [status, headers['x-cache']])).toEqual([
      [200, 'BYPASS'],
      [200, 'HIT'],
      [200, 'BYPASS'],
    ])
    expect(requests.map(({ detail }) => 'key' in detail && detail.key)).toEqual(['BTC', 'ETH'])
    expect(world.calls.map(({ url }) => url.searchParams.get('symbol'))).toEqual(['BTC', 'ETH'])
  })

  it('accepts the value of another run of the same key', async () => {
    const world = scripted()
    world.script(async ({ url }) => {
      await world.clock.sleep(2_000)
      return { status: 200, body: priceBody(url, 7, START) }
    })
    const { get } = carriedOut(world)
    const cold = world.run({ cause: 'cold-read', key: 'BTC', event: { id: 'e', at: START } })
    await world.clock.sleep(500)

    const answer = await get('/v1/live/test/prices/BTC')
    await cold

    expect([answer.status, world.calls.length]).toEqual([200, 1])
  })

  it('answers an invalid parameter with 400, as the public path does', async () => {
    const world = scripted()
    const { get, requests } = carriedOut(world)

    const live = await get('/v1/live/test/prices/btc')
    const read = await reader(world).get('/test/prices/btc')

    expect([live.status, live.body]).toEqual([read.statusCode, jsonOf(read)])
    expect([live.status, requests.length]).toEqual([400, 0])
  })
})

describe('a live read of a set', () => {
  it('runs the whole job and responds with the whole set', async () => {
    const world = pricesWorld('snapshot', ['BTC', 'ETH'], Date.parse('2025-10-11T07:40:48Z'))
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 7, world.clock.now()) }))
    const { get, requests } = carriedOut(world)

    const answer = await get('/v1/live/test/prices')

    expect([answer.status, answer.headers['x-cache']]).toEqual([200, 'BYPASS'])
    expect(answer.body.data.map(({ key }: { key: string }) => key)).toEqual(['BTC', 'ETH'])
    expect(requests).toMatchObject([{ detail: { job: 'prices-snapshot', cause: 'operator' } }])
  })
})

describe('a dataset for operators only', () => {
  const closed = () => {
    const world = pricesWorld('items', ['BTC'], Date.parse('2025-10-11T07:40:48Z'), {
      change: {
        reads: [
          {
            path: '/test/closed/{symbol}',
            about: 'A price that is not for everybody',
            key: '{symbol}',
            parameters: { symbol: { pattern: '[A-Z]+', about: 'a symbol' } },
            access: 'operator',
            effect: 'read',
            cold: 'refuse',
          },
        ],
      },
    })
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 7, world.clock.now()) }))
    return world
  }

  it('is read by operators, without a run, and is not cached', async () => {
    const world = closed()
    await world.tick(Date.parse('2025-10-11T07:41:00Z'))
    const { get, requests } = carriedOut(world)

    const answer = await get('/test/closed/BTC')

    expect([answer.status, answer.headers['x-cache'], answer.headers['cache-control']]).toEqual([
      200,
      'HIT',
      'no-store',
    ])
    expect(answer.body.data).toMatchObject({ symbol: 'BTC', price: '7' })
    expect(requests).toEqual([])
  })

  it('is not served by reads, whatever the gateway lets through', async () => {
    const world = closed()
    await world.tick(Date.parse('2025-10-11T07:41:00Z'))
    const { answer } = reader(world)
    const path = '/test/closed/BTC'

    const responses = await Promise.all(
      [{}, { routeKey: '$default' }, { routeKey: 'GET /test/closed/{symbol}' }].map((more) =>
        answer({ method: 'GET', path, headers: { authorization: 'Bearer x' }, ...more }),
      ),
    )

    expect(responses.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404])
  })

  it('has a live twin too, which requires a credential', async () => {
    const world = closed()
    const { get, requests } = carriedOut(world)

    const stranger = await get('/v1/live/test/closed/BTC', { actor: undefined })
    const before = requests.length
    const live = await get('/v1/live/test/closed/BTC')

    expect([stranger.status, before]).toEqual([401, 0])
    expect([live.status, live.headers['x-cache']]).toEqual([200, 'BYPASS'])
  })
})
