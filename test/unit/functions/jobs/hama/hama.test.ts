import { describe, expect, it, test } from 'vitest'
import { job } from '#functions/jobs/hama/job.ts'
import { schemas } from '#functions/jobs/hama/schema.ts'
import { submission } from '#functions/jobs/hama/submit.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { decompress } from '#shared/domain/codec.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { hamaOperator, hamaReader, hamaWorld, klinesOf, simulatedReply, TICK } from '#test/fakes/jobs/hama.ts'
import { submitPorts, taskMachines } from '#test/fakes/world/task-machine.ts'
import type { Reply } from '#test/fakes/world/world.ts'
import { scheduleOf } from '#test/support/jobs/test-jobs.ts'
import { flatSeries, seriesG } from '#test/unit/shared/analysis/series-g.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const BAR = 15 * MINUTE
const ANALYZE = '/analyze-symbol'

const symbolOf = ({ url }: HttpRequest) => url.searchParams.get('symbol')
const bodyOf = async (base: Awaited<ReturnType<typeof hamaWorld>>, symbol: string) =>
  (await hamaReader(base).post(ANALYZE, { symbol })).body.data

describe('a tick', () => {
  it('analyses every symbol of the universe with one call each', async () => {
    const base = await hamaWorld()

    const run = await base.tick(TICK)

    expect(run).toMatchObject({ status: 'succeeded', counts: { planned: 78, published: 78, failed: 0 } })
    expect(base.calls).toHaveLength(78)
    expect(new Set(base.calls.map(symbolOf)).size).toBe(78)
    expect(base.calls.every(({ url }) => url.origin === 'https://data-api.binance.vision')).toBe(true)
    expect(base.calls.map(symbolOf)).toEqual(expect.arrayContaining(['BTCUSDT', '1000PEPEUSDT']))
  })

  it('plans nothing, and records that, before a universe is stored', async () => {
    const base = await hamaWorld()
    base.store.memory.heads.clear()

    expect(await base.tick(TICK)).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
  })

  it('that loses one of 78 symbols is partial, and the lost one keeps its record and times (F11)', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const before = await base.store.items.get('hama', 'ETHUSDT')
    base.script((request) =>
      symbolOf(request) === 'ETHUSDT'
        ? { status: 500, body: 'no' }
        : simulatedReply(request, base.clock.now()),
    )

    const run = await base.tick(TICK + 5 * MINUTE)

    expect(run).toMatchObject({ status: 'partial', counts: { published: 77, failed: 1 } })
    expect(await base.store.items.get('hama', 'ETHUSDT')).toEqual(before)
  })

  it('of which all fail alike is failed, changes nothing, and counts once for the breaker (F12)', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '5' })
    await base.tick(TICK)
    const before = new Map(base.store.memory.items)
    base.script(() => ({ status: 500, body: 'no' }))

    const run = await base.tick(TICK + 5 * MINUTE)

    const { breaker } = await base.store.upstreams.get('binance-spot')
    expect(run).toMatchObject({ status: 'failed', reason: 'upstream-fault', counts: { failed: 5 } })
    expect(new Map(base.store.memory.items)).toEqual(before)
    expect(breaker.failures).toBe(1)
  })

  it('that is refused in its region goes on at the other address, and leaves the first one alone', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '20' })
    const refused = { code: 0, msg: 'Service unavailable from a restricted location.' }
    base.script((request): Reply => {
      const isFirst = request.url.hostname === 'data-api.binance.vision'
      return isFirst ? { status: 451, body: refused } : simulatedReply(request, base.clock.now())
    })

    const run = await base.tick(TICK)
    const calls = base.calls.splice(0)
    const next = await base.tick(TICK + 5 * MINUTE)

    const { coolDown } = await base.store.upstreams.get('binance-spot')
    const first = calls.filter(({ url }) => url.hostname === 'data-api.binance.vision')
    expect([run.status, next.status]).toEqual(['succeeded', 'succeeded'])
    expect(run.counts).toMatchObject({ published: 20, failed: 0 })
    expect(first.length).toBeLessThanOrEqual(8)
    expect(coolDown).toMatchObject({ reason: 'forbidden-region' })
    expect(base.calls.every(({ url }) => url.hostname === 'api.binance.com')).toBe(true)
  })

  it('that is banned stores until when, and the ticks before that call no provider (418)', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '20' })
    base.script(() => ({ status: 418, headers: { 'retry-after': '900' }, body: { code: -1003, msg: 'ban' } }))

    const banned = await base.tick(TICK)
    base.calls.splice(0)
    const next = await base.tick(TICK + 5 * MINUTE)

    expect(banned).toMatchObject({ status: 'failed', reason: 'rate-limited' })
    expect(next).toMatchObject({ status: 'skipped', reason: 'upstream-cooling' })
    expect(base.calls).toEqual([])
  })

  it.each([
    ['a price that is a number', (bar: unknown[]) => [bar[0], 1, ...bar.slice(2)]],
    ['a price with an exponent', (bar: unknown[]) => [bar[0], '1e3', ...bar.slice(2)]],
    ['no price', (bar: unknown[]) => [bar[0], '', ...bar.slice(2)]],
    ['a price of 0 (F14)', (bar: unknown[]) => [bar[0], '0.0', ...bar.slice(2)]],
    ['a low above its high', (bar: unknown[]) => [bar[0], bar[1], '1.0', '2.0', ...bar.slice(4)]],
    ['a time as text', (bar: unknown[]) => [String(bar[0]), ...bar.slice(1)]],
    ['an object in place of a list', () => ({}) as unknown[]],
    ['a close of ten times its high', (bar: unknown[]) => bar.with(4, String(10 * Number(bar[2])))],
    ['a price of 1e308', (bar: unknown[]) => bar.with(2, `1${'0'.repeat(308)}`)],
    ['a time off the grid', (bar: unknown[]) => bar.with(0, Number(bar[0]) + MINUTE)],
    ['a time in seconds', (bar: unknown[]) => bar.with(0, Number(bar[0]) / 1_000)],
  ])(
    'loses a bar with %s, and counts it; more than a tenth of such bars are malformed (F77)',
    async (_, spoil) => {
      const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '1' })
      const bars = klinesOf(seriesG(600))
      const respondWith = (isBent: (index: number) => boolean) =>
        base.script(() => ({
          status: 200,
          body: bars.map((bar, index) => (isBent(index) ? spoil([...bar]) : bar)),
        }))

      respondWith((index) => index === 300)
      const one = await base.tick(TICK)
      respondWith((index) => index >= 300 && index < 361)
      const many = await base.tick(TICK + 5 * MINUTE)
      const item = [...base.store.memory.items.values()].find(
        ({ key }) => key === one.lost?.names[0]?.split(' ')[0],
      )

      expect(one).toMatchObject({ status: 'partial', reason: 'rejected', lost: { count: 1 } })
      expect(item).toMatchObject({ degraded: true })
      expect(JSON.parse(decompress(item?.body ?? new Uint8Array()).toString())).toMatchObject({
        hama_analysis: { technical_indicators: { bars_used: 599, gaps: 1 } },
      })
      expect(many).toMatchObject({ status: 'failed', reason: 'malformed' })
    },
  )

  it('has no confident signal from bars that ended long ago, and says so (F78)', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '1' })
    const old = klinesOf(seriesG(600)).map(([at, ...rest]) =>
      [Number(at) - 90 * 24 * HOUR, ...rest].with(6, Number(rest[5]) - 90 * 24 * HOUR),
    )
    base.script(() => ({ status: 200, body: old }))

    await base.tick(TICK)
    const [item] = base.store.memory.items.values()

    expect(item).toMatchObject({ degraded: true })
    expect(JSON.parse(decompress(item?.body ?? new Uint8Array()).toString())).toMatchObject({
      hama_analysis: {
        recommendation: 'HOLD',
        confidence: null,
        trend: 'sideways',
        analysis_note: 'outdated',
      },
    })
  })

  it.each([
    ['a list without bars (F10)', []],
    ['bars of the future', klinesOf(seriesG(600)).map(([at, ...rest]) => [Number(at) + 6 * HOUR, ...rest])],
  ])('does not believe %s', async (_, body) => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '1' })
    base.script(() => ({ status: 200, body }))

    const run = await base.tick(TICK)

    expect(run.status).toBe('failed')
    expect(base.store.memory.items.size).toBe(0)
  })
})

