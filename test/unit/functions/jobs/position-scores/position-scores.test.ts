import { describe, expect, it } from 'vitest'
import { schemas } from '#functions/jobs/position-scores/schema.ts'
import { fundamentalData, scoresWorld, technicalData } from '#test/fakes/jobs/position-scores.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 10, 24, 15)

describe('the scores of a symbol', () => {
  it('are computed from its two records without a call, and name them', async () => {
    const world = scoresWorld(NOW, 'AAPL')
    await world.technical('AAPL')
    await world.fundamental('AAPL')

    const ended = await world.refreshAll()

    expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 1, published: 1 } })
    expect(world.calls).toEqual([])
    const { status, body } = await world.read('/AAPL/scores')
    expect(status).toBe(200)
    expect(schemas['/api/v1/positions/{symbol}/scores'].safeParse(body).error).toBeUndefined()
    expect(body).toMatchObject({
      data: {
        symbol: 'AAPL',
        date: '2026-11-23',
        technical_score: 70,
        fundamental_score: 70.42,
        overall_score: 64.32,
        recommendation: 'HOLD',
        sector: 'Technology',
        inputs: {
          technical: { as_of: '2026-11-23T15:00:00Z' },
          fundamental: { as_of: '2026-11-24T03:00:00Z' },
        },
        degraded_reasons: [],
      },
      meta: { as_of: '2026-11-23T15:00:00Z', degraded: false },
    })
  })

  it('are partial without fundamentals, and complete once there are some', async () => {
    const world = scoresWorld(NOW, 'AAPL')
    await world.technical('AAPL')
    await world.refreshAll()
    expect((await world.read('/AAPL/scores')).body).toMatchObject({
      data: {
        fundamental_score: null,
        overall_score: 60.26,
        inputs: { fundamental: null },
        degraded_reasons: ['fundamental_missing'],
        reasons: { fundamental_score: 'fundamental_missing' },
      },
      meta: { degraded: true },
    })

    world.clock.advance(HOUR)
    await world.fundamental('AAPL')
    await world.refreshAll()

    expect((await world.read('/AAPL/scores')).body).toMatchObject({
      data: { overall_score: 64.32, degraded_reasons: [] },
      meta: { degraded: false },
    })
  })

  it('of a fund have no fundamental score, and are not degraded', async () => {
    const world = scoresWorld(NOW, 'SPY')
    await world.technical('SPY')
    await world.fundamental('SPY', { fundamental: null, degraded_reasons: [] })

    await world.refreshAll()

    expect((await world.read('/SPY/scores')).body).toMatchObject({
      data: {
        fundamental_score: null,
        overall_score: 60.26,
        sector: null,
        reasons: { fundamental_score: 'no_fundamentals' },
      },
      meta: { degraded: false },
    })
  })

  it('are null with the reason when the newest bar is old: no level, no recommendation', async () => {
    const world = scoresWorld(NOW, 'GONE')
    await world.technical('GONE', technicalData('GONE', { degraded_reasons: ['no_recent_bar'] }))
    await world.fundamental('GONE')

    await world.refreshAll()

    expect((await world.read('/GONE/scores')).body.data).toMatchObject({
      technical_score: null,
      overall_score: null,
      recommendation: null,
      reasons: { technical_score: 'no_recent_bar', recommendation: 'no_recent_bar' },
      degraded_reasons: ['no_recent_bar'],
    })
  })

  it('are confirmed while the inputs stay, and their history has one row a session', async () => {
    const world = scoresWorld(NOW, 'AAPL')
    await world.technical('AAPL')
    await world.fundamental('AAPL')
    await world.refreshAll()
    world.clock.advance(HOUR)
    expect(await world.refreshAll()).toMatchObject({ status: 'unchanged' })

    world.clock.advance(HOUR)
    await world.fundamental('AAPL', fundamentalData(40), { fence: 2, asOf: NOW })
    await world.refreshAll()

    const { body } = await world.read('/AAPL/scores?days=30')
    expect(schemas['/api/v1/positions/{symbol}/scores'].safeParse(body).error).toBeUndefined()
    expect(body.data.history).toHaveLength(1)
    expect(body.data).toMatchObject({ fundamental_score: 40, history: [{ fundamental_score: 40 }] })
  })

  it('are 404 for a symbol of no position, and 503 for one without any record', async () => {
    const world = scoresWorld(NOW, 'AAPL')

    expect(await world.refreshOne('AAPL')).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    await world.refreshOne('OTHER')

    expect(await world.read('/OTHER/scores')).toMatchObject({
      status: 404,
      body: { detail: 'OTHER is no symbol of the portfolio' },
    })
    expect(await world.store.items.get('position-scores', 'AAPL')).toBeUndefined()
  })
})

