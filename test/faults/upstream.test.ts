import { describe, expect, it } from 'vitest'
import { ReadCounts } from '#functions/reads/metrics.ts'
import { Reads } from '#functions/reads/reads.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { listFault } from '#shared/upstreams/lists.ts'
import { globalBody, globalMarketWorld, UPDATED_AT } from '#test/fakes/jobs/global-market.ts'
import {
  priceBody,
  pricesUpstream,
  pricesWorld,
  symbolNames,
  UNKNOWN_SYMBOL,
} from '#test/fakes/jobs/prices.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import type { Reply, World } from '#test/fakes/world/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const priced =
  (price = 1) =>
  ({ url }: HttpRequest): Reply => ({ status: 200, body: priceBody(url, price, T0) })

/** What a reader of the world's first key gets. */
function reader<V>({ work }: World<V>, path: string) {
  const reads = new Reads([work.job], '0.0.0', {
    ...work.ports,
    counts: new ReadCounts('test', work.ports.clock),
  })
  return () => reads.handle({ method: 'GET', path, headers: {} })
}

const MEMBERS = { name: 'members', mayBeEmpty: false, maxShrink: 0.5, minCoverage: 0 }

describe('an answer without data', () => {
  /** A job whose one body is a list; its items are its members. */
  function listWorld(emptyFor?: '1 minute') {
    const freshness = {
      freshFor: '10 minutes',
      serveStaleFor: '6 hours',
      keepFor: '2 days',
      ...(emptyFor ? { emptyFor } : {}),
    } as const
    const world = pricesWorld('items', ['AAA'], T0, { change: { freshness } })
    const refresh = {
      renderVersion: 1,
      plan: () => [{ key: 'AAA', calls: [{ path: '/list' }] }],
      parse: ([body]: readonly object[]) => (body as { list: readonly string[] }).list,
      accept: (list: readonly string[], { previous }: { previous?: { data: unknown } }) =>
        list.length === 0
          ? ({ accepted: true } as const)
          : expectNoFault(
              listFault(MEMBERS, {
                rows: list.length,
                storedRows: (previous?.data as readonly string[] | undefined)?.length,
              }),
            ),
      item: (list: readonly string[]) => ({
        data: list,
        asOf: world.clock.now(),
        degraded: false,
        isEmpty: list.length === 0,
      }),
    }
    return { world, tick: () => runList(world, refresh) }
  }

  async function runList(world: ReturnType<typeof pricesWorld>, refresh: object) {
    Object.assign(world.work, { refresh })
    world.clock.advance(5 * MINUTE)
    return world.tick(world.clock.now())
  }

  const full = { list: symbolNames(78) }

  it('is rejected where 78 members are stored, and stored as rejected (F10)', async () => {
    const { world, tick } = listWorld()
    world.script(() => ({ status: 200, body: full }))
    await tick()
    const before = await world.store.items.get(world.work.job.id, 'AAA')
    world.script(() => ({ status: 200, body: { list: [] } }))

    expect(await tick()).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(await world.store.items.get(world.work.job.id, 'AAA')).toEqual(before)
    expect((await world.store.rejected.get(world.work.job.id, 'AAA'))?.body).toBe('{"list":[]}')
  })

  it('is stored for its own short time when the job declares it an answer (F10)', async () => {
    const { world, tick } = listWorld('1 minute')
    world.script(() => ({ status: 200, body: full }))
    await tick()
    world.script(() => ({ status: 200, body: { list: [] } }))

    expect((await tick()).status).toBe('succeeded')

    const item = await world.store.items.get(world.work.job.id, 'AAA')
    expect(item && item.freshUntil - item.checkedAt).toBe(MINUTE)
    expect(item && freshness(item, item.checkedAt + 61_000)).toBe('stale')
  })

  it('and one without most of its members is rejected too (F10)', async () => {
    const { world, tick } = listWorld('1 minute')
    world.script(() => ({ status: 200, body: full }))
    await tick()
    world.script(() => ({ status: 200, body: { list: symbolNames(38) } }))

    const run = await tick()

    expect(run).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(run.message).toContain('members: expected at least 39 rows after 78, got 38')
  })
})