describe('what is published', () => {
  /** The record of bitcoin after a run over some bars. */
  async function published(bars: unknown[][], settings = {}) {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '1', ...settings })
    base.script(() => ({ status: 200, body: bars }))
    await base.tick(TICK)
    return bodyOf(base, 'BTCUSDT')
  }

  it('is the documented record of the documented series', async () => {
    const { hama_analysis: analysis, conditions, ...rest } = await published(klinesOf(seriesG()))

    expect(analysis.signals).toMatchObject({
      ha_close: 112.79630341,
      ha_open: 113.50277819,
      ha_high: 111.85923546,
      ha_low: 110.55876053,
      hama_ma: 114.12511393,
      deviation_pct: 1.164345,
      last_cross_direction: -1,
      trend_strength: 'strong',
    })
    expect(analysis).toMatchObject({ preset: 'pine', recommendation: 'SELL', confidence: 0.932869 })
    expect(conditions).toMatchObject({ meets_sell_criteria: true, summary: 'Downtrend with high strength' })
    expect(rest).toEqual({
      symbol: 'BTCUSDT',
      timestamp: '2026-11-20T15:01:00Z',
      cached: true,
      cached_at: '2026-11-20T15:01:00Z',
      cache_source: 'dynamodb',
    })
  })

  it('is as of the last millisecond of the newest closed bar', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '1' })
    await base.tick(TICK)
    const { post, get } = hamaReader(base)

    const { body } = await post(ANALYZE, { symbol: 'BTCUSDT' })
    base.clock.advance(1_234)
    const status = await get('/scheduler/status')

    expect(body.meta).toEqual({
      as_of: '2026-11-20T14:59:59.999Z',
      fetched_at: '2026-11-20T15:01:00Z',
      degraded: false,
    })
    expect(status.body.meta).toMatchObject({
      as_of: '2026-11-20T15:01:01Z',
      fetched_at: '2026-11-20T15:01:01Z',
    })
  })

  it('follows the preset that is configured', async () => {
    const { hama_analysis: analysis } = await published(klinesOf(seriesG()), { HAMA_PRESET: 'classic' })

    expect(analysis).toMatchObject({ preset: 'classic', signals: { hama_ma: 116.06952502 } })
  })

  it('takes the running bar for the live price and for nothing else', async () => {
    const bars = seriesG(601)
    const last = bars[600]
    const running = { ...bars[600], close: 200, high: 201 } as NonNullable<typeof last>

    const { hama_analysis: analysis } = await published(klinesOf([...bars.slice(0, 600), running]))

    expect(analysis).toMatchObject({
      recommendation: 'SELL',
      signals: { hama_ma: 114.12511393, realtime_price: 200, price_vs_ma: 'above' },
      technical_indicators: { bars_used: 600 },
    })
  })

  it('marks what cannot be computed for a young symbol', async () => {
    const { hama_analysis: analysis } = await published(klinesOf(seriesG().slice(550)))

    expect(analysis).toMatchObject({
      recommendation: 'HOLD',
      confidence: null,
      analysis_note: 'insufficient history',
      signals: { hama_ma: null },
      technical_indicators: { bars_used: 50, bb_basis: null },
    })
  })

  it('of a flat series holds no cross and no NaN', async () => {
    const { hama_analysis: analysis } = await published(klinesOf(flatSeries(7, 600)))

    expect(analysis).toMatchObject({
      recommendation: 'HOLD',
      confidence: 0.3,
      signals: { deviation_pct: 0, last_cross_direction: null },
    })
  })
})

