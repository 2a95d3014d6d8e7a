import { describe, expect, test } from 'vitest'
import { AT } from '#test/fakes/jobs/funding.ts'
import { fundingWorld } from '#test/fakes/jobs/funding-world.ts'
import { readCase } from './read-case.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

type Row = Record<string, unknown>
type World = Awaited<ReturnType<typeof fundingWorld>>

/** Lets Binance answer with a changed body at one path. */
function binance(world: World, change: (path: string, body: () => unknown) => unknown): void {
  world.venue('binance', (path, body) => {
    const changed = change(path, body)
    return changed === undefined ? undefined : { status: 200, body: changed as object }
  })
}

const runs = (world: World) => [...world.store.memory.runs.values()]
const newest = (world: World, job: string) =>
  runs(world)
    .filter((run) => run.job === job)
    .at(-1)

describe('cases of funding rates', () => {
  test('an empty list of intervals is not believed: the last ones stay, and the run says so (F76)', async () => {
    const { 'step 1': first, 'step 2': second } = readCase<{
      'step 1': { fundingInfo: Row[] }
      'step 2': { fundingInfo: Row[] }
    }>('binance-fundinginfo-empty')
    const world = await fundingWorld({ settings: { EXCHANGES: 'binance' } })
    const [symbol = ''] = first.fundingInfo.map((row) => String(row['symbol']))
    const listed = { symbol, contractType: 'PERPETUAL', status: 'TRADING', quoteAsset: 'USDT' }
    const respondWith = (intervals: Row[]) =>
      binance(world, (path, body) => {
        if (path.endsWith('fundingInfo')) return [...intervals]
        if (path.endsWith('exchangeInfo'))
          return { symbols: [...(body() as { symbols: Row[] }).symbols, listed] }
        return undefined
      })

    const others = (await contractsOf(world)).filter(({ isIntervalListed }) => isIntervalListed)
    const stored = others.map((row) => ({ symbol: row.symbol, fundingIntervalHours: row.intervalHours }))
    respondWith([...stored, ...first.fundingInfo])
    world.clock.advance(3 * HOUR)
    await world.contracts()
    respondWith(second.fundingInfo)
    world.clock.advance(3 * HOUR)
    const run = await world.contracts()

    expect(run).toMatchObject({ status: 'partial', reason: 'rejected' })
    expect(run.message).toContain('not believed: binance intervals')
    const after = await contractsOf(world)
    expect(after.find((row) => row.symbol === symbol)).toMatchObject({ intervalHours: 1 })
    expect(new Set(after.map(({ intervalHours }) => intervalHours))).toEqual(new Set([1, 2, 4, 8]))
  })

  test('an interval that the next settlement contradicts gives no annualised figure (F78)', async () => {
    const world = await fundingWorld({ settings: { EXCHANGES: 'binance' } })
    const { premiumIndex } = readCase<{ premiumIndex: Row[] }>('binance-stale-interval')
    const [row = {}] = premiumIndex
    const hourly = (await contractsOf(world)).find(({ intervalHours }) => intervalHours === 1)?.symbol ?? ''
    binance(world, (path, body) => {
      if (!path.endsWith('premiumIndex')) return undefined
      const bent = { ...row, symbol: hourly, time: AT, nextFundingTime: Date.UTC(2026, 10, 20, 20) }
      return (body() as Row[]).map((one) => (one['symbol'] === hourly ? bent : one))
    })

    await world.refreshed()

    expect((await world.records()).get(hourly)).toMatchObject({
      funding_rate: '-0.001',
      funding_interval: null,
      interval_hours: null,
      annualized_rate: null,
      rate_8h: null,
    })
    expect(newest(world, 'funding-rates')).toMatchObject({
      status: 'partial',
      lost: { count: 1, names: [hourly] },
    })
  })

  test('a list of volumes with one row is not believed: volumes and pool stay (F76)', async () => {
    const world = await fundingWorld({ settings: { EXCHANGES: 'binance' } })
    await world.refreshed()
    const before = (await world.ask('/pool')).body.contracts.map(({ symbol }: { symbol: string }) => symbol)
    const volumes = new Map([...(await world.records())].map(([symbol, one]) => [symbol, one['volume_24h']]))
    world.clock.advance(10 * MINUTE)
    binance(world, (path) =>
      path.endsWith('ticker/24hr') ? readCase<Row[]>('futures-ticker-one-row') : undefined,
    )

    await world.refreshed()

    const records = await world.records()
    expect(before.length).toBeGreaterThan(0)
    expect((await world.ask('/pool')).body.contracts.length).toBeGreaterThan(0)
    expect([...records].filter(([symbol, one]) => one['volume_24h'] !== volumes.get(symbol))).toEqual([])
    expect(records.get(before[0])?.['note']).toMatch(/^volume_24h is of 2026-/)
    const run = newest(world, 'funding-rates')
    expect(run).toMatchObject({ status: 'partial' })
    expect(run?.message).toContain('not believed: volumes')
  })

  test('impossible prices and settlements are lost and counted (F77)', async () => {
    const world = await fundingWorld({ settings: { EXCHANGES: 'binance' } })
    const rows = readCase<Row[]>('funding-impossible-prices')
    const symbols = (await contractsOf(world)).slice(0, rows.length).map(({ symbol }) => symbol)
    await world.refreshed()
    const before = await world.records()
    world.clock.advance(10 * MINUTE)
    binance(world, (path, body) => {
      if (!path.endsWith('premiumIndex')) return undefined
      const bent = new Map(rows.map((row, index) => [symbols[index], { ...row, symbol: symbols[index] }]))
      return (body() as Row[]).map((one) => bent.get(String(one['symbol'])) ?? one)
    })

    await world.refreshed()

    const after = await world.records()
    for (const symbol of symbols) expect(after.get(symbol)).toEqual(before.get(symbol))
    expect(newest(world, 'funding-rates')).toMatchObject({
      status: 'partial',
      counts: { failed: rows.length },
    })
    expect(new Set(newest(world, 'funding-rates')?.lost?.names)).toEqual(new Set(symbols))
  })

  test('perpetual contracts on stocks and metals are served; an unknown type is reported once', async () => {
    const world = await fundingWorld({ settings: { EXCHANGES: 'binance' } })
    const { exchangeInfo } = readCase<{ exchangeInfo: { symbols: Row[] } }>('binance-tradfi-perpetual')
    const [, gold = {}] = exchangeInfo.symbols
    const symbol = String(gold['symbol'])
    binance(world, (path, body) => {
      if (path.endsWith('exchangeInfo')) {
        const { symbols } = body() as { symbols: Row[] }
        const unknown = { ...gold, symbol: 'NEWUSDT', contractType: 'LUNAR_PERPETUAL' }
        return { symbols: [...symbols, gold, unknown] }
      }
      if (!path.endsWith('premiumIndex') && !path.endsWith('ticker/24hr')) return undefined
      const [sample = {}] = body() as Row[]
      return [
        ...(body() as Row[]),
        { ...sample, symbol, lastFundingRate: '0.00450000', quoteVolume: '9000000' },
      ]
    })

    await world.contracts()
    await world.contracts()
    await world.refreshed()

    expect((await world.records()).get(symbol)).toMatchObject({ symbol, funding_rate: '0.0045' })
    expect((await world.ask('/pool')).body.contracts).toContainEqual(expect.objectContaining({ symbol }))
    const reports = world.lines.filter(({ message }) => message.includes('LUNAR_PERPETUAL'))
    expect(reports.map(({ message }) => message)).toEqual([
      'binance lists 1 contract of the unknown type or state LUNAR_PERPETUAL: their rates are not fetched',
    ])
  })

  test('an empty last page without a cursor ends the list of Bybit', async () => {
    const world = await fundingWorld({ settings: { EXCHANGES: 'bybit' } })
    const sample = (symbol: string) => ({
      symbol,
      contractType: 'LinearPerpetual',
      status: 'Trading',
      baseCoin: symbol.replace('USDT', ''),
      quoteCoin: 'USDT',
      fundingInterval: 480,
    })
    const { 'page 2 (cursor=x1)': last } = readCase<{ 'page 2 (cursor=x1)': Row }>('bybit-empty-last-page')
    world.store.memory.heads.clear()
    let page = 0
    world.venue('bybit', (path) => {
      if (!path.endsWith('instruments-info')) return undefined
      page += 1
      const first = { retCode: 0, result: { list: ['BTCUSDT', 'ETHUSDT'].map(sample), nextPageCursor: 'x1' } }
      return { status: 200, body: page === 1 ? first : last }
    })

    const run = await world.contracts()

    expect(run).toMatchObject({ status: 'succeeded' })
    expect((await contractsOf(world, 'bybit')).map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT'])
  })
})

interface StoredContract {
  readonly symbol: string
  readonly intervalHours: number | null
  readonly isIntervalListed?: boolean
}

async function contractsOf(
  { store, contractsJob }: World,
  venue = 'binance',
): Promise<readonly StoredContract[]> {
  const head = await store.snapshots.head(contractsJob.id, 'all')
  const entries = head ? ((await store.snapshots.entries(contractsJob.id, head)) ?? []) : []
  const entry = entries.find(({ key }) => key === venue)
  return entry ? (JSON.parse(entry.body) as { contracts: StoredContract[] }).contracts : []
}
