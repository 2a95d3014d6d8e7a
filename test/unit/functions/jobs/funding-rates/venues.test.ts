import { describe, expect, test } from 'vitest'
import { bybit } from '#infra/local/simulated/bybit.ts'
import type { Venue } from '#shared/systems/funding/venues.ts'
import { fundingWorld, regionBlockedReply } from '#test/fakes/jobs/funding-world.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const MINUTE = 60_000
const NO_CHANGES = { added: [], removed: [], total_added: 0, total_removed: 0 }

/** A text in a provider's response that must never appear anywhere else. */
const SECRET = 'sk-live-0123456789abcdef'

const down: Reply = { status: 500, body: `<html>at /srv/app.js:1 password=${SECRET}</html>` }

describe('a venue that does not let us in', () => {
  test.each<[string, Venue[], Venue, string]>([
    ['Bybit when Binance is', ['binance'], 'bybit', 'api.bybit.com'],
    ['OKX when Binance and Bybit are', ['binance', 'bybit'], 'okx', 'www.okx.com'],
  ])('is replaced in the same task: by %s', async (_, closed, venue, host) => {
    const base = await fundingWorld()
    await base.refreshed()
    const before = await base.ask('/pool')
    base.clock.advance(10 * MINUTE)
    for (const one of closed) base.venue(one, () => regionBlockedReply)
    base.calls.length = 0

    const { state, result } = await base.polled(await base.refreshed())
    const records = [...(await base.records()).values()]
    const pool = await base.ask('/pool')
    const rates = await base.ask('/latest-rates')

    expect(before.body.contracts[0].exchange).toBe('binance')
    expect([state, result.real_time_count]).toEqual(['SUCCEEDED', result.count])
    expect(new Set(records.map(({ exchange }) => exchange))).toEqual(new Set([venue]))
    expect(new Set(pool.body.contracts.map((one: { exchange: string }) => one.exchange))).toEqual(
      new Set([venue]),
    )
    expect([base.head()?.source, rates.body.venue]).toEqual([venue, venue])
    expect([result.pool_changes, pool.body.pool_changes]).toEqual([NO_CHANGES, NO_CHANGES])
    const last = base.calls.at(-1)
    expect(last?.url.host).toBe(host)
    expect(base.calls.filter(({ url }) => url.host === 'fapi.binance.com').length).toBeLessThanOrEqual(3)
    expect(base.lines.map(({ message }) => message)).toContain(
      `Funding rates come from ${venue} instead of binance`,
    )
  })

  test('is not replaced by one whose answer is older than what is stored: that stands', async () => {
    const base = await fundingWorld()
    await base.refreshed()
    const before = base.head()
    base.clock.advance(10 * MINUTE)
    const old = base.clock.now() - 2 * 60 * MINUTE
    base.venue('binance', () => regionBlockedReply)
    base.venue('bybit', (path) => {
      const query = new URLSearchParams({ category: 'linear' })
      return { status: 200, body: JSON.parse(bybit(1, old, path, query).body) }
    })

    const { state, error } = await base.polled(await base.refreshed())

    expect([state, error]).toEqual(['FAILED', 'the answer was not believable'])
    expect(base.head()).toEqual(before)
  })

  test('is not asked again by the next refresh; after its cool-down it is', async () => {
    const base = await fundingWorld()
    base.venue('binance', () => regionBlockedReply)
    await base.refreshed()
    base.calls.length = 0

    base.clock.advance(10 * MINUTE)
    await base.refreshed()
    const soon = base.calls.map(({ url }) => url.host)
    base.venue('binance', () => undefined)
    base.clock.advance(6 * 60 * MINUTE)
    await base.refreshed()

    expect(soon).toEqual(['api.bybit.com'])
    expect(base.head()?.source).toBe('binance-futures')
  })

  test('ends the stays in the pool; a venue’s history is its own', async () => {
    const base = await fundingWorld()
    await base.refreshed()
    const members = (await base.ask('/pool')).body.contracts.map(({ symbol }: { symbol: string }) => symbol)
    base.clock.advance(10 * MINUTE)
    base.venue('binance', () => regionBlockedReply)

    await base.refreshed()
    const { body } = await base.ask(`/archive/sessions/${members[0]}`)

    expect(body.sessions).toMatchObject([
      { symbol: members[0], exchange: 'binance', exit_reason: 'venue_changed' },
    ])
  })
})