describe('analyze-symbol', () => {
  it('answers with the stored analysis, however many requests come, and calls no provider', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    base.calls.splice(0)
    base.clock.advance(2 * MINUTE)
    const { post } = hamaReader(base)

    const first = await post(ANALYZE, { symbol: ' btcusdt ' })
    base.clock.advance(2 * MINUTE)
    const again = await post(ANALYZE, { symbol: 'BTCUSDT' })

    expect(first).toMatchObject({ status: 200, body: { code: 1, msg: 'success', meta: { degraded: false } } })
    expect(first.headers).toMatchObject({ 'x-cache': 'HIT', age: '120', 'cache-control': 'no-store' })
    expect(again.body).toEqual(first.body)
    expect(first.body.data.timestamp).toBe('2026-11-20T15:01:00Z')
    expect(schemas['/api/gainer-analysis/analyze-symbol']?.safeParse(first.body).error).toBeUndefined()
    expect(base.calls).toEqual([])
  })

  it('fetches a symbol that is not stored once, for fifty readers who wait', async () => {
    const base = await hamaWorld()
    const { post } = hamaReader(base)
    const symbol = '示例USDT'

    const answers = await Promise.all(Array.from({ length: 50 }, () => post(ANALYZE, { symbol })))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(answers[0]?.headers['x-cache']).toBe('MISS')
    expect(answers[0]?.body.data).toMatchObject({ symbol, cached: false, cache_source: 'upstream' })
    expect(base.calls).toHaveLength(1)
  })

  it.each([
    [{}, 400, 'symbol is required'],
    [{ symbol: '' }, 400, 'symbol is required'],
    [{ symbol: 7 }, 400, 'symbol is required'],
    [{ symbol: 'BTC#USDT' }, 400, /^symbol is invalid/],
    [{ symbol: 'BTC/USDT' }, 400, /^symbol is invalid/],
    [{ symbol: 'B\u0000TC' }, 400, /^symbol is invalid/],
    [{ symbol: 'X'.repeat(31) }, 400, /^symbol is invalid/],
    [{ symbol: 'BTCUSDT', preset: 'classic' }, 400, 'preset must be pine, as configured'],
    [{ symbol: 'NOTACOIN' }, 404, 'unknown symbol'],
    ['{', 400, 'expected a body in JSON'],
    [{ symbol: 'BTCUSDT', force_refresh: 'true' }, 400, 'force_refresh must be true or false'],
    [{ symbol: 'BTCUSDT', force_refresh: 1 }, 400, 'force_refresh must be true or false'],
    [{ symbol: 'BTCUSDT', force_refresh: null }, 400, 'force_refresh must be true or false'],
    ['{"symbol":"BTCUSDT","force\\u005frefresh":true}', 403, /^Live reads are for operators/],
    [{ symbol: 'NOTACOIN', more: { force_refresh: true } }, 404, 'unknown symbol'],
    [
      { symbol: 'BTCUSDT', force_refresh: true },
      403,
      'Live reads are for operators, at POST /v1/live/api/gainer-analysis/analyze-symbol',
    ],
  ])('answers %j with %i', async (body, status, msg) => {
    const base = await hamaWorld()

    const answer = await hamaReader(base).post(ANALYZE, body)

    expect(answer.status).toBe(status)
    expect(answer.body).toEqual({
      code: 0,
      msg: typeof msg === 'string' ? msg : expect.stringMatching(msg),
      data: null,
    })
    expect(base.calls).toEqual([])
  })

  it('is 503 where a symbol that was never stored cannot be fetched, and stores nothing', async () => {
    const base = await hamaWorld()
    base.script(() => ({ status: 500, body: 'no' }))

    const answer = await hamaReader(base).post(ANALYZE, { symbol: 'BTCUSDT' })

    expect(answer).toMatchObject({ status: 503, body: { code: 0, msg: 'analysis not available' } })
    expect(answer.headers['retry-after']).toBe('60')
    expect(base.store.memory.items.size).toBe(0)
  })

  it('is not waited for, and no refresh is requested, when the settings switch the job off', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const off = { ...base, work: { ...base.work, job: resolveJob(job, { HAMA_SCHEDULER_ENABLED: 'false' }) } }
    const { post } = hamaReader(off)
    base.events.splice(0)

    const from = base.clock.now()
    const cold = await post(ANALYZE, { symbol: 'ETHBTC' })
    const waited = base.clock.now() - from
    base.clock.advance(601_000)
    const stale = await post(ANALYZE, { symbol: 'BTCUSDT' })

    expect([cold.status, cold.body.msg, waited]).toEqual([503, 'analysis not available', 0])
    expect([stale.status, stale.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(base.events).toEqual([])
  })

  it('limits what one process has fetched for readers who wait, to thirty a minute', async () => {
    const base = await hamaWorld()
    const { post } = hamaReader(base)
    await base.tick(TICK)
    const symbols = await base.store.keys.list('hama')
    base.store.memory.items.clear()
    base.calls.splice(0)

    const answers = await Promise.all(symbols.slice(0, 40).map((symbol) => post(ANALYZE, { symbol })))

    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(30)
    expect(statuses.filter((status) => status === 429)).toHaveLength(10)
    expect(base.calls).toHaveLength(30)
  })

  it('is stale after ten minutes and asks for one refresh; gone after six hours', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const { post } = hamaReader(base, {}, true)
    base.clock.advance(601_000)

    const stale = await post(ANALYZE, { symbol: 'BTCUSDT' })
    await post(ANALYZE, { symbol: 'BTCUSDT' })
    const requests = base.events.filter(({ type }) => type === 'refresh.requested')
    base.clock.advance(6 * HOUR)
    const gone = await post(ANALYZE, { symbol: 'BTCUSDT' })

    expect(stale).toMatchObject({ status: 200, headers: { 'x-cache': 'STALE' } })
    expect(requests).toMatchObject([{ detail: { job: 'hama', cause: 'stale-read', key: 'BTCUSDT' } }])
    expect(gone.status).toBe(503)
  })

  it('serves a copy while the table is down, and says so; without one it is 503', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    let isDown = false
    const store = withTableDown(base.store, () => isDown)
    const { post } = hamaReader(base, { store })
    await post(ANALYZE, { symbol: 'BTCUSDT' })
    isDown = true
    base.clock.advance(MINUTE)

    const warm = await post(ANALYZE, { symbol: 'BTCUSDT' })
    const cold = await post(ANALYZE, { symbol: 'ETHUSDT' })

    expect(warm).toMatchObject({
      status: 200,
      body: { data: { cache_source: 'memory', cached: true }, meta: { degraded: true } },
    })
    expect(cold.status).toBe(503)
  })
})

