import { expect, test } from 'vitest'
import type { LogFields } from '#shared/domain/ports/log.ts'
import { fundingWorld } from '#test/fakes/jobs/funding-world.ts'
import { AT, globalBody, globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { hamaOperator, hamaReader, hamaWorld, simulatedReply, TICK } from '#test/fakes/jobs/hama.ts'
import { reader } from '#test/fakes/world/clients.ts'

const STATS_PATH = '/api/v1/currencies/global-market-stats'
const MINUTE = 60_000

type Lines = readonly ({ readonly level: string; readonly message: string } & LogFields)[]

/** The lines of a job in which something documented happens. */
type Story = () => Promise<Lines>

/** A run of the global market whose calls fail as often as stated, and a read of its value. */
function globalMarket(failures: number, cause: 'tick' | 'first-run' = 'tick'): Story {
  return async () => {
    const world = globalMarketWorld()
    let calls = 0
    world.script(() => {
      calls += 1
      return calls <= failures ? { status: 500, body: 'no' } : { status: 200, body: globalBody() }
    })
    await (cause === 'tick' ? world.tick(AT) : world.run({ cause }))
    world.clock.advance(14_000)
    await reader(world).get(STATS_PATH)
    return world.lines
  }
}

const hama: Story = async () => {
  const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
  base.script((request) =>
    request.url.searchParams.get('symbol') === 'ETHUSDT'
      ? { status: 404, body: 'no' }
      : simulatedReply(request, base.clock.now()),
  )
  await base.tick(TICK)
  const { start, stop } = hamaOperator(base)
  await stop({})
  await start({})
  return base.lines
}

const hamaWithoutTable: Story = async () => {
  const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
  await base.tick(TICK)
  const down = () => Promise.reject(new Error('the table is down'))
  let isDown = false
  const { items } = base.store
  const { post } = hamaReader(base, {
    store: {
      ...base.store,
      items: {
        ...items,
        get: (...words: Parameters<typeof items.get>) => (isDown ? down() : items.get(...words)),
        getMany: (...words: Parameters<typeof items.getMany>) => (isDown ? down() : items.getMany(...words)),
      },
    },
  })
  await post('/analyze-symbol', { symbol: 'BTCUSDT' })
  isDown = true
  base.clock.advance(MINUTE)
  await post('/analyze-symbol', { symbol: 'BTCUSDT' })
  return base.lines
}

const funding: Story = async () => {
  const base = await fundingWorld()
  await base.refreshed()
  base.clock.advance(10 * MINUTE)
  base.venue('binance', (path, body) =>
    path === '/fapi/v1/premiumIndex'
      ? {
          status: 200,
          body: (body() as { symbol: string }[]).map((row) =>
            row.symbol === 'BTCUSDT' ? { ...row, lastFundingRate: '0.00400000' } : row,
          ),
        }
      : undefined,
  )
  await base.refreshed()
  return base.lines
}

const fundingElsewhere: Story = async () => {
  const base = await fundingWorld()
  await base.refreshed()
  base.clock.advance(10 * MINUTE)
  base.venue('binance', () => ({ status: 451, body: 'no' }))
  await base.refreshed()
  return base.lines
}

const fundingFailure: Story = async () => {
  const base = await fundingWorld()
  for (const venue of ['binance', 'bybit', 'okx'] as const)
    base.venue(venue, () => ({ status: 500, body: 'no' }))
  await base.refreshed()
  return base.lines
}

/** The documented sentences, each with its level and its figures as fields. */
const sentences: readonly (readonly [
  sentence: string,
  level: string,
  story: Story,
  message: RegExp,
  fields: readonly string[],
])[] = [
  [
    'a scheduled start',
    'INFO',
    globalMarket(0),
    /^Running scheduled global market stats update$/,
    ['run_id', 'tick'],
  ],
  [
    'a first start',
    'INFO',
    globalMarket(0, 'first-run'),
    /^Starting initial global market stats update$/,
    ['run_id'],
  ],
  [
    'a success',
    'INFO',
    globalMarket(0),
    /^Successfully updated global market stats: Market Cap: \$3840000000000\.00, BTC Dominance: 58\.21%$/,
    ['outcome', 'duration_ms', 'attempts'],
  ],
  [
    'a first retry',
    'WARN',
    globalMarket(2),
    /^Failed to update global market stats \(attempt 1\/3\): upstream-fault\. Retrying in [\d.]+ seconds\.\.\.$/,
    ['attempt', 'attempts', 'reason', 'wait_ms'],
  ],
  [
    'a second retry',
    'WARN',
    globalMarket(2),
    /^Failed to update global market stats \(attempt 2\/3\): upstream-fault\. Retrying in [\d.]+ seconds\.\.\.$/,
    ['attempt', 'attempts', 'reason', 'wait_ms'],
  ],
  [
    'a failure',
    'ERROR',
    globalMarket(3),
    /^Failed to update global market stats after 3 attempts: upstream-fault\. Will retry in next cycle\.$/,
    ['attempts', 'reason', 'outcome'],
  ],
  [
    'a hit',
    'DEBUG',
    globalMarket(0),
    /^Using cached global market stats \(age: 14 seconds\)$/,
    ['age_s', 'cache', 'path'],
  ],
  [
    'a refresh of HAMA',
    'INFO',
    hama,
    /^HAMA refresh completed: 2 succeeded, 1 failed in \d+\.\d\ds$/,
    ['symbols_success', 'symbols_failed', 'duration_ms'],
  ],
  ['a failed symbol', 'WARN', hama, /^HAMA analyses: ETHUSDT failed \(not-found\)$/, ['key', 'reason']],
  ['a stopped scheduler', 'INFO', hama, /^Schedule stopped/, ['actor']],
  ['a started scheduler', 'INFO', hama, /^Schedule started/, ['actor']],
  [
    'reads without the table',
    'WARN',
    hamaWithoutTable,
    /^Table unavailable, serving from memory$/,
    ['copies'],
  ],
  ['a submitted task', 'INFO', funding, /^Task submitted: \S+$/, ['run_id']],
  [
    'a refresh of the rates',
    'INFO',
    funding,
    /^Funding rates refreshed: \d+ contracts, \d+ in pool, venue=binance in \d+\.\d\ds$/,
    ['contracts', 'pool_size', 'venue', 'duration_ms'],
  ],
  [
    'a contract that enters the pool',
    'WARN',
    funding,
    /^BTCUSDT pays 0\.4000 % a settlement \(long pays\)$/,
    ['symbol', 'rate_percent', 'direction'],
  ],
  [
    'another venue',
    'WARN',
    fundingElsewhere,
    /^Funding rates come from bybit instead of binance$/,
    ['venue', 'previous_venue'],
  ],
  [
    'a failed task',
    'ERROR',
    fundingFailure,
    /^Funding rates: failed after \d+ attempts \(upstream-fault\)$/,
    ['reason', 'attempts'],
  ],
]

test.each(sentences)(
  '%s is logged at %s in the documented words, with its figures as fields',
  async (...row) => {
    const [, level, story, message, fields] = row

    const lines = (await story()).filter((line) => message.test(line.message))

    expect(lines.map((line) => line.level)).toContain(level)
    expect(Object.keys(lines[0] ?? {})).toEqual(expect.arrayContaining([...fields]))
  },
)

test('a run of the global market that fails has one line of ERROR, and one of WARN a retry', async () => {
  const lines = await globalMarket(9)()

  expect(lines.filter(({ level }) => level === 'ERROR')).toHaveLength(1)
  expect(lines.filter(({ level }) => level === 'WARN')).toHaveLength(2)
})
