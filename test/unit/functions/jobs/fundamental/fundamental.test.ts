import { describe, expect, it } from 'vitest'
import { schemas } from '#functions/jobs/fundamental/schema.ts'
import { balanceSheetBody, fundamentalWorld, overviewBody, quotaBody } from '#test/fakes/jobs/fundamental.ts'
import { symbolOf } from '#test/fakes/jobs/technical.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** 03:30 in New York, on a Tuesday. */
const TUESDAY = Date.UTC(2026, 10, 24, 8, 30)
const MONDAY_BAR = '2026-11-23'
const WITH_SHEETS = { ALPHA_VANTAGE_BALANCE_SHEET: 'true' }
const FORCED = { symbols: null, force: true }
/** What the provider sends of a fund that it describes. */
const FUND = {
  AssetType: 'ETF',
  ReturnOnEquityTTM: 'None',
  ReturnOnAssetsTTM: 'None',
  ProfitMargin: 'None',
  QuarterlyRevenueGrowthYOY: 'None',
  QuarterlyEarningsGrowthYOY: 'None',
}

/** A report with a current ratio of 3. */
const sheet = (fiscalDateEnding: string) => ({
  fiscalDateEnding,
  totalCurrentAssets: '300',
  totalCurrentLiabilities: '100',
  shortLongTermDebtTotal: '154',
  totalShareholderEquity: '100',
})
const schema = schemas['/api/v1/positions/{symbol}/fundamental']