describe('the stored record', () => {
  const meta = { as_of: '2026-11-20T14:59:59.999Z', fetched_at: '2026-11-20T15:01:00Z', degraded: false }

  it('is the whole body of the stored item, without an envelope', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '1' })
    await base.tick(TICK)

    const item = await base.store.items.get('hama', 'BTCUSDT')
    const text = decompress(item?.body ?? new Uint8Array()).toString('utf8')

    expect(JSON.parse(text)).toEqual(await bodyOf(base, 'BTCUSDT'))
    expect(text).toMatch(/^\{"symbol":"BTCUSDT","hama_analysis":\{.*,"cache_source":"dynamodb"\}$/)
  })

  it('stands in the responses for one symbol and for a batch, byte for byte', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '2' })
    await base.tick(TICK)
    const symbols = await base.store.keys.list('hama')
    const items = await base.store.items.getMany('hama', symbols)
    const records = symbols.map((symbol) => [
      symbol,
      JSON.parse(decompress(items.get(symbol)?.body ?? new Uint8Array()).toString('utf8')),
    ])
    const { raw } = hamaReader(base)

    const singles = await Promise.all(
      symbols.map((symbol) => raw('POST', ANALYZE, JSON.stringify({ symbol }))),
    )
    const batch = await raw('POST', '/analyze-batch', JSON.stringify({ symbols }))

    const summary = { total: 2, success: 2, failed: 0, cached: 2, pending: 0 }
    const data = { results: Object.fromEntries(records), summary }
    expect(symbols).toHaveLength(2)
    expect(singles.map(({ body }) => body)).toEqual(
      records.map(([, record]) => JSON.stringify({ code: 1, msg: 'success', data: record, meta })),
    )
    expect(batch.body).toBe(JSON.stringify({ code: 1, msg: 'success', data, meta }))
  })
})

