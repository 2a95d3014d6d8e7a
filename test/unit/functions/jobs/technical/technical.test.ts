import { describe, expect, it } from 'vitest'
import { job } from '#functions/jobs/technical/job.ts'
import { refresh } from '#functions/jobs/technical/refresh.ts'
import { schemas } from '#functions/jobs/technical/schema.ts'
import { yahoo } from '#infra/local/simulated/yahoo.ts'
import { calmRows, dailyBody, type Row, symbolOf, technicalWorld } from '#test/fakes/jobs/technical.ts'
import { jobHarness } from '#test/support/jobs/job-harness.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A Tuesday: Monday's session is the newest finished one until 21:30 UTC. */
const TUESDAY = Date.UTC(2026, 10, 24, 15)
const MONDAY_BAR = '2026-11-23'
const TUESDAY_EVENING = Date.UTC(2026, 10, 24, 22)
const schema = schemas['/api/v1/positions/{symbol}/technical']

/** The rows with the one of a date changed. */
function changed(rows: readonly Row[], date: string, change: Partial<Row>): Row[] {
  return rows.map((row) => (row.date === date ? { ...row, ...change } : row))
}

describe('the indicators of a symbol', () => {
  it('are served after its newest finished session, in the documented form', async () => {
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: calmRows(MONDAY_BAR, 100) })
    const run = await world.refreshAll()

    const { status, body } = await world.record('AAPL')

    expect(run).toMatchObject({ status: 'succeeded', counts: { planned: 1, published: 1 } })
    expect(status).toBe(200)
    expect(schema.safeParse(body).error).toBeUndefined()
    expect(body).toMatchObject({
      data: {
        symbol: 'AAPL',
        date: MONDAY_BAR,
        bars_used: 100,
        ma200: null,
        reasons: { ma200: 'needs 200 bars' },
        quote_currency: 'USD',
        degraded_reasons: [],
      },
      meta: { as_of: '2026-11-23T21:00:00Z', degraded: false },
    })
  })

  it('are asked for once a session: the other hours confirm them without a call', async () => {
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: calmRows(MONDAY_BAR, 100) })
    await world.refreshAll()

    world.clock.advance(HOUR)
    const unchanged = await world.refreshAll()

    expect(unchanged).toMatchObject({ status: 'unchanged', counts: { planned: 1, unchanged: 1 } })
    expect(world.requested()).toEqual(['AAPL'])
    const item = await world.store.items.get('technical', 'AAPL')
    expect(item).toMatchObject({ checkedAt: world.clock.now(), freshUntil: world.clock.now() + 75 * 60_000 })

    world.clock.advance(TUESDAY_EVENING - world.clock.now())
    world.answers['AAPL'] = calmRows('2026-11-24', 100)
    expect(await world.refreshAll()).toMatchObject({ status: 'succeeded' })
    expect((await world.record('AAPL')).body.data).toMatchObject({ date: '2026-11-24', bars_used: 101 })
  })

  it('are asked for a second time, three hours later, when the bar of the evening is late, and no more that day', async () => {
    const world = technicalWorld(TUESDAY_EVENING, 'AAPL', { AAPL: calmRows(MONDAY_BAR, 100) })
    for (let hour = 0; hour < 6; hour += 1) {
      await world.refreshAll()
      world.clock.advance(HOUR)
    }
    expect(world.requested()).toEqual(['AAPL', 'AAPL'])

    // 02:00 in New York: the calls of the new day go to the fundamentals first
    world.clock.advance(3 * HOUR)
    await world.refreshAll()
    expect(world.requested()).toHaveLength(2)
    world.clock.advance(3 * HOUR)
    await world.refreshAll()
    expect(world.requested()).toHaveLength(3)
  })

  it('are asked for at night too when there are none yet', async () => {
    const night = Date.UTC(2026, 10, 24, 6)
    const world = technicalWorld(night, 'AAPL', { AAPL: calmRows(MONDAY_BAR, 100) })

    expect(await world.refreshAll()).toMatchObject({ status: 'succeeded' })
    expect(world.requested()).toEqual(['AAPL'])
  })

  it('keep bars that the provider no longer sends, and insert one that it delivers later', async () => {
    const all = calmRows(MONDAY_BAR, 110)
    const withHole = all.filter(({ date }) => date !== '2026-11-18').slice(0, -1)
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: withHole })
    await world.refreshAll()

    world.clock.advance(4 * HOUR)
    world.answers['AAPL'] = all.slice(-100)
    await world.refreshAll()

    expect((await world.record('AAPL')).body.data).toMatchObject({ date: MONDAY_BAR, bars_used: 110 })
  })

  it('start again after a suspected split, and say so', async () => {
    const rows = calmRows(MONDAY_BAR, 100).map((row) =>
      row.date < '2026-11-16'
        ? { ...row, open: row.open * 10, high: row.high * 10, low: row.low * 10, close: row.close * 10 }
        : row,
    )
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: rows })

    await world.refreshAll()

    expect((await world.record('AAPL')).body).toMatchObject({
      data: {
        split_date: '2026-11-16',
        bars_used: 6,
        ma5: expect.any(Number),
        ma10: null,
        degraded_reasons: ['suspected_split'],
      },
      meta: { degraded: true },
    })
  })

  it('replace bars that the provider restates, and say so while that session is the newest', async () => {
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: calmRows('2026-11-20', 100) })
    await world.refreshAll()
    world.clock.advance(4 * HOUR)
    world.answers['AAPL'] = calmRows(MONDAY_BAR, 100, 50)

    await world.refreshAll()

    expect((await world.record('AAPL')).body.data).toMatchObject({
      bars_used: 100,
      restated_on: MONDAY_BAR,
      degraded_reasons: ['bars_restated'],
    })
  })

  it('are what they were before a wrong answer as soon as the provider agrees with the former bars again', async () => {
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: calmRows('2026-11-20', 110) })
    await world.refreshAll()
    world.clock.advance(4 * HOUR)
    world.answers['AAPL'] = calmRows(MONDAY_BAR, 100, 50)
    await world.refreshAll()
    world.clock.advance(DAY)
    world.answers['AAPL'] = calmRows('2026-11-24', 100)

    await world.refreshAll()

    expect((await world.record('AAPL')).body).toMatchObject({
      data: { bars_used: 112, restated_on: null, degraded_reasons: [] },
      meta: { degraded: false },
    })
  })

  it('do not use a bar that differs from the one that two answers had, and the run counts it', async () => {
    const rows = calmRows('2026-11-20', 100)
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: rows })
    await world.refreshAll()
    world.clock.advance(4 * HOUR)
    world.answers['AAPL'] = changed(calmRows(MONDAY_BAR, 100), '2026-11-16', { high: 180 })

    const run = await world.refreshAll()

    expect(run).toMatchObject({ status: 'partial', message: expect.stringContaining('AAPL 2026-11-16') })
    expect(Math.max(...(await world.record('AAPL')).body.data.resistance_levels)).toBeLessThan(110)
  })

  describe('of a session on a weekend', () => {
    const saturday = { ...(calmRows(MONDAY_BAR, 1)[0] as Row), date: '2026-11-21' }
    const rows = [...calmRows('2026-11-20', 99), saturday]

    it.each(['AAPL', 'BRK.B', 'TSCO.LON'])('are not used for %s', async (symbol) => {
      const world = technicalWorld(TUESDAY, symbol, { [symbol]: rows })

      const run = await world.refreshAll()

      expect(run).toMatchObject({ status: 'partial', message: expect.stringContaining('2026-11-21') })
      expect((await world.record(symbol)).body.data).toMatchObject({ date: '2026-11-20', bars_used: 99 })
    })

    it('are used where the exchange has such sessions', async () => {
      const world = technicalWorld(TUESDAY, 'RELIANCE.BSE', { 'RELIANCE.BSE': rows })

      expect(await world.refreshAll()).toMatchObject({ status: 'succeeded' })
      expect((await world.record('RELIANCE.BSE')).body.data).toMatchObject({ date: '2026-11-21' })
    })
  })

  it.each([0, 1, 49])('do not use an answer of %i bars where a hundred are stored', async (count) => {
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: calmRows('2026-11-20', 100) })
    await world.refreshAll()
    const before = (await world.record('AAPL')).body.data
    world.clock.advance(4 * HOUR)
    world.answers['AAPL'] = calmRows(MONDAY_BAR, count)

    const run = await world.refreshAll()

    expect(run).toMatchObject({
      status: 'partial',
      reason: 'rejected',
      message: `not believed: expected at least 50 bars of AAPL, got ${count}`,
    })
    expect((await world.record('AAPL')).body.data).toEqual(before)
  })

  it('begin again with a few bars that come long after the stored ones: the symbol is another share', async () => {
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: calmRows('2026-10-30', 100) })
    await world.refreshAll()
    world.clock.advance(4 * HOUR)
    world.answers['AAPL'] = calmRows(MONDAY_BAR, 3)

    await world.refreshAll()

    expect((await world.record('AAPL')).body.data).toMatchObject({ date: MONDAY_BAR, bars_used: 3 })
  })

  it('are degraded while a volume that they need is missing', async () => {
    const text = JSON.stringify(dailyBody('AAPL', calmRows(MONDAY_BAR, 100)))
    const world = technicalWorld(TUESDAY, 'AAPL')
    // the newest row comes first
    world.script(() => ({ status: 200, body: text.replace(',"5. volume":"1000"', '') }))

    await world.refreshAll()

    expect((await world.record('AAPL')).body).toMatchObject({
      data: { volume: null, reasons: { volume: 'no volume' }, degraded_reasons: ['no_volume'] },
      meta: { degraded: true },
    })
  })

  it('refuse prices that switch to a hundredth of the currency: the stored bars stay', async () => {
    const rows = calmRows('2026-11-20', 100)
    const world = technicalWorld(TUESDAY, 'TSCO.LON', { 'TSCO.LON': rows })
    await world.refreshAll()
    const before = (await world.record('TSCO.LON')).body
    world.clock.advance(4 * HOUR)
    const last = { open: 1, high: 1.01, low: 0.99, close: 1 }
    world.answers['TSCO.LON'] = changed(calmRows(MONDAY_BAR, 100), MONDAY_BAR, last)

    const run = await world.refreshAll()

    expect(run).toMatchObject({
      status: 'failed',
      reason: 'malformed',
      message: expect.stringContaining('unit_switch'),
    })
    expect((await world.record('TSCO.LON')).body).toEqual(before)
  })

  it('are no longer fresh when the newest bar is older than seven weekdays: the symbol may be delisted', async () => {
    const world = technicalWorld(TUESDAY, 'GONE', { GONE: calmRows('2026-11-05', 100) })

    await world.refreshAll()

    expect((await world.record('GONE')).body.data.degraded_reasons).toEqual(['no_recent_bar'])
    const item = await world.store.items.get('technical', 'GONE')
    expect(item?.freshUntil).toBeLessThan(world.clock.now())
  })

  it('refuse an answer about another symbol', async () => {
    const world = technicalWorld(TUESDAY, 'AAPL')
    world.script(() => ({ status: 200, body: dailyBody('MSFT', calmRows(MONDAY_BAR, 100)) }))

    expect(await world.refreshAll()).toMatchObject({ status: 'failed', reason: 'malformed' })
  })

  it('are 404 for a symbol that is in no position, without a call', async () => {
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: calmRows(MONDAY_BAR, 100) })
    await world.run({ cause: 'cold-read', key: 'OTHER' })

    expect(await world.record('OTHER')).toMatchObject({
      status: 404,
      body: { detail: 'OTHER is no symbol of the portfolio' },
    })
    expect(world.requested()).toEqual([])
  })
})