describe('the fundamentals of a symbol', () => {
  it('are served with their scores, in the documented form and with the documented example', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL', WITH_SHEETS)
    const run = await world.refreshAll()

    const { status, body } = await world.record('AAPL')

    expect(run).toMatchObject({ status: 'succeeded', counts: { planned: 1, published: 1 } })
    expect(status).toBe(200)
    expect(schema.safeParse(body).error).toBeUndefined()
    expect(body).toMatchObject({
      data: {
        symbol: 'AAPL',
        date: '2026-11-24',
        fundamental: {
          asset_type: 'Common Stock',
          sector: 'TECHNOLOGY',
          latest_quarter: '2026-09-30',
          balance_sheet_date: '2026-09-30',
          pe: 20,
          roe: 18,
          current_ratio: 1.2,
          debt_to_equity: 1.54,
          beta: 1.1,
          sub_scores: { pe: 75, earnings_growth: 76.67, debt_to_equity: 69.37 },
          valuation_score: 75,
          profitability_score: 76.67,
          growth_score: 66.33,
          health_score: 63.69,
          overall_score: expect.closeTo(70.4213, 4),
          coverage: 1,
        },
        reasons: {},
        degraded_reasons: [],
      },
      meta: { as_of: '2026-11-24T08:30:00Z', degraded: false },
    })
  })

  it('cost one call without balance sheets, and have no score of financial health', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL')
    await world.refreshAll()

    expect(world.calls).toHaveLength(1)
    expect((await world.record('AAPL')).body.data).toMatchObject({
      fundamental: { current_ratio: null, health_score: null, coverage: 0.8, balance_sheet_date: null },
      reasons: { current_ratio: 'no value', debt_to_equity: 'no value', health_score: 'no inputs' },
    })
  })

  it.each([
    ['the forward ratio in place of a trailing one that is absent', { PERatio: 'None' }, 19, undefined],
    ['no ratio of a loss, with the reason', { PERatio: '-8' }, null, 'not positive'],
  ])('have %s', async (_, change, pe, reason) => {
    const world = fundamentalWorld(TUESDAY, 'AAPL', {}, { AAPL: overviewBody('AAPL', change) })
    await world.refreshAll()

    const { fundamental, reasons } = (await world.record('AAPL')).body.data

    expect([fundamental.pe, reasons.pe]).toEqual([pe, reason])
  })

  it('are degraded, and the others as usual, when one of them cannot be read', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL', {}, { AAPL: overviewBody('AAPL', { Beta: '1,1' }) })

    const run = await world.refreshAll()

    expect(run.lost).toEqual({ count: 1, names: ['AAPL Beta'] })
    expect((await world.record('AAPL')).body).toMatchObject({
      data: { fundamental: { beta: null, pe: 20 }, degraded_reasons: ['unreadable'] },
      meta: { degraded: true },
    })
  })

  it('have no forward ratio in place of a trailing one that was not sent', async () => {
    const world = fundamentalWorld(
      TUESDAY,
      'AAPL',
      {},
      { AAPL: overviewBody('AAPL', { PERatio: undefined }) },
    )

    await world.refreshAll()

    expect((await world.record('AAPL')).body.data).toMatchObject({
      fundamental: { pe: null, pb: 2 },
      degraded_reasons: ['unreadable'],
    })
  })

  it.each([
    ['has none', { quarterlyReports: [] }, '2026-09-30', 1.2],
    [
      'has one that cannot be read',
      { quarterlyReports: [sheet('soon'), sheet('2026-06-30')] },
      '2026-09-30',
      1.2,
    ],
    ['has an older one only', { quarterlyReports: [sheet('2026-06-30')] }, '2026-06-30', 3],
  ])(
    'keep the figures of a balance sheet unless the next answer has one that is used: it %s',
    async (...row) => {
      const [, change, date, ratio] = row
      const world = fundamentalWorld(TUESDAY, 'AAPL', WITH_SHEETS)
      await world.refreshAll()
      world.clock.advance(DAY)
      world.answers['BALANCE_SHEET AAPL'] = { ...balanceSheetBody('AAPL'), ...change }

      await world.refreshAll()

      const { fundamental, degraded_reasons: reasons } = (await world.record('AAPL')).body.data
      expect(fundamental).toMatchObject({ balance_sheet_date: date, current_ratio: ratio })
      expect(reasons.includes('no_balance_sheet_answer')).toBe(ratio === 1.2)
    },
  )

  it('have no figures of the balance sheet any more once it is not requested', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL', WITH_SHEETS)
    await world.refreshAll()
    world.clock.advance(DAY)
    const later = fundamentalWorld(world.clock.now(), 'AAPL', {}, {}, world.store)

    await later.refreshAll()

    expect((await later.record('AAPL')).body.data).toMatchObject({
      fundamental: { balance_sheet_date: null, current_ratio: null },
      degraded_reasons: [],
    })
  })

  it('have no ratio to an equity close to 0, and say so', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL', WITH_SHEETS)
    const change = { shortLongTermDebtTotal: '154000000000', totalShareholderEquity: '-1' }
    world.answers['BALANCE_SHEET AAPL'] = balanceSheetBody('AAPL', change)

    const run = await world.refreshAll()

    expect(run.lost).toEqual({ count: 1, names: ['AAPL debt_to_equity'] })
    expect((await world.record('AAPL')).body.data).toMatchObject({
      fundamental: { debt_to_equity: null, current_ratio: 1.2 },
      degraded_reasons: ['unreadable'],
    })
  })

  it('keep the figures of the balance sheet when it is not answered, and say so', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL', WITH_SHEETS)
    await world.refreshAll()
    world.clock.advance(DAY)
    const { reply } = world
    world.script((request) =>
      request.url.searchParams.get('function') === 'OVERVIEW' ? reply(request) : { status: 500, body: '' },
    )

    const run = await world.refreshAll()

    expect(run.status).toBe('succeeded')
    expect((await world.record('AAPL')).body.data).toMatchObject({
      date: '2026-11-25',
      fundamental: { current_ratio: 1.2, balance_sheet_date: '2026-09-30' },
      degraded_reasons: ['no_balance_sheet_answer'],
    })
  })

  it.each([
    ['no equity', { totalShareholderEquity: '0' }, { debt_to_equity: null, current_ratio: 1.2 }],
    ['no current liabilities, as banks', { totalCurrentLiabilities: 'None' }, { current_ratio: null }],
  ])('have no ratio of the balance sheet with %s', async (_, change, expected) => {
    const world = fundamentalWorld(TUESDAY, 'JPM', WITH_SHEETS)
    world.answers['BALANCE_SHEET JPM'] = balanceSheetBody('JPM', change)
    await world.refreshAll()

    expect((await world.record('JPM')).body.data.fundamental).toMatchObject(expected)
  })

  it('have a history of one record a day', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL')
    await world.refreshAll()
    world.clock.advance(DAY)
    world.answers['AAPL'] = overviewBody('AAPL', { PERatio: '21' })
    await world.refreshAll()

    const { body } = await world.record('AAPL', { days: '30' })

    expect(schema.safeParse(body).error).toBeUndefined()
    expect(
      body.data.history.map((row: { date: string; fundamental: { pe: number } }) => [
        row.date,
        row.fundamental.pe,
      ]),
    ).toEqual([
      ['2026-11-25', 21],
      ['2026-11-24', 20],
    ])
  })

  it('are 404 for a symbol that is in no position, without a call', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL')
    await world.run({ cause: 'cold-read', key: 'OTHER' })

    expect(await world.record('OTHER')).toMatchObject({ status: 404 })
    expect(world.calls).toEqual([])
  })

  it('are refused when the answer is about another symbol', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL', {}, { AAPL: overviewBody('MSFT') })

    expect(await world.refreshAll()).toMatchObject({ status: 'failed', reason: 'malformed' })
  })
})

