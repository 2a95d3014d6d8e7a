import { describe, expect, it } from 'vitest'
import { schemas } from '#functions/jobs/top-gainers/schema.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { decompress } from '#shared/domain/codec.ts'
import { simulatedReply } from '#test/fakes/jobs/hama.ts'
import { topGainersWorld } from '#test/fakes/jobs/top-gainers.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const schema = schemas['/api/gainer-analysis/top-gainers']

interface Gainer {
  readonly rank: number
  readonly symbol: string
  readonly price_change_percent: number
}

type World = Awaited<ReturnType<typeof topGainersWorld>>
type Row = Record<string, unknown>

/** The stand-in's list, changed; the newest minute is that of the world's clock. */
function answering(world: World, change: (rows: readonly Row[]) => unknown): void {
  world.script((request): Reply => {
    const { status, body } = simulatedReply(request, world.clock.now())
    return { status, body: change(JSON.parse(String(body)) as Row[]) }
  })
}

/** One pair of the list, changed. */
function withOne(world: World, symbol: string, change: Row): void {
  answering(world, (rows) => rows.map((row) => (row['symbol'] === symbol ? { ...row, ...change } : row)))
}

const gainersOf = (body: { data: { gainers: readonly Gainer[] } }) => body.data.gainers
const symbolsOf = (body: { data: { gainers: readonly Gainer[] } }) =>
  gainersOf(body).map(({ symbol }) => symbol)