describe('analyze-batch', () => {
  it('reads 78 stored symbols with one table read and no call', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const symbols = await base.store.keys.list('hama')
    base.calls.splice(0)
    const reads = { one: 0, many: 0 }
    const { get, getMany } = base.store.items
    const items: typeof base.store.items = {
      ...base.store.items,
      get: (...what) => {
        reads.one += 1
        return get(...what)
      },
      getMany: (...what) => {
        reads.many += 1
        return getMany(...what)
      },
    }
    const { post } = hamaReader(base, { store: { ...base.store, items } })

    const answer = await post('/analyze-batch', { symbols })
    await post('/analyze-batch', { symbols })

    expect(answer).toMatchObject({
      status: 200,
      body: { data: { summary: { total: 78, success: 78, failed: 0, cached: 78, pending: 0 } } },
    })
    expect(Object.keys(answer.body.data.results)).toHaveLength(78)
    expect(schemas['/api/gainer-analysis/analyze-batch']?.safeParse(answer.body).error).toBeUndefined()
    expect(reads).toEqual({ one: 0, many: 1 })
    expect(base.calls).toEqual([])
  })

  it('is labelled as the oldest of what it is made from, and stale as soon as one of them is', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const [old = '', renewed = ''] = await base.store.keys.list('hama')
    base.clock.advance(400_000)
    await base.run({ cause: 'operator', key: renewed })
    const { post } = hamaReader(base, {}, true)

    const young = await post('/analyze-batch', { symbols: [renewed] })
    const both = await post('/analyze-batch', { symbols: [renewed, old] })
    base.clock.advance(201_000)
    const later = await post('/analyze-batch', { symbols: [renewed, old] })

    expect(young.headers).toMatchObject({ age: '0', 'x-cache': 'HIT', 'cache-control': 'no-store' })
    expect(both.headers).toMatchObject({ age: '400', 'x-cache': 'HIT', 'x-data-source': 'live' })
    expect(later.headers).toMatchObject({ age: '601', 'x-cache': 'STALE' })
    expect(both.body.meta.fetched_at).toBe(both.body.data.results[old].timestamp)
    expect(later.body).toEqual(both.body)
  })

  it('says of what it waited for that it was a miss, and of none at all only what is lacking', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const [stored = '', missing = ''] = await base.store.keys.list('hama')
    base.store.memory.items.delete(`hama ${missing}`)
    const { post } = hamaReader(base)

    const waited = await post('/analyze-batch', { symbols: [stored, missing] })
    const none = await post('/analyze-batch', { symbols: ['NOPE'] })

    expect(waited.headers['x-cache']).toBe('MISS')
    expect(waited.body.data.results[stored].cache_source).toBe('dynamodb')
    expect(waited.body.data.results[missing].cache_source).toBe('upstream')
    expect(none.headers).toMatchObject({ age: '0', 'cache-control': 'no-store', 'x-cache': 'MISS' })
    expect(none.body.data).toEqual({
      results: { NOPE: { error: 'unknown symbol' } },
      summary: { total: 1, success: 0, failed: 1, cached: 0, pending: 0 },
    })
  })

  it('is made again when one record, their order or what is lacking has changed', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const [one = '', other = ''] = await base.store.keys.list('hama')
    const { post } = hamaReader(base)
    const first = await post('/analyze-batch', { symbols: [one, other] })
    base.clock.advance(900_000)
    await base.run({ cause: 'operator', key: one })

    const renewed = await post('/analyze-batch', { symbols: [one, other] })
    const turned = await post('/analyze-batch', { symbols: [other, one] })
    const lacking = await post('/analyze-batch', { symbols: [one, other, 'NOPE'] })

    expect(renewed.body.data.results[one].timestamp).not.toBe(first.body.data.results[one].timestamp)
    expect(renewed.body.data.results[other]).toEqual(first.body.data.results[other])
    expect(Object.keys(turned.body.data.results)).toEqual([other, one])
    expect(lacking.body.data.summary).toMatchObject({ total: 3, failed: 1 })
  })

  it('serves copies while the table is down, each with where it is from', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const [one = '', other = ''] = await base.store.keys.list('hama')
    let isDown = false
    const failing = async (...what: Parameters<typeof base.store.items.getMany>) => {
      if (isDown) throw new Error('the table is down')
      return base.store.items.getMany(...what)
    }
    const { post } = hamaReader(base, {
      store: { ...base.store, items: { ...base.store.items, getMany: failing } },
    })
    await post('/analyze-batch', { symbols: [one, other] })
    isDown = true
    base.clock.advance(6_000)

    const copies = await post('/analyze-batch', { symbols: [one, other] })
    const unheld = await post('/analyze-batch', { symbols: ['SOLUSDT', 'XRPUSDT'] })

    expect(copies).toMatchObject({ status: 200, body: { meta: { degraded: true } } })
    expect(copies.headers['cache-status']).toContain('table-unavailable')
    expect(copies.body.data.results[one].cache_source).toBe('memory')
    expect(unheld.status).toBe(503)
  })

  it('for any number of unknown symbols keeps the cached copies of others', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    await base.tick(TICK)
    let isDown = false
    const { post } = hamaReader(base, { store: withTableDown(base.store, () => isDown) })
    await post(ANALYZE, { symbol: 'BTCUSDT' })
    for (let batch = 0; batch < 11; batch += 1) {
      const symbols = Array.from({ length: 100 }, (_, index) => `NOPE${batch}X${index}`)
      await post('/analyze-batch', { symbols })
    }
    isDown = true
    base.clock.advance(6_000)

    const { status, body } = await post(ANALYZE, { symbol: 'BTCUSDT' })

    expect([status, body.data?.cache_source]).toEqual([200, 'memory'])
  })

  it('fetches ten of those that are not stored and puts the others off; unknown ones are named', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const [first = '', second = '', ...others] = await base.store.keys.list('hama')
    for (const symbol of others.slice(0, 12)) base.store.memory.items.delete(`hama ${symbol}`)
    const symbols = [first, second, first.toLowerCase(), ...others.slice(0, 12), 'NOPE']

    const { status, body } = await hamaReader(base).post('/analyze-batch', { symbols })

    expect(status).toBe(200)
    expect(body.data.summary).toEqual({ total: 15, success: 12, failed: 1, cached: 2, pending: 2 })
    expect(body.data.results['NOPE']).toEqual({ error: 'unknown symbol' })
    expect(body.data.results[others[11] ?? '']).toEqual({ status: 'pending' })
    expect(body.data.results[others[0] ?? '']).toMatchObject({ cached: false, cache_source: 'upstream' })
  })

  it.each([
    [{}, 'symbols is required'],
    [{ symbols: [] }, 'symbols is required'],
    [{ symbols: Array.from({ length: 101 }, (_, index) => `S${index}`) }, 'symbols must be 1 to 100'],
    [{ symbols: ['BTCUSDT', ''] }, 'symbol is required'],
  ])('answers %j with 400', async (body, msg) => {
    const answer = await hamaReader(await hamaWorld()).post('/analyze-batch', body)

    expect(answer).toMatchObject({ status: 400, body: { code: 0, msg, data: null } })
  })
})

