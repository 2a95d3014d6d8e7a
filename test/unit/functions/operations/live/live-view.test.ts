import { describe, expect, it } from 'vitest'
import { schemas } from '#functions/jobs/hama/schema.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import {
  type HamaWorld,
  hamaOperator,
  hamaReader,
  hamaWorld,
  simulatedReply,
  TICK,
} from '#test/fakes/jobs/hama.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const MINUTE = 60_000
const PREFIX = '/api/gainer-analysis'
const ONE = `/v1/live${PREFIX}/analyze-symbol`
const MANY = `/v1/live${PREFIX}/analyze-batch`

/** Operators whose wishes are carried out after so long, as the bus would; `said` keeps them. */
function carriedOut(base: HamaWorld, afterMs = 0) {
  const requests: BusEvent[] = []
  const publish = async (event: BusEvent) => {
    requests.push(event)
    if (event.type !== 'refresh.requested') return
    const { job: _job, ...wish } = event.detail
    const at = base.clock.now()
    void (async () => {
      await base.clock.sleep(afterMs)
      await run({ ...(wish as RunRequest), event: { id: `event-${at}`, at } }, base.work)
    })()
  }
  const { ask, audits } = hamaOperator(base, { publish })
  return {
    requests,
    audits,
    one: (body: unknown) => ask('POST', ONE, body),
    many: (body: unknown) => ask('POST', MANY, body),
  }
}

/** A world whose three symbols were analysed so long ago. */
async function analysed(agoMs: number, settings = {}) {
  const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3', ...settings })
  await base.tick(TICK)
  base.clock.advance(agoMs)
  base.calls.splice(0)
  return base
}