describe('the currency of the prices', () => {
  /** A stored record of Yahoo, and runs whose answers name another currency. */
  async function withCurrency(currency: string | null, runs = 1) {
    const settings = { BARS_PROVIDER: 'yahoo', YAHOO_TERMS_ACCEPTED: 'true', PORTFOLIO_SYMBOLS: 'TSCO.L' }
    const harness = jobHarness(job, refresh, { settings, start: TUESDAY })
    await harness.run({ cause: 'operator' })
    harness.respondWith(({ url }) => {
      const path = url.pathname
      const { status, body } = yahoo(1, harness.clock.now(), path, url.searchParams)
      const answer = JSON.parse(body)
      answer.chart.result[0].meta.currency = currency
      return { status, body: answer }
    })
    let run: unknown
    for (let count = 0; count < runs; count += 1) {
      harness.clock.advance(DAY)
      run = await harness.run({ cause: 'operator' })
    }
    const { body } = await harness.get('/api/v1/positions/TSCO.L/technical')
    return { run, data: (body as { data: Record<string, unknown> }).data }
  }

  it('is another one for the same prices only if two answers in a row say so', async () => {
    const once = await withCurrency('GBP')
    const twice = await withCurrency('GBP', 2)

    expect(once.run).toMatchObject({
      status: 'partial',
      message: expect.stringContaining('expected GBp for the same prices, got GBP'),
    })
    expect(once.data).toMatchObject({ quote_currency: 'GBp', quote_factor: 0.01 })
    expect(twice.data).toMatchObject({ quote_currency: 'GBP', quote_factor: 1 })
  })

  it('is the stored one when an answer with the same prices names none', async () => {
    const { run, data } = await withCurrency(null)

    expect(run).toMatchObject({ status: 'succeeded' })
    expect(data).toMatchObject({ quote_currency: 'GBp', quote_factor: 0.01 })
  })

  it('is counted as lost when it is no code of a currency', async () => {
    const { run, data } = await withCurrency('pence')

    expect(run).toMatchObject({ status: 'partial', message: expect.stringContaining('the currency') })
    expect(data).toMatchObject({ quote_currency: 'GBp', quote_factor: 0.01 })
  })
})