describe('the status routes', () => {
  it('cache-stats count what can be served, and what of it is stale', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    await base.tick(TICK)
    const symbols = await base.store.keys.list('hama')
    base.store.memory.items.delete(`hama ${symbols[0]}`)
    base.clock.advance(601_000)

    const { status, body } = await hamaReader(base, {}, true).get('/cache-stats')

    expect(status).toBe(200)
    expect(body.data).toMatchObject({
      cache_type: 'dynamodb',
      cached_symbols: 2,
      cache_duration_minutes: 10,
      memory_cache_fallback: 0,
      stale_symbols: 2,
      oldest_cache: '2026-11-20T15:01:00Z',
    })
    expect(body.data.symbols.toSorted()).toEqual(symbols.slice(1))
    expect(schemas['/api/gainer-analysis/cache-stats']?.safeParse(body).error).toBeUndefined()
  })

  it('cache-stats name the last error of each symbol that failed in the last run', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    const machines = taskMachines(base.work)
    const symbol = 'BTCUSDT'
    const simulated = (request: HttpRequest) => simulatedReply(request, base.clock.now())
    base.script((request) =>
      request.url.searchParams.get('symbol') === symbol
        ? { status: 200, body: 'no bars' }
        : simulated(request),
    )
    const ports = submitPorts(base.work, base.store, machines)
    const submitted = await submit({ job: base.work.job, cause: 'tick', tick: TICK, params: {} }, ports)
    await machines.run('run' in submitted ? submitted.run.id : '')

    const { body } = await hamaReader(base, {}, true).get('/cache-stats')

    expect(body.data.last_error).toEqual({
      [symbol]: { class: 'malformed', at: expect.stringMatching(/^2026-11-20T15:0\d:\d\dZ$/) },
    })
    expect(schemas['/api/gainer-analysis/cache-stats']?.safeParse(body).error).toBeUndefined()
  })

  it('a symbol that the exchange refuses as unknown is 404 for ten minutes without a further call', async () => {
    const base = await hamaWorld()
    base.script(() => ({ status: 400, body: { code: -1121, msg: 'Invalid symbol.' } }))
    const { post } = hamaReader(base)

    const first = await post('/analyze-symbol', { symbol: 'ETHBTC' })
    const calls = base.calls.length
    base.clock.advance(9 * 60_000)
    const again = await hamaReader(base).post('/analyze-symbol', { symbol: 'ETHBTC' })
    const batch = await hamaReader(base).post('/analyze-batch', { symbols: ['ETHBTC'] })
    const callsLater = base.calls.length
    base.clock.advance(61_000)
    base.script((request) => simulatedReply(request, base.clock.now()))
    const listedAgain = await hamaReader(base).post('/analyze-symbol', { symbol: 'ETHBTC' })

    expect(first).toMatchObject({ status: 404, body: { code: 0, msg: 'unknown symbol', data: null } })
    expect(again).toMatchObject({ status: 404, body: { msg: 'unknown symbol' } })
    expect(batch.body.data.results).toEqual({ ETHBTC: { error: 'unknown symbol' } })
    expect(callsLater).toBe(calls)
    expect(listedAgain.status).toBe(200)
    expect(await base.store.keys.list('hama'), 'a value after an absence is listed').toEqual(['ETHBTC'])
  })

  it('cache-stats count what an operator has marked as stale', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    await base.tick(TICK)
    base.clock.advance(1_000)
    await hamaOperator(base).clear('BTCUSDT')

    const one = await hamaReader(base, {}, true).get('/cache-stats')
    await hamaOperator(base).clear()
    const all = await hamaReader(base, {}, true).get('/cache-stats')

    expect([one.body.data.stale_symbols, all.body.data.stale_symbols]).toEqual([1, 3])
  })

  it('scheduler/status says how often, for how many, and how the last run ended', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    await base.tick(TICK)

    const { body } = await hamaReader(base).get('/scheduler/status')

    expect(body.data).toEqual({
      running: true,
      symbols_count: 3,
      interval_minutes: 5,
      cache_stats: { available: true, cached_symbols: 3, cache_ttl_seconds: 600, cache_ttl_minutes: 10 },
      last_run: { started_at: '2026-11-20T15:01:00Z', status: 'succeeded', success: 3, failed: 0 },
      next_run_at: '2026-11-20T15:06:00Z',
    })
    expect(schemas['/api/gainer-analysis/scheduler/status']?.safeParse(body).error).toBeUndefined()
  })

  it.each(['5', '10', '15', '20', '30', '60'])(
    'scheduler/status foretells the ticks of every %s minutes as the schedule has them',
    async (interval) => {
      const ttl = String(60 * Number(interval) + 300)
      const settings = { HAMA_UNIVERSE_SIZE: '1', HAMA_SCHEDULER_INTERVAL: interval, HAMA_CACHE_TTL: ttl }
      const base = await hamaWorld(settings, TICK + 7 * MINUTE)
      const { get } = hamaReader(base)

      for (let index = 0; index < 5; index += 1) {
        const [next = 0] = occurrences(scheduleOf(base.work.job), { after: base.clock.now(), limit: 1 })
        const { body } = await get('/scheduler/status')

        expect(Date.parse(body.data.next_run_at)).toBe(next)
        base.clock.advance(next - base.clock.now())
      }
    },
  )

  it('scheduler/status foretells the next run as operators see it, under whatever interval they decide', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '1' })
    await base.tick(TICK)
    const { override, status, view } = hamaOperator(base)

    for (const every of ['5 minutes', '15 minutes', '40 minutes', '3 hours', '2 days']) {
      await override({ every })
      base.clock.advance(1_000)
      await base.run({ cause: 'operator' })
      const [{ running, next_run_at }, { next_runs }] = [await status(), await view()]

      const next = next_runs.find(({ skipped }: { skipped: string | null }) => skipped === null)
      expect(running).toBe(true)
      if (next) expect(Date.parse(next_run_at)).toBe(Date.parse(next.tick))
      else expect(Date.parse(next_run_at)).toBeGreaterThan(Date.parse(next_runs.at(-1).tick))
      base.clock.advance(6 * MINUTE)
    }
  })

  it('scheduler/status knows what operators decided: a pause, an interval, symbols', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    await base.tick(TICK)
    const { get } = hamaReader(base)
    const [first = '', second = ''] = await base.store.keys.list('hama')
    const itemKeys = [second, first]
    await base.store.states.setPublicControl('hama', {
      revision: 1,
      intervalMs: BAR,
      itemCount: 2,
      itemKeys,
    })

    const overridden = await get('/scheduler/status')
    const stats = await get('/cache-stats')
    await base.store.states.setPublicControl('hama', { revision: 2, pausedUntil: TICK + HOUR })
    const paused = await get('/scheduler/status')

    expect(overridden.body.data).toMatchObject({
      running: true,
      symbols_count: 2,
      interval_minutes: 15,
      cache_stats: { cached_symbols: 2, cache_ttl_seconds: 1_080 },
      next_run_at: '2026-11-20T15:16:00Z',
    })
    expect(stats.body.data).toMatchObject({ cached_symbols: 2, symbols: itemKeys })
    expect(paused.body.data).toMatchObject({ running: false, symbols_count: 3, next_run_at: null })
  })
})