describe('the top gainers', () => {
  it('are the pairs of the universe that have risen most, with one call, stored once for all limits', async () => {
    const world = await topGainersWorld()
    const read = world.reader()

    const usual = await read()
    const three = await read({ limit: '3', market: 'spot' })
    const all = await read({ limit: '100' })

    const rises = gainersOf(all.body).map((one) => one.price_change_percent)
    expect([usual.status, three.status, all.status]).toEqual([200, 200, 200])
    expect([usual.headers['x-cache'], three.headers['x-cache']]).toEqual(['MISS', 'HIT'])
    expect([usual, three, all].map(({ body }) => gainersOf(body).length)).toEqual([20, 3, 100])
    expect(rises).toEqual(rises.toSorted((a, b) => b - a))
    expect(gainersOf(all.body).map(({ rank }) => rank)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(symbolsOf(three.body)).toEqual(symbolsOf(all.body).slice(0, 3))
    expect(world.calls.map(({ url }) => url.href)).toEqual([
      'https://data-api.binance.vision/api/v3/ticker/24hr',
    ])
    for (const { body } of [usual, three, all]) expect(schema.safeParse(body).error).toBeUndefined()
    expect(three.headers['etag']).not.toBe(all.headers['etag'])
  })

  it('are stored as the bare record, of which a response has the first pairs', async () => {
    const world = await topGainersWorld()
    const { body } = await world.reader()({ limit: '5' })

    const item = await world.store.items.get('top-gainers', 'spot')
    const record = JSON.parse(decompress(item?.body ?? new Uint8Array()).toString('utf8'))

    expect(Object.keys(record)).toEqual(['market', 'gainers'])
    expect(record.gainers).toHaveLength(100)
    expect(Object.keys(body)).toEqual(['code', 'msg', 'data', 'meta'])
    expect(body.data).toEqual({ market: 'spot', gainers: record.gainers.slice(0, 5) })
  })

  it.each(['USDCUSDT', 'EURUSDT', 'BTCUPUSDT', 'ETHBTC', 'NOBODYUSDT'])(
    'are pairs of crypto currencies against USDT that the universe lists: never %s',
    async (symbol) => {
      const world = await topGainersWorld()
      const risen = { lastPrice: '2.0', openPrice: '1.0', highPrice: '2.0', lowPrice: '1.0' }
      const row = { ...risen, priceChangePercent: '100.000', quoteVolume: '1000000000.0' }
      answering(world, (rows) => {
        const [some] = rows
        return [...rows.filter((one) => one['symbol'] !== symbol), { ...some, symbol, ...row }]
      })

      const { status, body } = await world.reader()({ limit: '100' })

      expect(status).toBe(200)
      expect(symbolsOf(body)).not.toContain(symbol)
    },
  )

  it('are none of those that the universe knows to be closed for trade', async () => {
    const world = await topGainersWorld()
    world.script((request): Reply => {
      const { status, body } = simulatedReply(request, world.clock.now())
      const isInfo = request.url.pathname.endsWith('exchangeInfo')
      const info = JSON.parse(String(body)) as { symbols?: Row[] }
      const close = (pair: Row) => (pair['symbol'] === 'ETHUSDT' ? { ...pair, status: 'BREAK' } : pair)
      return { status, body: isInfo ? { ...info, symbols: info.symbols?.map(close) } : body }
    })
    await world.refreshUniverse()

    const { body } = await world.reader()({ limit: '100' })

    expect(symbolsOf(body)).not.toContain('ETHUSDT')
    expect(symbolsOf(body)).toContain('BTCUSDT')
  })

  const top = { openPrice: '1.0', lastPrice: '10.0', highPrice: '10.0', lowPrice: '1.0' }
  const risen = {
    ...top,
    priceChangePercent: '900.000',
    quoteVolume: '5.0',
    bidPrice: '9.9',
    askPrice: '10.1',
  }

  it('are headed by one that has risen tenfold, if its figures agree', async () => {
    const world = await topGainersWorld()
    withOne(world, 'ETHUSDT', risen)

    const { body } = await world.reader()({ limit: '1' })

    expect(gainersOf(body)).toMatchObject([{ rank: 1, symbol: 'ETHUSDT', price_change_percent: 900 }])
  })

  it.each([
    ['was not traded', { quoteVolume: '0.00000000' }],
    ['has no volume', { quoteVolume: '' }],
    ['costs nothing (F14)', { lastPrice: '0.00000000', lowPrice: '0', priceChangePercent: '-100.000' }],
    ['was worth nothing before', { openPrice: '0.00000000' }],
    ['has a change of NaN (F14)', { priceChangePercent: 'NaN' }],
    ['has an infinite change', { priceChangePercent: 'Infinity' }],
    ['has a change as a number', { priceChangePercent: 900 }],
    ['has a negative price (F14)', { lastPrice: '-10.0' }],
    ['has a price beyond a double (F14)', { lastPrice: '1e400' }],
    ['has no bid', { bidPrice: '0.00000000' }],
    ['has no ask', { askPrice: '0.00000000' }],
    ['is dearer than its own high', { highPrice: '9.0' }],
    ['is cheaper than its own low', { lowPrice: '11.0' }],
    ['has a change that its prices do not give', { priceChangePercent: '9000.000' }],
    ['has no time', { closeTime: null }],
  ])('are without one that %s', async (_, fault) => {
    const world = await topGainersWorld()
    withOne(world, 'ETHUSDT', { ...risen, ...fault })

    const { status, body } = await world.reader()({ limit: '100' })

    expect(status).toBe(200)
    expect(symbolsOf(body)).not.toContain('ETHUSDT')
    expect(schema.safeParse(body).error).toBeUndefined()
  })

  it('name a pair once that is listed twice', async () => {
    const world = await topGainersWorld()
    answering(world, (rows) => [...rows, ...rows])

    const { body } = await world.reader()({ limit: '100' })

    expect(new Set(symbolsOf(body)).size).toBe(100)
  })

  it.each([
    ['an empty list (F10)', () => [], 'rejected'],
    ['less than half of the pairs', (rows: readonly Row[]) => rows.slice(0, 54), 'rejected'],
    [
      'prices of which most are 0',
      (rows: readonly Row[]) => rows.map((row) => ({ ...row, lastPrice: '0.0' })),
      'rejected',
    ],
    [
      'a day that ends tomorrow',
      (rows: readonly Row[]) =>
        rows.map((row) => ({ ...row, closeTime: Number(row['closeTime']) + 24 * HOUR })),
      'rejected',
    ],
    ['an object', () => ({}), 'malformed'],
    ['a list of texts', () => ['ETHUSDT'], 'malformed'],
  ])('are not taken from %s: what is stored stays', async (_, change, reason) => {
    const world = await topGainersWorld()
    const read = world.reader()
    const before = await read()
    world.clock.advance(2 * MINUTE)
    answering(world, change)

    const run = await world.ask('operator')
    const after = await world.reader()()

    expect(run).toMatchObject({ status: 'failed', reason })
    expect(after.body).toEqual(before.body)
    expect(after.headers['x-cache']).toBe('STALE')
  })

  it('are taken from half of the pairs, and no fewer; the others are counted (F79)', async () => {
    const world = await topGainersWorld()
    const { body } = await world.reader()({ limit: '100' })
    expect(symbolsOf(body)).toHaveLength(100)
    const listed = 109
    answering(world, (rows) =>
      rows.filter((row) => String(row['symbol']).endsWith('USDT')).slice(0, Math.ceil(listed / 2)),
    )

    const run = await world.ask('operator')

    expect(run).toMatchObject({
      status: 'partial',
      reason: 'rejected',
      lost: { count: Math.floor(listed / 2) },
    })
  })

  it('are asked of the other address where the first one refuses', async () => {
    const world = await topGainersWorld()
    world.script((request): Reply => {
      const isFirst = request.url.hostname === 'data-api.binance.vision'
      return isFirst ? { status: 451, body: 'no' } : simulatedReply(request, world.clock.now())
    })

    const { status } = await world.reader()()

    expect(status).toBe(200)
    expect(world.calls.map(({ url }) => url.hostname)).toEqual(['data-api.binance.vision', 'api.binance.com'])
  })

  it('are 503 before a universe is stored, and no provider is called', async () => {
    const world = await topGainersWorld()
    world.store.memory.heads.clear()

    const { status, headers, body } = await world.reader()()

    expect([status, headers['retry-after'], body]).toEqual([
      503,
      '60',
      { code: 0, msg: 'top gainers not available', data: null },
    ])
    expect(world.calls).toEqual([])
    expect(world.ended).toMatchObject([{ status: 'skipped', reason: 'nothing-to-do' }])
  })
})

describe('a read of the top gainers', () => {
  it.each([
    ['0', 'spot', 'limit must be between 1 and 100'],
    ['101', 'spot', 'limit must be between 1 and 100'],
    ['-1', 'spot', 'limit must be between 1 and 100'],
    ['', 'spot', 'limit must be between 1 and 100'],
    ['1e1', 'spot', 'limit must be between 1 and 100'],
    ['1.5', 'spot', 'limit must be between 1 and 100'],
    ['007', 'spot', 'limit must be between 1 and 100'],
    ['5,5', 'spot', 'limit must be between 1 and 100'],
    ['20', 'futures', 'market must be spot'],
    ['20', 'SPOT', 'market must be spot'],
    ['20', '', 'market must be spot'],
  ])('with limit %j of market %j is 400, and asks for nothing', async (limit, market, msg) => {
    const world = await topGainersWorld()

    const { status, body } = await world.reader()({ limit, market })

    expect([status, body]).toEqual([400, { code: 0, msg, data: null }])
    expect(world.events).toEqual([])
  })

  it('is answered at once when stale, and has it refreshed behind its back; gone after an hour', async () => {
    const world = await topGainersWorld()
    await world.reader()()
    world.clock.advance(MINUTE)
    const stale = await world.reader()()
    await new Promise((done) => setTimeout(done, 20))
    const again = await world.reader()()
    world.script(() => ({ status: 503, body: 'no' }))
    world.clock.advance(HOUR + MINUTE)
    const gone = await world.reader()()

    expect([stale, again, gone].map(({ status }) => status)).toEqual([200, 200, 503])
    expect([stale.headers['x-cache'], again.headers['x-cache']]).toEqual(['STALE', 'HIT'])
    expect(world.ended.map(({ cause, status }) => [cause, status])).toEqual([
      ['cold-read', 'succeeded'],
      ['stale-read', 'succeeded'],
      ['cold-read', 'failed'],
    ])
  })

  it('has the whole job run, so that its failures are counted and its summary tells', async () => {
    const world = await topGainersWorld()
    world.script(() => ({ status: 200, body: {} }))
    await world.reader()()
    const failed = await world.store.states.get('top-gainers')
    world.script((request) => simulatedReply(request, world.clock.now()))
    world.clock.advance(MINUTE)
    await world.reader()()
    const succeeded = await world.store.states.get('top-gainers')

    expect(failed).toMatchObject({ consecutiveFailures: 1, lastRun: { status: 'failed' } })
    expect(succeeded).toMatchObject({ consecutiveFailures: 0, lastRun: { status: 'succeeded' } })
  })

  it('by fifty readers of as many processes costs one call', async () => {
    const world = await topGainersWorld()

    const answers = await Promise.all(Array.from({ length: 50 }, () => world.reader()()))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(world.calls).toHaveLength(1)
  })
})

describe('a job that runs on demand', () => {
  it('is run for readers once in the time in which its data are fresh, however early they ask', async () => {
    const world = await topGainersWorld()
    await world.ask('cold-read')
    const statuses: string[] = []
    for (let second = 0; second < 180; second += 1) {
      world.clock.advance(1_000)
      statuses.push((await world.ask('stale-read')).status)
    }

    expect(world.calls).toHaveLength(4)
    expect(new Set(statuses)).toEqual(new Set(['skipped', 'succeeded']))
  })

  it('rests for as long after a failure, for readers who wait too; an operator has it run at once', async () => {
    const world = await topGainersWorld()
    world.script(() => ({ status: 200, body: {} }))
    await world.ask('cold-read')

    const early = await world.ask('cold-read')
    const byOperator = await world.ask('operator')
    world.clock.advance(MINUTE)
    const late = await world.ask('cold-read')

    expect(early).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    expect(early.message).toMatch(/^readers can start a run once in 1 minute, next at 2026-11-20T15:02/)
    expect([byOperator.reason, late.reason]).toEqual(['malformed', 'malformed'])
    expect(world.calls).toHaveLength(3)
  })

  it('is never asked for by the watchdog, never overdue, and owes no tick', async () => {
    const world = await topGainersWorld()
    const { ports, job } = world.work
    const results = []
    for (let minute = 0; minute < 3 * 60; minute += 1) {
      results.push(await watchJob(job, ports))
      if (minute === 60) await world.ask('cold-read')
      world.clock.advance(MINUTE)
    }

    const { watchState, missingSince } = await world.store.states.get('top-gainers')
    expect(world.events.filter(({ type }) => type !== 'dataset.refreshed')).toEqual([])
    expect(results.every((one) => one && !('overdueSeconds' in one) && one.missedTicks === 0)).toBe(true)
    expect(results.flatMap((one) => one?.conditions ?? [])).toEqual([])
    expect(missingSince).toBeUndefined()
    expect(watchState?.schedule).toBe('on demand')
  })

  it('costs a look of the watchdog a write an hour at most', async () => {
    const world = await topGainersWorld()
    let writes = 0
    const { states } = world.store
    const setWatchState = states.setWatchState.bind(states)
    Object.assign(states, {
      setWatchState: (...write: Parameters<typeof setWatchState>) => {
        writes += 1
        return setWatchState(...write)
      },
    })

    for (let minute = 0; minute < 6 * 60; minute += 1) {
      await watchJob(world.work.job, world.work.ports)
      world.clock.advance(MINUTE)
    }

    expect(writes).toBeGreaterThan(0)
    expect(writes).toBeLessThanOrEqual(7)
  })

  it('whose run died is looked after all the same', async () => {
    const world = await topGainersWorld()
    const { job, ports } = world.work
    world.script(() => 'hang')
    const died = { ...ports.store.runs }
    await watchJob(job, ports)
    const record = {
      id: 'top-gainers-01M7ZC1QERKC7S2VB5JDJ0VX95',
      job: job.id,
      cause: 'cold-read' as const,
      status: 'running' as const,
      owner: 'gone',
      startedAt: world.clock.now(),
      leaseUntil: world.clock.now() + 35_000,
      duplicates: 0,
      expiresAt: world.clock.now() + HOUR,
    }
    await died.open(record)
    world.clock.advance(2 * MINUTE)

    const result = await watchJob(job, ports)

    expect(result).toMatchObject({ abandonedRuns: 1, consecutiveFailures: 1, conditions: ['abandoned-runs'] })
  })
})
