import type { RequestListener } from 'node:http'
import { describe, expect, test } from 'vitest'
import { globalBody, globalMarketWorld, TICK, UPDATED_AT } from '#test/fakes/jobs/global-market.ts'
import { pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { fixedResponse, noResponse } from '#test/support/process/scripted-upstream.ts'
import { inTurn, onTheWire, priced } from './wire-world.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const PRICES = 'prices-items'

const good = fixedResponse(200, 'application/json', JSON.stringify(globalBody()))
const later = fixedResponse(
  200,
  'application/json',
  JSON.stringify(globalBody({ updatedAt: UPDATED_AT + 3_600 })),
)
const broken = fixedResponse(500, 'text/plain', 'Oops')

/** One price a run, with so little time that the run has to end in the middle of an attempt or wait. */
function shortOfTime(deadline: `${number} seconds`, attemptTimeoutMs: number) {
  const run = { mode: 'plain', deadline, attempts: 9, backoff: '1 second' } as const
  return onTheWire(pricesWorld('items', ['AAA'], T0, { change: { run } }), () => ({ attemptTimeoutMs }))
}

/** The headers and the first bytes of a body that was to be longer, and then the end of the connection. */
function cut(end: 'resetAndDestroy' | 'destroy'): RequestListener {
  return (_, response) => {
    response.writeHead(200, { 'content-length': 999 }).write('{"data":')
    // so that the client has read what came before
    setTimeout(() => response.socket?.[end](), 20)
  }
}

describe('an upstream that fails now and then', () => {
  test('three 500s and then a 200 are one run that succeeds with four attempts, jittered (F1)', async () => {
    const run = { mode: 'plain', deadline: '2 minutes', attempts: 4, backoff: '10 seconds' } as const
    const world = await onTheWire(pricesWorld('items', ['AAA'], T0, { change: { run } }))
    world.upstream.respondWith(inTurn(broken, broken, broken, priced(T0)))

    const { status, attempts } = await world.tick(T0)

    expect([status, attempts]).toEqual(['succeeded', 4])
    expect(world.upstream.calls).toHaveLength(4)
    expect(world.lines).toMatchObject([{ level: 'INFO', outcome: 'succeeded', attempts: 4, retries: 3 }])
    const shares = world.waits.map((wait, index) => wait / (10_000 * 2 ** index))
    expect(shares).toHaveLength(3)
    expect(new Set(shares).size).toBe(3)
    for (const share of shares) expect(share >= 0 && share < 1).toBe(true)
  })

  test.each(['resetAndDestroy', 'destroy'] as const)(
    'a body that is cut by %s is requested again (F6)',
    async (end) => {
      const world = await onTheWire(globalMarketWorld())
      world.upstream.respondWith(inTurn(cut(end), good))

      const run = await world.tick(TICK)

      expect(run).toMatchObject({ status: 'succeeded', attempts: 2 })
      expect(world.waits).toHaveLength(1)
    },
  )
})

describe('an upstream that takes its time', () => {
  test('silence times out attempt by attempt, and the run ends before its deadline; data stay (F2)', async () => {
    const world = await shortOfTime('5 seconds', 300)
    world.upstream.respondWith(priced(T0))
    await world.tick(T0)
    const before = await world.store.items.get(PRICES, 'AAA')
    world.upstream.respondWith(noResponse)

    const run = await world.tick(T0 + 5 * MINUTE)

    expect(run).toMatchObject({ status: 'failed', reason: 'timeout' })
    expect(run.attempts).toBeGreaterThan(1)
    expect(world.upstream.calls).toHaveLength(1 + Number(run.attempts))
    expect(Number(run.endedAt) - run.startedAt).toBeLessThan(5_000)
    expect(await world.store.items.get(PRICES, 'AAA')).toEqual(before)
  })

  test('a body of one byte a second ends with the run’s deadline, however long an attempt may take (F8)', async () => {
    const world = await shortOfTime('4.5 seconds', 60_000)
    const dripping = Promise.withResolvers<void>()
    world.upstream.respondWith((_, response) => {
      const drip = setInterval(() => response.write(' '), 1_000)
      response.writeHead(200).write(' ')
      response.on('close', () => {
        clearInterval(drip)
        dripping.resolve()
      })
    })

    const run = await world.tick(T0)
    await dripping.promise

    expect(run).toMatchObject({ status: 'failed', reason: 'timeout', attempts: 1 })
    expect(Number(run.endedAt) - run.startedAt).toBeGreaterThanOrEqual(1_490)
    expect(Number(run.endedAt) - run.startedAt).toBeLessThan(2_500)
  })

  test('an hour of Retry-After ends the run, and no call is made before it is over (F4)', async () => {
    const world = await onTheWire(globalMarketWorld())
    world.upstream.respondWith(fixedResponse(429, 'application/json', '{}', { 'retry-after': '3600' }))

    const limited = await world.tick(TICK)
    world.upstream.respondWith(later)
    const cooling = []
    for (let tick = 1; tick <= 6; tick += 1) cooling.push(await world.tick(TICK + tick * 10 * MINUTE))
    const callsByThen = world.upstream.calls.length
    const after = await world.tick(TICK + 70 * MINUTE)

    expect(limited).toMatchObject({ status: 'failed', reason: 'rate-limited', attempts: 1 })
    expect(world.waits).toEqual([])
    for (const run of cooling) {
      expect(run).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
      expect(run.message).toContain(new Date(Number(limited.endedAt) + HOUR).toISOString().slice(0, 16))
    }
    expect(callsByThen).toBe(1)
    expect(after.status).toBe('succeeded')
  })
})

describe('an upstream of 78 symbols', () => {
  test('that does not have one of them: 77 are new, and that one keeps its value and age (F11)', async () => {
    const world = await onTheWire(pricesWorld('items', symbolNames(78), T0))
    world.upstream.respondWith(priced(T0))
    await world.tick(T0)
    const before = await world.store.items.get(PRICES, 'S041')
    const next = priced(T0 + 5 * MINUTE, 11)
    world.upstream.respondWith((request, response) =>
      request.url?.includes('S041') ? response.writeHead(404).end('{}') : next(request, response),
    )

    const run = await world.tick(T0 + 5 * MINUTE)

    expect(run).toMatchObject({
      status: 'partial',
      reason: 'not-found',
      counts: { planned: 78, published: 77, failed: 1 },
    })
    expect(await world.store.items.get(PRICES, 'S041')).toEqual(before)
    expect((await world.store.items.get(PRICES, 'S042'))?.asOf).toBe(T0 + 5 * MINUTE)
    expect((await world.store.states.get(PRICES)).freshUntil).toBe(before?.freshUntil)
  })

  test('that fails for all of them alike is one failed run, logged once (F12)', async () => {
    const world = await onTheWire(pricesWorld('items', symbolNames(78), T0))
    world.upstream.respondWith(broken)

    const run = await world.tick(T0)

    expect(run).toMatchObject({
      status: 'failed',
      reason: 'upstream-fault',
      counts: { planned: 78, failed: 78 },
    })
    expect((await world.store.states.get(PRICES)).consecutiveFailures).toBe(1)
    expect(world.events.map(({ type }) => type)).toEqual(['run.failed'])
    expect(world.lines).toHaveLength(1)
  })
})