describe('a preload', () => {
  async function preloadOf(symbols: readonly string[]) {
    const base = await hamaWorld()
    const machines = taskMachines(base.work)
    const params = submission.parseParams({ query: {}, body: { symbols } }, base.work.job)
    const submitted = await submit(
      { job: base.work.job, cause: 'operator', params: params as { symbols: string[] } },
      submitPorts(base.work, base.store, machines),
    )
    const id = 'run' in submitted ? submitted.run.id : ''
    return { base, machines, id, get: hamaReader(base).get }
  }

  it('of unknown symbols alone fails, and names each', async () => {
    const { machines, id, get } = await preloadOf(['nada', 'nope'])

    await machines.run(id)
    const { body } = await get(`/tasks/${id}`)

    expect(body.data).toMatchObject({ status: 'failed', total: 2, success: 0, failed: 2 })
    expect(body.data.failed_symbols).toEqual(['NADA', 'NOPE'])
  })

  it('of three symbols, one of them unknown, ends partial and names it', async () => {
    const { base, machines, id, get } = await preloadOf(['nope', 'BTCUSDT', 'ETHUSDT'])

    const before = await get(`/tasks/${id}`)
    await machines.run(id)
    const after = await get(`/tasks/${id}`)

    expect(before.body.data).toMatchObject({ task_id: id, status: 'pending', total: 3, duration: null })
    expect(after.body.data).toMatchObject({
      status: 'partial',
      total: 3,
      success: 2,
      failed: 1,
      failed_symbols: ['NOPE'],
    })
    expect(schemas['/api/gainer-analysis/tasks/{task_id}']?.safeParse(after.body).error).toBeUndefined()
    expect((await base.store.items.get('hama', 'BTCUSDT'))?.key).toBe('BTCUSDT')
    expect((await get('/scheduler/status')).body.data.last_run).toBeNull()
  })

  it('that timed out reads the same before and after its counts are stored (I8)', async () => {
    const { base, id, get } = await preloadOf(['BTCUSDT', 'ETHUSDT'])
    const record = await base.store.runs.get('hama', id)
    if (!record) throw new TypeError(`expected the record of ${id}`)
    base.clock.advance(base.work.job.run.deadlineMs)
    const before = await get(`/tasks/${id}`)

    const counts = { planned: 2, published: 1, unchanged: 0, superseded: 0, failed: 1 }
    const end = { status: 'failed', reason: 'timeout', endedAt: base.clock.now(), counts } as const
    await base.store.runs.close({ ...record, ...end })
    const after = await get(`/tasks/${id}`)

    expect(before.body.data).toMatchObject({ status: 'timed_out', success: 0, failed: 0 })
    expect(after.body.data).toEqual(before.body.data)
  })

  it('is the same work in whatever order its symbols are said', () => {
    const params = (symbols: string[]) =>
      submission.parseParams({ query: {}, body: { symbols } }, resolveJob(job, {}))

    expect(params(['ethusdt', 'BTCUSDT', 'ETHUSDT'])).toEqual({ symbols: ['BTCUSDT', 'ETHUSDT'] })
    expect(params([])).toEqual({ error: 'symbols is required' })
    expect(params(Array.from({ length: 201 }, (_, index) => `S${index}`))).toEqual({
      error: 'symbols must be 1 to 200',
    })
  })

  test.each(['hama-01JD8Y6W3V9S2K4N7Q0R5T1XZA', 'nope', 'global-market-20261120T150300Z'])(
    'that does not exist (%s) is 404',
    async (id) => {
      const answer = await hamaReader(await hamaWorld()).get(`/tasks/${id}`)

      expect(answer).toMatchObject({ status: 404, body: { code: 0, msg: 'unknown task', data: null } })
    },
  )
})

