import { describe, expect, it } from 'vitest'
import { schemas } from '#functions/jobs/macro-risk/schema.ts'
import { riskWorld } from '#test/fakes/jobs/macro-risk.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 10, 24, 17, 20)
const schema = schemas['/api/v1/macro/risk/overview']

describe('the macro risk', () => {
  it('is computed from the stored indicators, without a call: 76 with a coverage of 0.6', async () => {
    const world = riskWorld(NOW)
    await world.indicators()

    const ended = await world.refreshAll()

    expect(ended).toMatchObject({ status: 'succeeded', counts: { planned: 1, published: 1 } })
    expect(world.calls).toEqual([])
    const { status, body } = await world.overview()
    expect([status, schema.safeParse(body).error]).toEqual([200, undefined])
    expect(body).toMatchObject({
      timestamp: '2026-11-24T17:20:00Z',
      overall_risk: { score: 76, level: 'MEDIUM', confidence: 0.57, trend: null },
      risk_breakdown: {
        monetary_policy: { score: 77 },
        geopolitical: { score: null, description: 'No score: no event feed in the last 24 h' },
        sector_bubble: { score: null },
        economic_cycle: { score: 75 },
        market_sentiment: { score: 75 },
      },
      ai_analysis: null,
      meta: { degraded: true, coverage: 0.6, phase: 'Expansion', notice: expect.stringContaining('FRED') },
    })
    expect(body.meta.data_sources).toContainEqual({ name: 'events', as_of: null, state: 'missing' })
  })

  it('is null without indicators: nothing is invented (row 15)', async () => {
    const world = riskWorld(NOW)
    await world.feed()

    await world.refreshAll()

    const { body } = await world.overview()
    expect(schema.safeParse(body).error).toBeUndefined()
    expect(body).toMatchObject({
      overall_risk: { score: null, level: null },
      risk_breakdown: { geopolitical: { score: 90 } },
      recommendations: [],
      meta: { coverage: 0.2, notice: null },
    })
  })

  it.each(['live', 'simulated'] as const)('is %s when its inputs are', async (dataSource) => {
    const world = riskWorld(NOW)
    await world.indicators()
    await world.indicator('VIXCLS', 17, {}, { dataSource })

    await world.refreshAll()

    const { headers } = await world.overview()
    expect(headers?.['x-data-source']).toBe(dataSource)
  })

  it('names recent events of high impact, and none while the feed is stale', async () => {
    const notable = [
      {
        id: '00000000000000a1',
        title: 'Troops cross a border',
        event_date: '2026-11-23T10:00:00Z',
        category: 'WAR',
        severity: 'HIGH',
        market_impact_score: 85,
      },
      {
        id: '00000000000000a2',
        title: 'An older one',
        event_date: '2026-10-24T10:00:00Z',
        category: 'WAR',
        severity: 'HIGH',
        market_impact_score: 85,
      },
    ] as const
    const world = riskWorld(NOW)
    await world.feed({ notable })
    await world.refreshAll()
    const { body } = await world.overview()
    await world.feed({ notable, last_success: '2026-11-23T10:00:00Z' })
    await world.refreshAll()
    const { body: later } = await world.overview()

    expect(schema.safeParse(body).error).toBeUndefined()
    expect(body.recent_events).toEqual([
      {
        title: 'Troops cross a border',
        date: '2026-11-23T10:00:00Z',
        category: 'WAR',
        severity: 'HIGH',
        impact_score: 85,
      },
    ])
    expect(later.recent_events).toEqual([])
  })

  it('has the sums of the last 30 days of events, and none after a day without a success of the feed', async () => {
    const world = riskWorld(NOW)
    await world.indicators()
    const day = (date: string, events: number) => ({
      date,
      events,
      highImpact: 2,
      levelSum: 4 * events,
      impactSum: 35 * events,
    })
    await world.feed({ days: [day('2026-10-25', 999), day('2026-10-26', 10), day('2026-11-24', 30)] })
    await world.refreshAll()
    // 4 of high impact: 50; mean level 4: 60; mean impact 35: 60
    expect((await world.overview()).body.risk_breakdown.geopolitical.score).toBe(56)

    world.clock.advance(25 * HOUR)
    await world.refreshAll()

    expect((await world.overview()).body.risk_breakdown.geopolitical.score).toBeNull()
  })

  it('is computed without an indicator whose newest observation is too old, which is named as stale', async () => {
    const world = riskWorld(NOW)
    await world.indicators()
    await world.indicator('VIXCLS', 17, { degraded_reasons: ['stale_observation'] })

    await world.refreshAll()

    const { body } = await world.overview()
    expect(body.risk_breakdown.market_sentiment.score).toBeNull()
    expect(body.meta.data_sources).toContainEqual(expect.objectContaining({ name: 'VIXCLS', state: 'stale' }))
  })

  it('has a trend against the score of about a day before', async () => {
    const world = riskWorld(NOW)
    await world.indicators()
    await world.refreshAll()
    world.clock.advance(DAY + 2 * HOUR)
    await world.indicator('VIXCLS', 40)
    await world.indicator('DFF', 6)
    await world.indicator('T10Y2Y', -1)

    await world.refreshAll()

    expect((await world.overview()).body.overall_risk.trend).toBe('INCREASING')
    world.clock.advance(3 * DAY)
    await world.refreshAll()
    expect((await world.overview()).body.overall_risk.trend).toBeNull()
  })

  it('has a row of history a run, served with days', async () => {
    const world = riskWorld(NOW)
    await world.indicators()
    await world.refreshAll()
    world.clock.advance(6 * HOUR)
    await world.refreshAll()

    const { body } = await world.overview({ days: '2' })

    expect(schema.safeParse(body).error).toBeUndefined()
    expect(body.history.map(({ timestamp }: { timestamp: string }) => timestamp)).toEqual([
      '2026-11-24T23:20:00Z',
      '2026-11-24T17:20:00Z',
    ])
    expect(await world.overview({ days: '91' })).toMatchObject({ status: 400 })
  })

  it('reads its inputs with four requests to the table when 45,000 events are stored', async () => {
    const world = riskWorld(NOW)
    await world.indicators()
    await world.feed()
    const expiresAt = NOW + 60 * DAY
    const rows = Array.from({ length: 45_000 }, (_, index) => ({
      kind: 'events',
      entity: 'all',
      at: NOW - index * 60_000,
      data: { title: `event ${index}` },
      expiresAt,
    }))
    await world.store.history.put('geo-events', rows)

    const calls = await world.callsOfRun()

    const inputs = ['items.getMany', 'items.getMany', 'items.getMany', 'operatorRecords.get']
    const outside = ['controls', 'states', 'runs'].map((name) => `${name}.`)
    const own = calls.filter((call) => !outside.some((prefix) => call.startsWith(prefix)))
    expect(own.filter((call) => inputs.includes(call)).toSorted()).toEqual(inputs)
    expect(own.filter((call) => !inputs.includes(call))).toEqual(['keys.add', 'history.put', 'items.put'])
  })

  it('is computed as a whole only: a run of one key does nothing', async () => {
    const world = riskWorld(NOW)
    await world.indicators()

    expect(await world.refreshOne('overall')).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    expect(await world.overview()).toMatchObject({ status: 503 })
  })
})