describe('a symbol without fundamentals', () => {
  it.each([
    ['an empty object', {}],
    ['a fund', overviewBody('SPY', FUND)],
  ])(
    'that has bars and is answered with %s is served with the reason, and counted as skipped',
    async (_, answer) => {
      const world = fundamentalWorld(TUESDAY, 'SPY,AAPL', {}, { SPY: answer })
      await world.storeBars(MONDAY_BAR)

      const run = await world.refreshAll()

      const { status, body } = await world.record('SPY')
      expect(run).toMatchObject({ status: 'succeeded', counts: { planned: 2, published: 2 } })
      expect(status).toBe(200)
      expect(schema.safeParse(body).error).toBeUndefined()
      expect(body).toMatchObject({
        data: { fundamental: null, reasons: { fundamental: 'no_fundamentals' }, degraded_reasons: [] },
        meta: { degraded: false },
      })
      expect(world.lines).toContainEqual(
        expect.objectContaining({ symbols_count: 2, success_count: 1, failed_count: 0, skipped_count: 1 }),
      )
    },
  )

  it('is asked for again after seven days, and fresh until then', async () => {
    const world = fundamentalWorld(TUESDAY, 'SPY', {}, { SPY: {} })
    const calls: number[] = []
    for (let day = 0; day < 8; day += 1) {
      await world.storeBars(MONDAY_BAR)
      await world.refreshAll()
      calls.push(world.calls.length)
      const item = await world.store.items.get('fundamental', 'SPY')
      expect(item?.freshUntil).toBe(world.clock.now() + 26 * HOUR)
      world.clock.advance(DAY)
    }

    expect(calls).toEqual([1, 1, 1, 1, 1, 1, 1, 2])
  })

  it('that had fundamentals before is asked for again the next day', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL')
    const figures: (number | null)[] = []
    for (const body of [overviewBody('AAPL'), {}, {}, overviewBody('AAPL')]) {
      await world.storeBars(MONDAY_BAR)
      world.answers['AAPL'] = body
      await world.refreshAll()
      figures.push((await world.record('AAPL')).body.data.fundamental?.pe ?? null)
      world.clock.advance(DAY)
    }

    expect(figures).toEqual([20, 20, null, 20])
  })

  it('and without bars is not found, and asked for again the next day', async () => {
    const world = fundamentalWorld(TUESDAY, 'NONE', {}, { NONE: {} })
    await world.refreshAll()
    expect(await world.record('NONE')).toMatchObject({ status: 404 })

    world.clock.advance(HOUR)
    expect(await world.refreshAll()).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    expect(world.calls).toHaveLength(1)

    // a minute less than a day, because ticks are spread
    world.clock.advance(23 * HOUR - 60_000)
    await world.refreshAll()
    expect(world.calls).toHaveLength(2)
  })

  it('is not found before its bars are stored, and asked for again on the same day after that', async () => {
    const world = fundamentalWorld(TUESDAY, 'SPY', {}, { SPY: {} })
    await world.refreshAll()

    await world.storeBars(MONDAY_BAR)
    await world.refreshAll()

    expect(await world.record('SPY')).toMatchObject({ status: 200, body: { data: { fundamental: null } } })
  })

  it('that had some keeps them, until a second run has the same answer', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL')
    await world.storeBars(MONDAY_BAR)
    await world.refreshAll()
    world.answers['AAPL'] = {}

    world.clock.advance(DAY)
    expect(await world.refreshAll()).toMatchObject({ status: 'failed', reason: 'rejected' })
    expect((await world.record('AAPL')).body.data.fundamental).toMatchObject({ pe: 20 })
    world.clock.advance(DAY)
    expect(await world.refreshAll()).toMatchObject({ status: 'succeeded' })
    expect((await world.record('AAPL')).body.data.fundamental).toBeNull()
  })
})