describe('an override of the symbols', () => {
  it('replaces the universe, and does not restrict requests for other symbols', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    const overrides = { items: ['示例USDT', 'BTCUSDT'] }
    await base.store.controls.replace('hama', { revision: 1, change: 'a', overrides })

    const run = await base.tick(TICK)
    const other = await base.run({ cause: 'cold-read', key: 'ETHUSDT', event: { id: 'e', at: TICK } })

    expect(run).toMatchObject({ status: 'succeeded', counts: { planned: 2 } })
    expect(await base.store.keys.list('hama')).toEqual(expect.arrayContaining(overrides.items))
    expect(other.status).toBe('succeeded')
  })
})

/** The same table, which answers nothing while it is down. */
function withTableDown<S extends Awaited<ReturnType<typeof hamaWorld>>['store']>(
  store: S,
  isDown: () => boolean,
): S {
  const down = () => Promise.reject(new Error('down'))
  const { items, snapshots } = store
  return {
    ...store,
    items: {
      ...items,
      get: (...what: Parameters<typeof items.get>) => (isDown() ? down() : items.get(...what)),
      getMany: (...what: Parameters<typeof items.getMany>) => (isDown() ? down() : items.getMany(...what)),
    },
    snapshots: {
      ...snapshots,
      head: (...what: Parameters<typeof snapshots.head>) => (isDown() ? down() : snapshots.head(...what)),
    },
  }
}
