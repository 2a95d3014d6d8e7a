import { describe, expect, it } from 'vitest'
import type { GlobalMarket } from '#functions/jobs/global-market/refresh.ts'
import { schemas } from '#functions/jobs/global-market/schema.ts'
import { decompress } from '#shared/domain/codec.ts'
import {
  AT,
  globalBody,
  globalData,
  globalMarketWorld,
  TICK,
  UPDATED_AT,
} from '#test/fakes/jobs/global-market.ts'
import type { World } from '#test/fakes/world/world.ts'

const MINUTE = 60_000
const PATH = '/api/v1/currencies/global-market-stats'

async function stored({ store }: World<GlobalMarket>) {
  const item = await store.items.get('global-market', 'global')
  return item && { ...item, body: JSON.parse(decompress(item.body).toString('utf8')) }
}

describe('global-market', () => {
  it('serves exactly the documented body for the documented answer', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ id: 'global-market-20251011T073300Z', status: 'succeeded', attempts: 1 })
    const body = (await stored(world))?.body
    expect(body).toEqual({
      success: true,
      data: globalData,
      error: null,
      timestamp: '2025-10-11T07:40:48Z',
      meta: { as_of: '2025-10-11T07:40:00Z', fetched_at: '2025-10-11T07:40:48Z', degraded: false },
    })
    expect(schemas[PATH].parse(body)).toEqual(body)
  })

  it('asks the documented address once, with the documented headers, never a key in the query', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))

    await world.tick(TICK)

    expect(world.calls.map(({ url }) => url.href)).toEqual(['https://api.coingecko.com/api/v3/global'])
    expect(world.calls[0]).toMatchObject({
      headers: { accept: 'application/json' },
      timeoutMs: 10_000,
      maxBytes: 262_144,
    })
  })

  it('writes amounts without exponent and without losing a digit', async () => {
    const world = globalMarketWorld()
    const text = JSON.stringify(globalBody())
      .replace('3840000000000', '2.7e+15')
      .replace('150000000000.5', '98500000000.12345678901')
    world.script(() => ({ status: 200, body: text }))

    await world.tick(TICK)

    const data = (await stored(world))?.body.data
    expect(data.total_market_cap_usd).toBe('2700000000000000')
    expect(data.total_volume_24h_usd).toBe('98500000000.12345678901')
  })

  it('serves the rest, degraded, without an ETH share', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody({ eth: null }) }))

    const run = await world.tick(TICK)

    const body = (await stored(world))?.body
    expect(run.status).toBe('succeeded')
    expect(body.data).toEqual({ ...globalData, eth_dominance_percentage: null })
    expect(body.meta.degraded).toBe(true)
  })

  const invalidBodies: [string, object | string, string][] = [
    ['no usd capitalisation', globalBody({ cap: null }), 'malformed'],
    ['no usd volume', globalBody({ volume: null }), 'malformed'],
    ['no BTC share', globalBody({ btc: null }), 'malformed'],
    ['a number as string (F13)', globalBody({ cap: '3840000000000' }), 'malformed'],
    ['a boolean for a number', globalBody({ cap: true }), 'malformed'],
    ['capitalisation 0 (F14)', globalBody({ cap: 0 }), 'rejected'],
    ['a negative capitalisation (F14)', globalBody({ cap: -1 }), 'rejected'],
    ['1e999 (F14)', JSON.stringify(globalBody()).replace('3840000000000', '1e999'), 'malformed'],
    ['a capitalisation of 1e308 (F14)', globalBody({ cap: 1e308 }), 'rejected'],
    ['a volume of 1e308 (F14)', globalBody({ volume: 1e308 }), 'rejected'],
    ['a negative volume', globalBody({ volume: -1 }), 'rejected'],
    ['a BTC share of 0', globalBody({ btc: 0 }), 'rejected'],
    ['a BTC share above 100', globalBody({ btc: 100.1 }), 'rejected'],
    ['shares above 100.5 together', globalBody({ btc: 60, eth: 41 }), 'rejected'],
    ['milliseconds for updated_at', globalBody({ updatedAt: UPDATED_AT * 1_000 }), 'rejected'],
    ['updated_at of two days ago', globalBody({ updatedAt: UPDATED_AT - 2 * 86_400 }), 'rejected'],
    ['updated_at in ten minutes', globalBody({ updatedAt: UPDATED_AT + 700 }), 'rejected'],
    ['an array', '[]', 'malformed'],
    ['null', 'null', 'malformed'],
    ['an HTML page (F3)', '<!DOCTYPE html><title>Just a moment</title>', 'malformed'],
    ['truncated JSON (F7)', JSON.stringify(globalBody()).slice(0, 50), 'malformed'],
    ['nothing', '', 'malformed'],
  ]
  it.each(invalidBodies)('keeps the last good value for %s: %s', async (_name, body, reason) => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    await world.tick(TICK)
    const before = await stored(world)
    world.script(() => ({ status: 200, body }))

    const run = await world.tick(TICK + 10 * MINUTE)

    expect(run).toMatchObject({ status: 'failed', reason, attempts: 1 })
    expect(await stored(world)).toEqual(before)
    const rejected = await world.store.rejected.get('global-market', 'global')
    expect(rejected).toMatchObject({ reason, runId: run.id })
    expect(rejected?.expiresAt).toBe(world.clock.now() + 7 * 86_400_000)
  })

  it('says on one line which members have not the declared shape', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: { data: { ...globalData, total_market_cap: { usd: '1' } } } }))

    const run = await world.tick(TICK)

    expect(run.message).toBe(
      'the body does not match its schema: data.total_market_cap.usd: expected a positive amount as number from 1e-15 to 1000000000000000000, got "1"; ' +
        'data.total_volume: expected object; data.market_cap_percentage: expected object',
    )
  })

  it('rejects the unbelievable even as the first reading (F14)', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody({ cap: 1e308 }) }))

    expect(await world.tick(TICK)).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(await stored(world)).toBeUndefined()
  })

  it('retries 500 twice with full jitter, then succeeds in the same run (F1)', async () => {
    const world = globalMarketWorld()
    world.script((_, call) =>
      call < 3 ? { status: 500, body: 'oops' } : { status: 200, body: globalBody() },
    )

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'succeeded', attempts: 3 })
    expect(world.waits).toHaveLength(2)
    expect(world.waits[0]).toBeLessThanOrEqual(10_000)
    expect(world.waits[1]).toBeLessThanOrEqual(20_000)
    expect(world.lines.at(-1)).toMatchObject({ level: 'INFO', retries: 2, outcome: 'succeeded' })
  })

  it('fails after three 500s with one error line, and keeps the old value', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    await world.tick(TICK)
    const before = await stored(world)
    world.lines.length = 0
    world.script(() => ({ status: 500, body: 'oops' }))

    const run = await world.tick(TICK + 10 * MINUTE)

    expect(run).toMatchObject({ status: 'failed', reason: 'upstream-fault', attempts: 3 })
    const errors = world.lines.filter(({ level }) => level === 'ERROR')
    expect(errors).toMatchObject([{ reason: 'upstream-fault', attempts: 3 }])
    expect(await stored(world)).toEqual(before)
    expect(world.events.at(-1)).toEqual({
      type: 'run.failed',
      detail: { job: 'global-market', runId: run.id, reason: 'upstream-fault', upstream: 'coingecko' },
    })
  })

  it('ends before its deadline when the upstream never answers (F2)', async () => {
    const world = globalMarketWorld()
    world.script(() => 'hang')
    const start = world.clock.now()

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'timeout', attempts: 3 })
    expect(world.clock.now() - start).toBeLessThan(90_000)
  })

  it('does not sleep through Retry-After: 3600, and leaves the upstream alone until then (F4)', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 429, body: 'slow down', headers: { 'retry-after': '3600' } }))
    const start = world.clock.now()

    const limited = await world.tick(TICK)
    const { coolDown } = await world.store.upstreams.get('coingecko')
    const cooling = await world.tick(start + 10 * MINUTE)
    world.script(() => ({ status: 200, body: globalBody({ updatedAt: UPDATED_AT + 3_600 }) }))
    const after = await world.tick(start + 61 * MINUTE)

    expect(limited).toMatchObject({ status: 'failed', reason: 'rate-limited', attempts: 1 })
    expect(world.waits).toEqual([])
    expect(coolDown).toEqual({
      until: start + 60 * MINUTE,
      reason: 'rate-limited',
      since: start,
      message: expect.stringContaining('429'),
    })
    expect(cooling).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
    expect(after.status).toBe('succeeded')
    expect(world.calls).toHaveLength(2)
  })

  it('waits for a Retry-After that fits, exactly', async () => {
    const world = globalMarketWorld()
    world.script((_, call) =>
      call === 1
        ? { status: 429, body: '{}', headers: { 'retry-after': '7' } }
        : { status: 200, body: globalBody() },
    )

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'succeeded', attempts: 2 })
    expect(world.waits).toEqual([7_000])
  })

  it('takes an HTML page under 429 for a rate limit', async () => {
    const world = globalMarketWorld({ GLOBAL_STATS_MAX_RETRIES: '1' })
    world.script(() => ({ status: 429, body: '<html>Too many</html>' }))

    expect(await world.tick(TICK)).toMatchObject({ status: 'failed', reason: 'rate-limited' })
  })

  it('confirms an equal answer without rewriting it, and advances its times', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    await world.tick(TICK)
    const before = await stored(world)

    const run = await world.tick(AT + 5 * MINUTE)

    const after = await stored(world)
    expect(run.status).toBe('unchanged')
    expect(after?.body).toEqual(before?.body)
    expect(after).toMatchObject({ fetchedAt: AT, checkedAt: AT + 5 * MINUTE, freshUntil: AT + 20 * MINUTE })
  })

  it('logs the documented sentence for a new value, and not for an unchanged one', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))

    await world.tick(TICK)
    await world.tick(AT + 5 * MINUTE)

    const runs = world.lines.filter(({ outcome }) => outcome !== undefined)
    expect(runs.map(({ outcome, message }) => [outcome, message])).toEqual([
      [
        'succeeded',
        expect.stringMatching(
          /^Successfully updated global market stats: Market Cap: \$\d+\.\d\d, BTC Dominance: \d+\.\d\d%$/,
        ),
      ],
      ['unchanged', 'Global crypto market statistics: unchanged'],
    ])
  })

  it('changes nothing for an answer older than the stored one', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    await world.tick(TICK)
    const before = await stored(world)
    world.script(() => ({
      status: 200,
      body: globalBody({ cap: 3_900_000_000_000, updatedAt: UPDATED_AT - 600 }),
    }))

    const run = await world.tick(TICK + 10 * MINUTE)

    expect(run.status).toBe('unchanged')
    expect(await stored(world)).toEqual(before)
  })

  it('does not believe a jump over half until two runs agree', async () => {
    const world = globalMarketWorld()
    const answer = (cap: number, step: number) => () => ({
      status: 200,
      body: globalBody({ cap, updatedAt: UPDATED_AT + step }),
    })
    world.script(answer(3_840_000_000_000, 0))
    await world.tick(TICK)
    world.script(answer(1_000_000_000_000, 60))
    const first = await world.tick(AT + 10 * MINUTE)
    world.script(answer(1_200_000_000_000, 120))
    const disagreeing = await world.tick(AT + 20 * MINUTE)
    world.script(answer(1_250_000_000_000, 180))
    const agreeing = await world.tick(AT + 30 * MINUTE)

    expect(first).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(disagreeing).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(agreeing.status).toBe('succeeded')
    expect((await stored(world))?.body.data.total_market_cap_usd).toBe('1250000000000')
  })

  it('believes a jump when the stored reading is two hours old', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    await world.tick(TICK)
    world.script(() => ({ status: 200, body: globalBody({ cap: 1e12, updatedAt: UPDATED_AT + 7_200 }) }))

    expect((await world.tick(AT + 120 * MINUTE)).status).toBe('succeeded')
  })

  it('calls once for a tick that is delivered twice, and counts the second delivery (F23, F24)', async () => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))

    const [first, second] = await Promise.all([world.tick(TICK), world.tick(TICK)])
    const third = await world.tick(TICK)

    expect([first.status, second.status].sort()).toEqual(['skipped', 'succeeded'])
    expect(third).toMatchObject({ status: 'skipped', reason: 'duplicate' })
    expect(world.calls).toHaveLength(1)
    expect(await world.store.runs.get('global-market', first.id)).toMatchObject({
      status: 'succeeded',
      duplicates: 2,
    })
  })

  it('lets nothing of its key out: no line, record, event, item or rejected body holds it (F41)', async () => {
    const secret = 'CG-canary+key/%41'
    const world = globalMarketWorld(
      { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/freshet/coingecko' },
      { secrets: { '/freshet/coingecko': secret } },
    )
    const echo = `<html>${secret} and ${encodeURIComponent(secret)}</html>`
    const replies = [200, 400, 401, 500, 500, 500].map((status) => ({ status, body: echo }))
    world.script((_, call) => replies[call - 1] ?? { status: 200, body: globalBody() })

    for (let tick = 0; tick < 5; tick += 1) await world.tick(TICK + tick * 10 * MINUTE)

    expect(world.calls.every(({ headers }) => headers['x-cg-demo-api-key'] === secret)).toBe(true)
    expect(world.calls.length).toBeGreaterThanOrEqual(7)
    const { memory } = world.store
    const out = JSON.stringify([world.lines, world.events, ...Object.values(memory).map((map) => [...map])])
    expect(out).not.toContain(secret)
    expect(out).not.toContain(encodeURIComponent(secret))
    expect(out).toContain('[redacted]')
  })

  it('never calls without its key when one is declared', async () => {
    const world = globalMarketWorld({ COINGECKO_PLAN: 'pro', COINGECKO_KEY_PARAMETER: '/gone' })

    const run = await world.tick(TICK)

    expect(run).toMatchObject({ status: 'failed', reason: 'secret' })
    expect(world.calls).toEqual([])
  })
})