describe('the live twin of one analysis', () => {
  it('runs now, stores the result and responds with it; it is audited', async () => {
    const base = await analysed(6 * MINUTE)
    const { one, requests, audits } = carriedOut(base)

    const live = await one({ symbol: 'btcusdt' })
    const { body: read } = await hamaReader(base).post('/analyze-symbol', { symbol: 'BTCUSDT' })

    expect([live.status, live.headers['x-cache'], live.headers['cache-control']]).toEqual([
      200,
      'BYPASS',
      'no-store',
    ])
    expect(live.body.data).toEqual({ ...read.data, cached: false, cache_source: 'upstream' })
    expect(Date.parse(live.body.data.timestamp)).toBeGreaterThanOrEqual(TICK + 6 * MINUTE)
    expect(schemas[`${PREFIX}/analyze-symbol`]?.safeParse(live.body).error).toBeUndefined()
    expect(requests).toMatchObject([{ detail: { job: 'hama', cause: 'operator', key: 'BTCUSDT' } }])
    expect(audits()).toEqual(['live-read'])
  })

  it('starts no run within the interval, and responds with the stored value', async () => {
    const base = await analysed(4 * MINUTE)
    const { one, requests } = carriedOut(base)

    const live = await one({ symbol: 'BTCUSDT', force_refresh: true })

    expect([live.status, live.headers['x-cache'], live.body.data.cached]).toEqual([200, 'HIT', true])
    expect(requests).toEqual([])
  })

  it('starts one run for concurrent requests, and only one of them is labelled BYPASS', async () => {
    const base = await analysed(6 * MINUTE)
    const { one, requests } = carriedOut(base, 500)

    const answers = await Promise.all(Array.from({ length: 20 }, () => one({ symbol: 'BTCUSDT' })))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(answers.filter(({ headers }) => headers['x-cache'] === 'BYPASS')).toHaveLength(1)
    expect(new Set(answers.map(({ body }) => body.data.cache_source))).toEqual(new Set(['upstream']))
    expect([requests.length, base.calls.length]).toEqual([1, 1])
  })

  it('responds with the reason of a failure, never with an older value', async () => {
    const base = await analysed(6 * MINUTE)
    base.script(() => ({ status: 500, body: 'no' }))

    const live = await carriedOut(base).one({ symbol: 'BTCUSDT' })

    expect([live.status, live.headers['retry-after'], live.body.data]).toEqual([503, '60', null])
    expect(live.body.msg).toMatch(
      /^HAMA analyses could not be refreshed: run hama-\w+ ended failed \(upstream-fault/,
    )
  })

  it('responds with 503 if the run does not end in time', async () => {
    const base = await analysed(6 * MINUTE)

    const live = await carriedOut(base, MINUTE).one({ symbol: 'BTCUSDT' })

    expect(live.status).toBe(503)
    expect(live.body.msg).toMatch(/has not ended within 8 seconds$/)
  })

  it.each([
    [{ symbol: 'NOTACOIN' }, 404, 'unknown symbol'],
    [{ symbol: 'BTCUSDT', preset: 'classic' }, 400, 'preset must be pine, as configured'],
    [{ symbol: 'BTCUSDT', force_refresh: 'yes' }, 400, 'force_refresh must be true or false'],
    [{}, 400, 'symbol is required'],
    [[], 400, 'symbol is required'],
    ['{', 400, 'expected a body in JSON'],
    [`{"symbol":"${'X'.repeat(40_000)}"}`, 413, 'expected a body of at most 32768 bytes'],
  ])('rejects invalid request %#, and starts no run', async (body, status, msg) => {
    const { one, requests, audits } = carriedOut(await analysed(6 * MINUTE))

    const live = await one(body)

    expect(live).toMatchObject({ status, body: { code: 0, msg, data: null } })
    expect([requests, audits()]).toEqual([[], []])
  })

  it('starts no run of a job that is off', async () => {
    const base = await hamaWorld({ HAMA_SCHEDULER_ENABLED: 'false' })
    const { one, requests } = carriedOut(base)

    const live = await one({ symbol: 'BTCUSDT' })

    expect([live.status, live.body.msg]).toEqual([
      503,
      'HAMA analyses could not be refreshed: hama is off: HAMA_SCHEDULER_ENABLED is false',
    ])
    expect(requests).toEqual([])
  })
})

describe('the live twin of many analyses', () => {
  it('renews all by one run, and distinguishes unknown symbols', async () => {
    const base = await analysed(6 * MINUTE, { HAMA_UNIVERSE_SIZE: '12' })
    const { body: listed } = await hamaReader(base).get('/symbols')
    const listedSymbols = listed.data.symbols.map(({ symbol }: { symbol: string }) => symbol)
    const { many, requests, audits } = carriedOut(base)

    const live = await many({ symbols: [...listedSymbols, 'ethbtc', 'NOPE', listedSymbols[0].toLowerCase()] })

    expect([live.status, live.headers['x-cache'], live.headers['cache-control']]).toEqual([
      200,
      'BYPASS',
      'no-store',
    ])
    const { results, summary } = live.body.data
    expect(summary).toEqual({ total: 14, success: 13, failed: 1, cached: 0, pending: 0 })
    expect(results.NOPE).toEqual({ error: 'unknown symbol' })
    const sources = [...listedSymbols, 'ETHBTC'].map((symbol) => [
      results[symbol].cached,
      results[symbol].cache_source,
    ])
    expect(new Set(sources.map(String))).toEqual(new Set(['false,upstream']))
    expect(schemas[`${PREFIX}/analyze-batch`]?.safeParse(live.body).error).toBeUndefined()
    const params = { symbols: [...listedSymbols, 'ETHBTC'].sort() }
    expect(requests).toMatchObject([{ detail: { job: 'hama', cause: 'operator', params } }])
    expect(requests[0]?.type === 'refresh.requested' && requests[0].detail.key).toBeUndefined()
    expect(audits()).toEqual(['live-read'])
    expect(JSON.parse(base.store.memory.audits[0]?.after ?? '')).toMatchObject(params)
  })

  it('refreshes only values older than the interval', async () => {
    const base = await analysed(6 * MINUTE)
    const { many, requests } = carriedOut(base)
    await many({ symbols: ['BTCUSDT'] })

    const live = await many({ symbols: ['BTCUSDT', 'ETHUSDT', 'ETHBTC'] })
    const again = await many({ symbols: ['BTCUSDT', 'ETHUSDT', 'ETHBTC'] })

    expect(requests).toMatchObject([
      { detail: { key: 'BTCUSDT' } },
      { detail: { params: { symbols: ['ETHBTC', 'ETHUSDT'] } } },
    ])
    expect(live.body.data.summary).toMatchObject({ success: 3, cached: 1 })
    expect(live.body.data.results.BTCUSDT.cached).toBe(true)
    expect(again.body.data.summary).toMatchObject({ success: 3, cached: 3 })
    expect(again.headers['x-cache']).toBe('HIT')
  })

  it('shows older values with their own times, and missing ones as failed', async () => {
    const base = await analysed(6 * MINUTE)
    base.script((request): Reply => {
      const isSpoilt = ['ETHUSDT', 'ETHBTC'].includes(request.url.searchParams.get('symbol') ?? '')
      return isSpoilt ? { status: 500, body: 'no' } : simulatedReply(request, base.clock.now())
    })

    const { body } = await carriedOut(base).many({ symbols: ['BTCUSDT', 'ETHUSDT', 'ETHBTC'] })

    const { results, summary } = body.data
    expect(summary).toEqual({ total: 3, success: 2, failed: 1, cached: 1, pending: 0 })
    expect(results.BTCUSDT.cached).toBe(false)
    expect(results.ETHUSDT).toMatchObject({
      cached: true,
      cache_source: 'dynamodb',
      timestamp: '2026-11-20T15:01:00Z',
    })
    expect(results.ETHBTC).toEqual({ error: 'analysis not available' })
  })

  it('accepts a value that the source has confirmed', async () => {
    const base = await analysed(6 * MINUTE)
    base.script((request) => simulatedReply(request, TICK - 30 * MINUTE))

    const { body } = await carriedOut(base).many({ symbols: ['BTCUSDT', 'ETHUSDT'] })

    expect(body.data.summary).toMatchObject({ success: 2, cached: 0 })
    expect(body.data.results.BTCUSDT).toMatchObject({ cached: false, timestamp: '2026-11-20T15:01:00Z' })
  })

  it('shows older values and pending symbols if the run does not end in time', async () => {
    const base = await analysed(6 * MINUTE)
    const since = base.clock.now()

    const { status, body } = await carriedOut(base, 10 * MINUTE).many({ symbols: ['BTCUSDT', 'ETHBTC'] })

    expect(base.clock.now() - since).toBeLessThan(25_000)
    expect([status, body.data.summary]).toEqual([
      200,
      { total: 2, success: 1, failed: 0, cached: 1, pending: 1 },
    ])
    expect(body.data.results).toMatchObject({
      BTCUSDT: { cached: true, timestamp: '2026-11-20T15:01:00Z' },
      ETHBTC: { status: 'pending' },
    })
  })

  it('starts one run for concurrent requests of the same symbols', async () => {
    const base = await analysed(6 * MINUTE)
    const { many, requests } = carriedOut(base, 500)

    const answers = await Promise.all([
      many({ symbols: ['BTCUSDT', 'ETHUSDT'] }),
      many({ symbols: ['ethusdt', 'btcusdt'] }),
    ])

    expect(requests).toHaveLength(1)
    for (const { body } of answers) expect(body.data.summary).toMatchObject({ success: 2, cached: 0 })
  })

  it.each([
    [{ symbols: [] }, 'symbols is required'],
    [{ symbols: Array(101).fill('BTCUSDT') }, 'symbols must be 1 to 100'],
    [{ symbols: ['BTCUSDT'], force_refresh: {} }, 'force_refresh must be true or false'],
    [{ symbols: ['BTC/USDT', 'ETHUSDT'] }, /^symbol is invalid/],
  ])('rejects invalid request %#, and starts no run', async (body, msg) => {
    const { many, requests } = carriedOut(await analysed(6 * MINUTE))

    const live = await many(body)

    expect([live.status, live.body.data]).toEqual([400, null])
    expect(live.body.msg).toMatch(msg)
    expect(requests).toEqual([])
  })
})