describe('the scores of all symbols', () => {
  it('are served in the order of their symbols, in pages', async () => {
    const world = scoresWorld(NOW, 'MSFT,AAPL,KO')
    for (const symbol of ['AAPL', 'KO', 'MSFT']) await world.technical(symbol)
    await world.refreshAll()

    const first = (await world.read('/scores?limit=2')).body
    const second = (await world.read(`/scores?limit=2&cursor=${first.meta.next_cursor}`)).body

    const schema = schemas['/api/v1/positions/scores']
    for (const body of [first, second]) expect(schema.safeParse(body).error).toBeUndefined()
    const symbols = ({ data }: { data: readonly { symbol: string }[] }) => data.map(({ symbol }) => symbol)
    expect(symbols(first)).toEqual(['AAPL', 'KO'])
    expect(symbols(second)).toEqual(['MSFT'])
    expect(second.meta).toMatchObject({ next_cursor: null, degraded: true, as_of: '2026-11-23T15:00:00Z' })
  })

  it('are not available before the first run', async () => {
    expect(await scoresWorld(NOW, 'AAPL').read('/scores')).toMatchObject({ status: 503 })
  })

  it.each(['limit=0', 'limit=101', 'limit=x', 'cursor=a/b'])('refuse %s', async (query) => {
    expect(await scoresWorld(NOW, 'AAPL').read(`/scores?${query}`)).toMatchObject({ status: 400 })
  })
})

describe('the assessment', () => {
  it('has the value of each position and the figures of the portfolio', async () => {
    const world = scoresWorld(NOW, '')
    await world.putPositions([
      { symbol: 'AAPL', quantity: '10', avg_cost: '100', currency: 'USD' },
      { symbol: 'KO' },
      { symbol: 'NEW', quantity: '1', avg_cost: '5', currency: 'USD' },
    ])
    world.clock.advance(1_000)
    for (const symbol of ['AAPL', 'KO']) await world.technical(symbol)
    await world.fundamental('AAPL')
    await world.refreshAll()

    const { status, headers, body } = await world.assessment()

    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-cache': 'HIT' })
    expect(schemas['/api/v1/positions/assessment'].safeParse(body).error).toBeUndefined()
    const close = technicalData('AAPL').close ?? Number.NaN
    expect(body.data.positions).toMatchObject([
      { symbol: 'AAPL', current_price: close, overall_score: 64.32, sector: 'Technology' },
      { symbol: 'KO', market_value: null, reasons: { market_value: 'watch_only' } },
      { symbol: 'NEW', market_value: null, overall_score: null, trend_snapshot: null },
    ])
    expect(body.data.positions[0].market_value).toBeCloseTo(10 * close, 9)
    expect(body.data.summary).toMatchObject({ total_positions: 3, positions_with_value: 1, currency: 'USD' })
    expect(body.meta).toMatchObject({
      positions_changed_at: '2026-11-24T15:00:00Z',
      missing: ['NEW'],
      degraded: true,
    })
  })

  it('of a position put before a split has no value, until it is put again', async () => {
    const world = scoresWorld(NOW, '')
    const position = { symbol: 'AAPL', quantity: '10', avg_cost: '100', currency: 'USD' }
    await world.putPositions([position])
    await world.technical('AAPL', technicalData('AAPL', { rescaled_on: '2026-11-24' }))
    await world.refreshAll()
    const assessed = async () => (await world.assessment()).body.data.positions[0]

    expect(await assessed()).toMatchObject({
      market_value: null,
      reasons: { market_value: 'position_before_split' },
    })
    world.clock.advance(24 * HOUR)
    await world.putPositions([{ ...position, quantity: '50' }])
    await world.technical('AAPL', technicalData('AAPL', { rescaled_on: '2026-11-24' }), { fence: 2 })
    await world.refreshAll()
    expect((await assessed()).market_value).not.toBeNull()
  })

  it('follows the positions at once, from the records that are stored', async () => {
    const world = scoresWorld(NOW, 'AAPL,KO')
    for (const symbol of ['AAPL', 'KO']) await world.technical(symbol)
    await world.refreshAll()
    const symbols = async () =>
      (await world.assessment()).body.data.positions.map(({ symbol }: { symbol: string }) => symbol)

    expect(await symbols()).toEqual(['AAPL', 'KO'])
    await world.putPositions([{ symbol: 'KO' }])
    expect(await symbols()).toEqual(['KO'])
  })

  it('of a portfolio without positions is empty, and without any record says which are missing', async () => {
    const empty = await scoresWorld(NOW, '').assessment()
    const cold = await scoresWorld(NOW, 'AAPL').assessment()

    const schema = schemas['/api/v1/positions/assessment']
    for (const { status, body } of [empty, cold])
      expect([status, schema.safeParse(body).error]).toEqual([200, undefined])
    expect(empty.body).toMatchObject({ data: { positions: [] }, meta: { missing: [], degraded: false } })
    expect(cold.body).toMatchObject({ meta: { as_of: null, missing: ['AAPL'], degraded: true } })
  })

  it('of 50 positions takes at most three calls of the table', async () => {
    const symbols = Array.from({ length: 50 }, (_, index) => `S${index}`)
    const world = scoresWorld(NOW, symbols.join(','))
    for (const symbol of symbols) await world.technical(symbol)
    await world.refreshAll()
    world.clock.advance(2 * HOUR)

    expect((await world.assessment()).headers['x-cache']).toBe('STALE')
    expect(await world.callsOfAssessment()).toEqual(['operatorRecords.get', 'items.getMany', 'states.get'])
  })

  it('is for operators: the public reads do not have it', async () => {
    const world = scoresWorld(NOW, 'AAPL')

    expect(await world.assessment({ actor: undefined })).toMatchObject({
      status: 401,
    })
    expect(await world.read('/assessment')).toMatchObject({ status: 404 })
  })
})