describe('a key that the source does not have', () => {
  const change = {
    freshness: {
      freshFor: '10 minutes',
      serveStaleFor: '6 hours',
      keepFor: '2 days',
      notFoundFor: '15 minutes',
    },
  } as const

  it('is stored for a while: readers get 404 without another call', async () => {
    const world = pricesWorld('items', ['AAA'], T0, { change })
    world.script(() => ({ status: 404, body: UNKNOWN_SYMBOL }))
    const get = reader(world, '/test/prices/AAA')

    expect(await world.tick(T0)).toMatchObject({ status: 'failed', reason: 'not-found' })
    const rejection = await get()
    world.clock.advance(16 * MINUTE)

    expect(rejection.statusCode).toBe(404)
    expect((await get()).statusCode).toBe(503)
  })

  it('is not stored for a 404 without the provider’s own code, which a proxy can send', async () => {
    const world = pricesWorld('items', ['AAA'], T0, { change })
    world.script(() => ({ status: 404, body: '<html>not found</html>' }))
    const get = reader(world, '/test/prices/AAA')

    expect(await world.tick(T0)).toMatchObject({ status: 'failed', reason: 'not-found' })
    expect((await get()).statusCode).toBe(503)
    expect(world.store.memory.items.size).toBe(0)
  })

  it('keeps its stored value: only a valid answer replaces it', async () => {
    const world = pricesWorld('items', ['AAA'], T0, { change })
    world.script(priced())
    await world.tick(T0)
    world.script(() => ({ status: 404, body: UNKNOWN_SYMBOL }))

    const run = await world.tick(T0 + 5 * MINUTE)

    expect(run).toMatchObject({ status: 'failed', reason: 'not-found' })
    expect((await reader(world, '/test/prices/AAA')()).statusCode).toBe(200)
  })

  it('is served again as soon as the source has it', async () => {
    const world = pricesWorld('items', ['AAA'], T0, { change })
    world.script(() => ({ status: 404, body: UNKNOWN_SYMBOL }))
    await world.tick(T0)
    world.script(priced())

    expect((await world.tick(T0 + 5 * MINUTE)).status).toBe('succeeded')
    world.clock.advance(6_000)
    expect((await reader(world, '/test/prices/AAA')()).statusCode).toBe(200)
  })
})

describe.each(['items', 'snapshot'] as const)(
  'an answer that was hours on its way, stored as %s',
  (stored) => {
    const HOUR = 60 * MINUTE
    const dated = (at: number) => ({ date: new Date(at).toUTCString() })
    const path = stored === 'items' ? '/test/prices/AAA' : '/test/prices'

    it('is as old as it is, and can be read', async () => {
      const world = pricesWorld(stored, ['AAA'], T0)
      world.script(({ url }) => ({
        status: 200,
        body: priceBody(url, 1, T0 - HOUR),
        headers: dated(T0 - HOUR),
      }))

      const run = await world.tick(T0)
      const response = await reader(world, path)()

      expect(run.status).toBe('succeeded')
      expect(response.statusCode).toBe(200)
      expect(Number(response.headers['age'])).toBeGreaterThanOrEqual(3_600)
    })

    it('confirms a stored value as of its own time, and never moves its time back', async () => {
      const world = pricesWorld(stored, ['AAA'], T0)
      const reply =
        (at: number) =>
        ({ url }: HttpRequest): Reply => ({
          status: 200,
          body: priceBody(url, 1, T0),
          headers: dated(at),
        })
      world.script(reply(T0))
      await world.tick(T0)
      world.clock.advance(4 * HOUR)
      world.script(reply(T0 + HOUR))

      const late = await world.tick(T0 + 4 * HOUR)
      const response = await reader(world, path)()
      world.script(reply(T0 - HOUR))
      await world.tick(T0 + 4 * HOUR + 5 * MINUTE)
      const later = await reader(world, path)()

      expect(late.status).toBe('unchanged')
      expect(Number(response.headers['age'])).toBeGreaterThanOrEqual(3 * 3_600)
      expect(Number(response.headers['age'])).toBeLessThan(3 * 3_600 + 60)
      expect(Number(later.headers['age'])).toBeLessThan(3 * 3_600 + 10 * 60)
    })
  },
)