describe('the calls of a run', () => {
  it('begin with symbols that were never fetched, then those that were fetched longest ago', async () => {
    const rows = calmRows(MONDAY_BAR, 100)
    const world = technicalWorld(TUESDAY, 'AAA,BBB,CCC', { AAA: rows, BBB: rows, CCC: rows })
    await world.run({ cause: 'operator', key: 'BBB' })
    world.clock.advance(60_000)
    await world.run({ cause: 'operator', key: 'AAA' })
    const before = world.calls.length
    world.clock.advance(TUESDAY_EVENING - world.clock.now())
    for (const symbol of ['AAA', 'BBB', 'CCC']) world.answers[symbol] = calmRows('2026-11-24', 100)

    await world.refreshAll()

    expect(world.requested().slice(before)).toEqual(['CCC', 'BBB', 'AAA'])
  })

  it('end with the budget of the day: the other symbols keep their values, and come first the next day', async () => {
    const symbols = Array.from({ length: 30 }, (_, index) => `S${String(index).padStart(2, '0')}`)
    const rows = calmRows(MONDAY_BAR, 100)
    const world = technicalWorld(
      TUESDAY,
      symbols.join(','),
      Object.fromEntries(symbols.map((symbol) => [symbol, rows])),
    )

    const first = await world.refreshAll()
    world.clock.advance(HOUR)
    const second = await world.refreshAll()
    expect(first).toMatchObject({ status: 'partial', counts: { planned: 30, published: 25, failed: 5 } })
    expect(second).toMatchObject({ status: 'partial', counts: { planned: 30, unchanged: 25, failed: 5 } })
    expect(world.calls).toHaveLength(25)

    world.clock.advance(DAY - 2 * HOUR)
    await world.refreshAll()
    expect(new Set(world.requested())).toEqual(new Set(symbols))
    expect(world.requested().slice(25, 30)).toEqual(symbols.slice(25))
  })

  it('ask once a day for a symbol that the provider does not know, and at once when the positions are put again', async () => {
    const world = technicalWorld(TUESDAY, 'NONE')
    await world.refreshAll()
    world.clock.advance(HOUR)
    const second = await world.refreshAll()
    expect(second).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    expect(world.requested()).toEqual(['NONE'])

    await world.operator.put('/api/v1/admin/positions', { positions: [{ symbol: 'NONE' }] })
    world.clock.advance(60_000)
    await world.refreshAll()
    expect(world.requested()).toEqual(['NONE', 'NONE'])
  })

  it('are none without positions: the run has nothing to do, and says so in the documented words', async () => {
    const world = technicalWorld(TUESDAY, '')
    const message = 'No active positions to refresh'

    expect(await world.refreshAll()).toMatchObject({ status: 'skipped', reason: 'nothing-to-do', message })
    expect(world.lines).toContainEqual(expect.objectContaining({ level: 'INFO', message }))
  })

  it('that get an empty object find no such symbol', async () => {
    const world = technicalWorld(TUESDAY, 'NONE')
    world.script(() => ({ status: 200, body: {} }))

    expect(await world.refreshAll()).toMatchObject({ status: 'failed', reason: 'not-found' })
    expect(await world.record('NONE')).toMatchObject({ status: 404 })
  })

  it('are made again for the newest session when an operator asks with force, of the submitted symbols only', async () => {
    const rows = calmRows(MONDAY_BAR, 100)
    const world = technicalWorld(TUESDAY, 'AAA,BBB', { AAA: rows, BBB: rows })
    await world.refreshAll()

    await world.run({ cause: 'operator', params: { symbols: ['BBB'], force: true } })

    expect(world.requested().toSorted()).toEqual(['AAA', 'BBB', 'BBB'])
  })

  it('carry the key in the query, and no line shows it', async () => {
    const world = technicalWorld(TUESDAY, 'AAPL', { AAPL: calmRows(MONDAY_BAR, 100) })
    await world.refreshAll()

    expect(world.calls[0]).toMatchObject({ secretQuery: { name: 'apikey', value: 'invented-key' } })
    expect(symbolOf(world.calls[0] as never)).toBe('AAPL')
    expect(JSON.stringify([world.lines, [...world.store.memory.runs.values()]])).not.toContain('invented-key')
  })
})

describe('a symbol that the provider spells in another way', () => {
  it('is requested and answered in that spelling, and served as the operator spells it, in the configured unit', async () => {
    const settings = { ALPHA_VANTAGE_SYMBOLS: 'TSCO=TSCO.LON', PORTFOLIO_CURRENCIES: '.LON=GBp' }
    const rows = calmRows('2026-11-20', 100)
    const world = technicalWorld(TUESDAY, 'TSCO', { 'TSCO.LON': rows }, undefined, settings)

    await world.refreshAll()

    expect(world.requested()).toEqual(['TSCO.LON'])
    expect((await world.record('TSCO')).body.data).toMatchObject({
      symbol: 'TSCO',
      quote_currency: 'GBp',
      quote_factor: 0.01,
    })
  })
})