describe('the inputs of operators', () => {
  const inputs = { nasdaq_pe: 28, top_ten_share: 36, ipo_heat: 'normal', put_call_ratio: 0.9 }

  it('complete the risk for 45 days', async () => {
    const world = riskWorld(NOW)
    await world.indicators()
    await world.feed()
    const put = await world.inputs('PUT', inputs)
    expect(put).toMatchObject({ status: 200, body: { inputs, source: 'operator', valid_for_days: 45 } })

    await world.refreshAll()

    expect((await world.overview()).body).toMatchObject({
      risk_breakdown: { sector_bubble: { score: 60 }, market_sentiment: { score: 76.5 } },
      meta: { coverage: 1, degraded: false },
    })
    world.clock.advance(45 * DAY)
    await world.indicators()
    await world.refreshAll()
    expect((await world.overview()).body.risk_breakdown.sector_bubble.score).toBeNull()
  })

  it('are erased, and then none', async () => {
    const world = riskWorld(NOW)
    await world.inputs('PUT', inputs)

    expect(await world.inputs('DELETE')).toMatchObject({ status: 200, body: { source: 'none' } })
    expect(await world.inputs('GET')).toMatchObject({
      body: { inputs: { nasdaq_pe: null }, changed_at: null },
    })
  })

  it.each([
    [{ nasdaq_pe: '28' }],
    [{ nasdaq_pe: -1 }],
    [{ top_ten_share: 101 }],
    [{ ipo_heat: 'warm' }],
    [{ other: 1 }],
  ])('%j is refused, and nothing changes', async (body) => {
    const world = riskWorld(NOW)

    expect(await world.inputs('PUT', body)).toMatchObject({ status: 400 })
    expect(await world.inputs('GET')).toMatchObject({ body: { source: 'none' } })
  })
})