describe.each(['items', 'snapshot'] as const)('a source that has nothing new, stored as %s', (stored) => {
  const conditional =
    (etag = '"v1"') =>
    (request: HttpRequest): Reply =>
      request.headers['if-none-match'] === etag
        ? { status: 304, body: '' }
        : { ...(priced()(request) as { status: number; body: object }), headers: { etag } }

  it('answers 304: the run is unchanged, the time advances, the body is not written again (F16)', async () => {
    const world = pricesWorld(stored, ['AAA', 'BBB'], T0)
    world.script(conditional())
    await world.tick(T0)
    const puts = stored === 'items' ? world.store.memory.items : world.store.memory.heads
    const before = [...puts.values()][0]

    const run = await world.tick(T0 + 5 * MINUTE)

    const after = [...puts.values()][0]
    expect(run).toMatchObject({ status: 'unchanged', counts: { planned: 2, unchanged: 2 } })
    expect(after?.checkedAt).toBeGreaterThanOrEqual(T0 + 5 * MINUTE)
    expect(after?.fetchedAt).toBe(before?.fetchedAt)
    expect(after && 'body' in after && before && 'body' in before && after.body).toBe(
      before && 'body' in before && before.body,
    )
  })

  it('gets an unconditional request once the value is too old to be confirmed, or has another render version (F16)', async () => {
    const world = pricesWorld(stored, ['AAA'], T0)
    world.script(conditional())
    await world.tick(T0)
    Object.assign(world.work, { refresh: { ...world.work.refresh, renderVersion: 2 } })

    await world.tick(T0 + 5 * MINUTE)
    world.clock.advance(7 * HOUR)
    await world.tick(world.clock.now())

    expect(world.calls.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('fails when it answers 304 to an unconditional request (F16)', async () => {
    const world = pricesWorld(stored, ['AAA'], T0)
    world.script(() => ({ status: 304, body: '' }))

    expect(await world.tick(T0)).toMatchObject({ status: 'failed', reason: 'upstream-fault' })
  })
})

describe('an outage', () => {
  const TICKS = 36
  const SIX_HOURS = TICKS * 10 * MINUTE

  /** Ticks every ten minutes for a while; calls, statuses and what a reader saw. */
  async function through(world: ReturnType<typeof globalMarketWorld>, from: number, ticks: number) {
    const get = reader(world, '/api/v1/currencies/global-market-stats')
    const responses = []
    for (let tick = 0; tick < ticks; tick += 1) {
      const at = from + tick * 10 * MINUTE
      const calls = world.calls.length
      const { status } = await world.tick(at)
      world.clock.advance(6_000)
      const { statusCode, headers } = await get()
      await watchJob(world.work.job, world.work.ports)
      const { consecutiveFailures } = await world.store.states.get('global-market')
      responses.push({
        status,
        calls: world.calls.length - calls,
        label: headers['x-cache'] ?? statusCode,
        consecutiveFailures,
      })
    }
    return responses
  }

  it('of six hours opens the breaker: one probe a cool-down, stale reads, one rise of the failures, and back within one interval (F18)', async () => {
    const world = globalMarketWorld()
    const start = world.clock.now() + 10 * MINUTE
    const good = (): Reply => ({
      status: 200,
      body: globalBody({ updatedAt: UPDATED_AT + Math.floor((world.clock.now() - start) / 1_000) + 600 }),
    })
    world.script(good)
    await world.tick(world.clock.now())
    world.script(() => ({ status: 503, body: 'down' }))

    const outage = await through(world, start, TICKS)
    world.script(good)
    const [after] = await through(world, start + SIX_HOURS, 1)

    expect(outage.slice(0, 3).map(({ calls }) => calls)).toEqual([3, 3, 3])
    expect(Math.max(...outage.slice(3).map(({ calls }) => calls))).toBe(1)
    expect(new Set(outage.slice(2).map(({ label }) => label))).toEqual(new Set(['STALE']))
    const failures = outage.map(({ consecutiveFailures }) => consecutiveFailures)
    expect(failures).toEqual(failures.toSorted((a, b) => a - b))
    expect(after).toMatchObject({ status: 'succeeded', label: 'HIT', consecutiveFailures: 0 })
  })

  it('that outlasts the time of the data ends in 503, never in older data (F18)', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    const from = world.clock.now()
    await world.tick(from)
    world.script(() => ({ status: 503, body: 'down' }))

    const responses = await through(world, from + 10 * MINUTE, 6 * 24 + 2)

    const gone = responses.findIndex(({ label }) => label === 503)
    expect(responses.slice(2, gone).every(({ label }) => label === 'STALE')).toBe(true)
    expect(responses.slice(gone).every(({ label }) => label === 503)).toBe(true)
    expect(gone).toBe(6 * 24 - 1)
  })

  it('of half of all answers for a day: the breaker changes at most once in a cool-down, and the data are fresh for most of the day (F19)', async () => {
    const world = globalMarketWorld({ GLOBAL_STATS_MAX_RETRIES: '1' })
    const start = world.clock.now()
    const coolDownMs = world.work.upstream.breaker.coolDownMs
    let seed = 3
    world.script((): Reply => {
      seed = (seed * 48_271) % 2_147_483_647
      const updatedAt = UPDATED_AT + Math.floor((world.clock.now() - start) / 1_000)
      return seed % 2 === 0 ? { status: 200, body: globalBody({ updatedAt }) } : { status: 500, body: '' }
    })
    await world.run({ cause: 'operator' })
    const opened: number[] = []

    const responses = []
    for (let tick = 1; tick <= 144; tick += 1) {
      const before = (await world.store.upstreams.get('coingecko')).breaker.openUntil
      responses.push(...(await through(world, start + tick * 10 * MINUTE, 1)))
      const after = (await world.store.upstreams.get('coingecko')).breaker.openUntil
      if (after !== undefined && after !== before) opened.push(after - coolDownMs)
    }

    const gaps = opened.slice(1).map((at, index) => at - (opened[index] ?? 0))
    expect(opened.length).toBeGreaterThan(0)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(coolDownMs)
    const fresh = responses.filter(({ label }) => label === 'HIT').length / responses.length
    expect(fresh).toBeGreaterThan(0.6)
    expect(responses.every(({ label }) => label === 'HIT' || label === 'STALE')).toBe(true)
  })
})

describe('a provider that halves its limit', () => {
  it('is called at most as often as it allows now, and keys that do not fit come first in the next run (F22)', async () => {
    const symbols = symbolNames(78)
    const world = pricesWorld('items', symbols, T0, {
      change: { run: { mode: 'plain', deadline: '1 minute', attempts: 1, concurrency: 8 } },
    })
    const limits = { ...resolveUpstream(pricesUpstream, {}).limits, perMinute: 60, burst: 10 }
    Object.assign(world.work, { upstream: { ...world.work.upstream, limits } })
    const callTimes: number[] = []
    world.script((request) => {
      callTimes.push(world.clock.now())
      return priced()(request)
    })

    const first = await world.tick(T0)
    const requested = world.calls.map(({ url }) => url.searchParams.get('symbol'))
    const second = await world.tick(T0 + 5 * MINUTE)
    const requestedNext = world.calls.slice(requested.length).map(({ url }) => url.searchParams.get('symbol'))

    expect(first).toMatchObject({ status: 'partial', reason: 'timeout' })
    expect(second.status).not.toBe('failed')
    const left = symbols.filter((symbol) => !requested.includes(symbol))
    expect(left.length).toBeGreaterThan(10)
    expect(requestedNext).toEqual(expect.arrayContaining(left))
    const inAMinute = (from: number) => callTimes.filter((at) => at >= from && at < from + MINUTE).length
    expect(Math.max(...callTimes.map(inAMinute))).toBeLessThanOrEqual(60)
  })
})

describe('a daily allowance', () => {
  it('ends in a skip until the provider’s next day, without a failure; an operator may use the rest', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    const limits = { ...world.work.upstream.limits, perDay: 10 }
    Object.assign(world.work, { upstream: { ...world.work.upstream, limits } })
    world.script(priced())

    const statuses = []
    for (let tick = 0; tick < 11; tick += 1) statuses.push(await world.tick(T0 + tick * 5 * MINUTE))
    const operator = await world.run({ cause: 'operator' })
    const again = await world.run({ cause: 'operator' })
    const tomorrow = await world.tick(Date.UTC(2026, 10, 21, 0, 1, 0))

    expect(statuses.slice(0, 9).every(({ status }) => status !== 'skipped')).toBe(true)
    expect(statuses.slice(9)).toEqual([
      expect.objectContaining({ status: 'skipped', reason: 'upstream-cooling' }),
      expect.objectContaining({ status: 'skipped', reason: 'upstream-cooling' }),
    ])
    expect(operator.status).toBe('unchanged')
    expect(again).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
    expect(tomorrow.status).toBe('succeeded')
    const warned = world.lines.filter(({ level }) => level === 'WARN')
    expect(warned.map(({ message }) => message)).toEqual([
      'Most of the calls a day that an upstream allows are used',
    ])
  })
})

describe('a key that was refused', () => {
  const key = { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/k' }

  it('causes a cool-down of an hour, and is tried at once when there is a newer version of it (F20)', async () => {
    const world = globalMarketWorld(key)
    let secret = { value: 'old-key', version: '1' }
    world.work.ports.secrets.get = async () => secret
    world.script(({ headers }) =>
      headers['x-cg-demo-api-key'] === 'new-key'
        ? { status: 200, body: globalBody() }
        : { status: 401, body: 'no' },
    )
    const start = world.clock.now()

    const refused = await world.tick(start)
    const skipped = await world.tick(start + 10 * MINUTE)
    secret = { value: 'new-key', version: '2' }
    const renewed = await world.tick(start + 20 * MINUTE)

    expect(refused).toMatchObject({ status: 'failed', reason: 'auth' })
    expect(skipped).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
    expect(renewed.status).toBe('succeeded')
    expect(world.calls).toHaveLength(3)
    expect((await world.store.upstreams.get('coingecko')).coolDown).toBeUndefined()
  })
})

describe('a rejected value', () => {
  it('is logged on one line of bounded length, whatever it contains (F49)', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    const symbol = `\u009b31m\u202e\n${'x'.repeat(60_000)}`
    world.script(() => ({ status: 200, body: { symbol, price: 1, at: T0 } }))

    const { reason, message = '' } = await world.tick(T0)

    expect(reason).toBe('rejected')
    expect(message).toContain('\\u009b31m\\u202e\\nxxx')
    expect(message.length).toBeLessThanOrEqual(1_000)
  })
})