describe('a figure that may have changed its unit', () => {
  it('keeps its old value with a reason, and is believed after three days', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL')
    await world.refreshAll()
    world.answers['AAPL'] = overviewBody('AAPL', { ReturnOnEquityTTM: '18', PERatio: '22' })
    const served = async () => {
      world.clock.advance(DAY)
      await world.refreshAll()
      return (await world.record('AAPL')).body
    }

    const first = await served()
    await served()
    const third = await served()

    expect(first).toMatchObject({
      data: {
        fundamental: { roe: 18, pe: 22 },
        reasons: { roe: 'unit_suspect' },
        degraded_reasons: ['unit_suspect'],
      },
      meta: { degraded: true },
    })
    expect(third).toMatchObject({
      data: { fundamental: { roe: 1_800 }, degraded_reasons: [] },
      meta: { degraded: false },
    })
  })
})

describe('the calls of a run', () => {
  it('are made once a day in New York: other runs confirm the records', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL')
    await world.refreshAll()

    world.clock.advance(15 * HOUR)
    expect(await world.refreshAll()).toMatchObject({ status: 'unchanged' })
    expect(world.calls).toHaveLength(1)

    // midnight in New York has passed
    world.clock.advance(6 * HOUR)
    expect(await world.refreshAll()).toMatchObject({ status: 'succeeded' })
    expect(world.calls).toHaveLength(2)
  })

  it('are made again when an operator asks with force, for the submitted symbols only', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAA,BBB')
    await world.refreshAll()

    await world.refreshAll({ symbols: ['BBB'], force: true })
    await world.refreshAll(FORCED)

    expect(world.requested()).toEqual(['AAA', 'BBB', 'BBB', 'AAA', 'BBB'])
  })

  it('are none without positions: the run has nothing to do, and says so in the documented words', async () => {
    const world = fundamentalWorld(TUESDAY, '')
    const message = 'No active positions to refresh'

    expect(await world.refreshAll()).toMatchObject({ status: 'skipped', reason: 'nothing-to-do', message })
    expect(world.lines).toContainEqual(expect.objectContaining({ level: 'INFO', message }))
  })

  it('end with a line in the documented words', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAPL')
    await world.refreshAll()

    expect(world.lines).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/^Job 'refresh_fundamental' success in \d+\.\d\ds$/),
        symbols_count: 1,
        success_count: 1,
      }),
    )
  })

  it('that fail for one of ten symbols renew nine, and the run is partial (acceptance 19)', async () => {
    const symbols = Array.from({ length: 10 }, (_, index) => `S${index}`)
    const world = fundamentalWorld(TUESDAY, symbols.join(','))
    await world.refreshAll()
    world.clock.advance(DAY)
    const { reply } = world
    world.script((request) =>
      symbolOf(request) === 'S3' ? { status: 200, body: { Symbol: 'OTHER' } } : reply(request),
    )

    const run = await world.refreshAll()

    expect(run).toMatchObject({ status: 'partial', counts: { planned: 10, published: 9, failed: 1 } })
    expect(world.lines).toContainEqual(expect.objectContaining({ success_count: 9, failed_count: 1 }))
    const dates = await Promise.all(
      symbols.map(async (symbol) => (await world.record(symbol)).body.data.date),
    )
    expect(dates).toEqual(symbols.map((symbol) => (symbol === 'S3' ? '2026-11-24' : '2026-11-25')))
  })

  it('that meet the end of the quota leave old values, and no line or record shows the key (acceptance 16)', async () => {
    const world = fundamentalWorld(TUESDAY, 'AAA,BBB,CCC')
    await world.refreshAll()
    world.clock.advance(DAY)
    const { reply } = world
    world.script((request) =>
      symbolOf(request) === 'AAA' ? reply(request) : { status: 200, body: quotaBody },
    )

    const run = await world.refreshAll()

    expect(run).toMatchObject({
      status: 'partial',
      counts: { published: 1, failed: 2 },
      reason: 'quota-exhausted',
    })
    expect((await world.record('BBB')).body.data).toMatchObject({
      date: '2026-11-24',
      fundamental: { pe: 20 },
    })
    const kept = [world.lines, [...world.store.memory.runs.values()], world.events]
    expect(JSON.stringify(kept)).not.toContain('invented-key')
    // the first one of them ends the calls of the day
    expect(world.calls).toHaveLength(3 + 2)
  })
})

