import { describe, expect, test } from 'vitest'
import { parseBars } from '#functions/jobs/hama/bars.ts'
import { currentAnalysis, hamaAnalysis } from '#shared/analysis/hama.ts'
import { hamaRecord } from '#shared/analysis/hama-record.ts'
import { globalBody, globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { hamaReader, hamaWorld, klinesOf, simulatedReply, TICK } from '#test/fakes/jobs/hama.ts'
import { topGainersWorld } from '#test/fakes/jobs/top-gainers.ts'
import type { Reply } from '#test/fakes/world/world.ts'
import { readCase } from './read-case.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const BAR = 15 * MINUTE

type Row = Record<string, unknown>

/** Replaces the body at one path of the simulated exchange. */
function respondAt(
  world: Pick<Awaited<ReturnType<typeof hamaWorld>>, 'script' | 'clock'>,
  end: string,
  change: (body: unknown) => unknown,
): void {
  world.script((request): Reply => {
    const reply = simulatedReply(request, world.clock.now()) as { status: number; body: string }
    if (!request.url.pathname.endsWith(end)) return reply
    return { ...reply, body: JSON.stringify(change(JSON.parse(reply.body))) }
  })
}

/** A thousand bars of 15 minutes; the last one closed just before `end`. */
function barsOf(closeAt: (index: number) => number, end: number): unknown[][] {
  const candles = Array.from({ length: 1_000 }, (_, index) => {
    const openTime = end - (1_000 - index) * BAR
    const close = closeAt(index)
    const open = closeAt(Math.max(0, index - 1))
    const prices = { open, close, high: Math.max(open, close), low: Math.min(open, close) }
    return { openTime, closeTime: openTime + BAR - 1, ...prices, volume: 10, quoteVolume: 1_000 }
  })
  return klinesOf(candles).map((bar) =>
    bar.map((value, index) => (index > 0 && index < 6 ? plain(value) : value)),
  )
}

/** As an exchange writes a price: without exponent. */
const plain = (value: unknown) => Number(value).toFixed(12)

async function storedUniverse({ store }: Pick<Awaited<ReturnType<typeof hamaWorld>>, 'store'>) {
  const head = await store.snapshots.head('symbol-universe', 'all')
  return { head: JSON.parse(head?.summary ?? '{}') as { symbols: readonly string[] } }
}

describe('cases of the spot market', () => {
  test('an empty list of tickers is malformed, and the universe stays (F76)', async () => {
    const world = await hamaWorld()
    const before = (await hamaReader(world).get('/symbols')).body.data.symbols
    world.clock.advance(DAY)
    respondAt(world, 'ticker/24hr', () => readCase('spot-tickers-empty'))

    const run = await world.refreshUniverse()

    expect(run).toMatchObject({ status: 'failed', reason: 'malformed' })
    expect((await hamaReader(world).get('/symbols')).body.data.symbols).toEqual(before)
  })

  test('a bar whose close is ten times its high is lost, and no signal comes from it (F77)', () => {
    const { bar } = readCase<{ bar: unknown[] }>('hama-close-outside-bar')
    const end = Number(bar[0])
    const now = end + BAR + MINUTE
    const good = barsOf((index) => 100_000 + Math.sin(index / 60) * 3_000, end)

    const bent = parseBars([...good, bar], now)
    const signal = (candles: Parameters<typeof hamaAnalysis>[0]) => {
      const { recommendation, confidence } = currentAnalysis(
        hamaAnalysis(candles, { preset: 'pine', now }),
        now,
      )
      return { recommendation, confidence }
    }

    expect(bent.lost).toHaveLength(1)
    expect(signal(bent.candles)).toEqual(signal(parseBars(good, now).candles))
  })

  test.each([
    ['3 hours', 12 * BAR],
    ['90 days', 90 * DAY],
  ])('bars that ended %s ago give no confident signal, and are labelled (F78)', async (_, ago) => {
    const { rows } = readCase<{ rows: string }>('klines-outdated')
    expect(rows).toContain('price flat at 100, then +0.05 a bar over the last 100')
    const world = await hamaWorld({ HAMA_UNIVERSE_SIZE: '1' })
    const end = Math.floor(TICK / BAR) * BAR - ago
    world.script(() => ({ status: 200, body: barsOf((index) => 100 + 0.05 * Math.max(0, index - 900), end) }))

    await world.tick(TICK)
    const [item] = world.store.memory.items.values()
    const { body, headers } = await hamaReader(world).post('/analyze-symbol', { symbol: item?.key })

    expect(body.data.hama_analysis).toMatchObject({
      recommendation: 'HOLD',
      confidence: null,
      analysis_note: 'outdated',
    })
    expect(body.data.conditions).toMatchObject({ meets_buy_criteria: false, summary: 'Sideways: outdated' })
    expect(body.meta).toMatchObject({ degraded: true })
    expect(headers['x-cache']).toBe('STALE')
  })

  test('a hole of eleven bars is eleven gaps', () => {
    const { expected } = readCase<{ expected: string }>('klines-gap-count')
    const end = Math.floor(TICK / BAR) * BAR
    const holed = barsOf(() => 100, end).filter((_, index) => index < 700 || index > 710)

    const { gaps } = hamaAnalysis(parseBars(holed, TICK).candles, { preset: 'pine', now: TICK })

    expect(expected).toContain(`gaps = ${gaps}:`)
  })

  test('published figures of tiny prices agree with each other', () => {
    const { got } = readCase<{ got: { deviation_pct: number } }>('tiny-prices')
    const end = Math.floor(TICK / BAR) * BAR
    const bars = barsOf((index) => 4.3e-7 + 1e-8 * Math.round(2 * Math.sin(index / 50)), end)

    const analysis = hamaAnalysis(parseBars(bars, TICK).candles, { preset: 'pine', now: TICK })
    const { technical_indicators: figures } = hamaRecord(analysis, {
      symbol: 'AUSDT',
      at: TICK,
    }).hama_analysis
    const deviation = Math.abs(Number(figures.candle_close) / Number(figures.ma_value) - 1) * 100

    expect(figures.deviation_pct).toBeCloseTo(got.deviation_pct, 4)
    expect(deviation).toBeCloseTo(got.deviation_pct, 4)
  })

  test('a row whose 24 hours ended hours before the others is left out and counted (F78)', async () => {
    const world = await topGainersWorld()
    const { 'ticker/24hr': rows } = readCase<{ 'ticker/24hr': Row[] }>('ticker-frozen')
    const frozen = rows.find((row) => row['symbol'] === 'DEADUSDT') ?? {}
    const now = world.clock.now()
    respondAt(world, 'ticker/24hr', (body) =>
      (body as Row[]).map((row) =>
        row['symbol'] === 'ETHUSDT' ? { ...frozen, symbol: 'ETHUSDT', closeTime: now - 9 * HOUR } : row,
      ),
    )

    const run = await world.ask('operator')
    const { body } = await world.reader()({ limit: '100' })

    expect(run).toMatchObject({ status: 'partial', lost: { count: 1, names: ['ETHUSDT'] } })
    expect(JSON.stringify(body)).not.toContain('ETHUSDT')
    expect(body.meta.degraded).toBe(true)
  })

  test('a new token of a currency is recognised by its behaviour', async () => {
    const { exchangeInfo } = readCase<{ exchangeInfo: Row[] }>('new-stablecoin')
    const world = await topGainersWorld()
    const [token = {}] = exchangeInfo
    const prices = { lastPrice: '0.01143', openPrice: '0.01142', highPrice: '0.01145', lowPrice: '0.01141' }
    respondAt(world, '', (body) => {
      if (!Array.isArray(body))
        return { ...(body as object), symbols: [...(body as { symbols: Row[] }).symbols, token] }
      const [sample] = body as Row[]
      return [
        ...body,
        { ...sample, ...prices, symbol: token['symbol'], priceChangePercent: '0.088', quoteVolume: '9e11' },
      ]
    })

    world.clock.advance(MINUTE)
    await world.refreshUniverse()
    await world.ask('operator')

    const { head } = await storedUniverse(world)
    const gainers = await world.reader()({ limit: '100' })
    expect(head.symbols).toContain('BTCUSDT')
    expect(head.symbols).not.toContain(token['symbol'])
    expect(JSON.stringify(gainers.body)).not.toContain(token['symbol'])
  })
})

describe('cases of the whole market', () => {
  test('a volume of 0 is rejected (F14)', async () => {
    const { 'GET /global': body } = readCase<{ 'GET /global': { data: Row } }>('volume-zero')
    const world = globalMarketWorld()
    const now = world.clock.now()
    world.script(() => ({
      status: 200,
      body: { data: { ...body.data, updated_at: Math.floor(now / 1_000) - 60 } },
    }))

    expect(await world.tick(now)).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(world.store.memory.items.size).toBe(0)
  })

  test.each([
    ['a volume of eighty times the last one', { volume: 1.2e13, cap: 1.3e13 }],
    ['a volume of a sixth of the last one', { volume: 2.4e10 }],
    ['a dominance that falls by fifty points', { btc: 5 }],
  ])('%s is taken only when a second run agrees', async (_, change) => {
    const world = globalMarketWorld()
    world.script(() => ({ status: 200, body: globalBody() }))
    await world.tick(world.clock.now())
    world.script(() => ({ status: 200, body: globalBody(change) }))

    const first = await world.tick(world.clock.now() + 10 * MINUTE)
    const second = await world.tick(world.clock.now() + 10 * MINUTE)

    expect(first).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect(second).toMatchObject({ status: 'succeeded' })
  })
})