describe('when no venue answers', () => {
  async function allDown(replies: Readonly<Record<Venue, Reply>>) {
    const base = await fundingWorld()
    await base.refreshed()
    const before = base.head()
    base.clock.advance(10 * MINUTE)
    for (const venue of ['binance', 'bybit', 'okx'] as const) base.venue(venue, () => replies[venue])
    return { base, before }
  }

  test('the task has failed with the class of each failure, and what was stored stands', async () => {
    const { base, before } = await allDown({ binance: regionBlockedReply, bybit: down, okx: 'hang' })
    const history = base.store.memory.history.size

    const task = await base.polled(await base.refreshed())

    expect(task).toMatchObject({
      status: 'failed',
      state: 'FAILED',
      error: 'no venue available: binance-futures forbidden-region, bybit upstream-fault, okx timeout',
    })
    expect([base.head(), base.store.memory.history.size]).toEqual([before, history])
    expect((await base.state()).consecutiveFailures).toBe(1)
  })

  test('nothing that is public has a word of what the providers said', async () => {
    const { base } = await allDown({ binance: regionBlockedReply, bybit: down, okx: down })

    const id = await base.refreshed()
    const answers = await Promise.all(
      [`/task-status/${id}`, '/health', '/task-stats', '/pool', '/latest-rates'].map((path) =>
        base.ask(path),
      ),
    )

    for (const { status, body } of answers) {
      expect(status).toBe(200)
      for (const word of [SECRET, 'restricted', 'password', 'html', '/srv', 'http'])
        expect(JSON.stringify(body)).not.toContain(word)
    }
  })

  test('with one venue alone the text is its class too', async () => {
    const base = await fundingWorld({ settings: { EXCHANGES: 'binance' } })
    base.venue('binance', () => regionBlockedReply)

    const { error } = await base.polled(await base.refreshed())

    expect(error).toBe('the refresh failed: forbidden-region')
  })

  test('five times over, health is unhealthy; one success makes it healthy again', async () => {
    const { base } = await allDown({ binance: down, bybit: down, okx: down })
    const healthOf = async () => (await base.ask('/health')).body

    for (let check = 0; check < 4; check += 1) {
      await base.refreshed()
      base.clock.advance(10 * MINUTE)
    }
    const four = await healthOf()
    await base.refreshed()
    const five = await healthOf()
    for (const venue of ['binance', 'bybit', 'okx'] as const) base.venue(venue, () => undefined)
    base.clock.advance(30 * MINUTE)
    await base.contracts()
    await base.refreshed()
    const well = await healthOf()

    expect([four.status, four.tasks.funding_rate_check.consecutive_failures]).toEqual(['healthy', 4])
    expect([five.status, five.tasks.funding_rate_check]).toEqual([
      'unhealthy',
      expect.objectContaining({
        consecutive_failures: 5,
        failure_count: 5,
        last_error: expect.stringMatching(/^[a-z-]+$/),
      }),
    ])
    expect([well.status, well.tasks.funding_rate_check.consecutive_failures]).toEqual(['healthy', 0])
  })

  test('refreshes of the pool or of what is stored make no check of it: anybody may ask for them', async () => {
    const { base } = await allDown({ binance: down, bybit: down, okx: down })

    await base.refreshed()
    await base.refreshed({ cache_only: true })
    await base.refreshed({ fast_mode: true })

    expect((await base.state()).consecutiveFailures).toBe(1)
  })
})