describe('the budget of a day', () => {
  const symbolsOf = (count: number) =>
    Array.from({ length: count }, (_, index) => `S${String(index).padStart(2, '0')}`)

  it('leaves a call for each bar of the day; the other fundamentals are postponed, and come first the next day', async () => {
    const symbols = symbolsOf(20)
    const world = fundamentalWorld(TUESDAY, symbols.join(','))
    await world.storeBars(MONDAY_BAR)
    world.clock.advance(DAY)

    const first = await world.refreshAll()
    world.clock.advance(DAY)
    await world.refreshAll()

    // never fetched before: before the bars of the day
    expect(first).toMatchObject({ status: 'succeeded', counts: { planned: 20, published: 20 } })
    // 20 bars are a day older than the fundamentals, 5 calls are left
    expect(world.requested().slice(20)).toEqual(symbols.slice(0, 5))
    expect(world.lines).toContainEqual(
      expect.objectContaining({ detail: 'the calls of the day are used up by older data' }),
    )
  })

  it('is not touched by bars of another provider', async () => {
    const world = fundamentalWorld(TUESDAY, symbolsOf(20).join(','), { BARS_PROVIDER: 'yahoo' })
    await world.storeBars(MONDAY_BAR)
    world.clock.advance(DAY)
    await world.refreshAll()
    world.clock.advance(DAY)

    expect(await world.refreshAll()).toMatchObject({ counts: { published: 20 } })
  })

  it('has half as many fundamentals with balance sheets', async () => {
    const world = fundamentalWorld(TUESDAY, symbolsOf(20).join(','), {
      ...WITH_SHEETS,
      BARS_PROVIDER: 'yahoo',
    })

    expect(await world.refreshAll()).toMatchObject({
      status: 'partial',
      counts: { published: 12, failed: 8 },
    })
  })

  it('that is all for older bars leaves a run nothing to do', async () => {
    const world = fundamentalWorld(TUESDAY, symbolsOf(25).join(','))
    await world.refreshAll()
    world.clock.advance(DAY)

    expect(await world.refreshAll()).toMatchObject({
      status: 'skipped',
      message: 'the calls of the day are used up by older data',
    })
  })
})
