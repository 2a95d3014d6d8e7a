import { describe, expect, test } from 'vitest'
import { compress } from '#shared/domain/codec.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { fundingWorld, taskId } from '#test/fakes/jobs/funding-world.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** A tick of the schedule, as the record of a run has it. */
const TICK = Date.UTC(2026, 10, 20, 15, 4)

type Premium = Record<string, unknown>

/** Binance's rates, changed by a test; its other paths stay as they are. */
const premiums = (change: (rows: Premium[]) => Premium[]) => (path: string, body: () => unknown) =>
  path === '/fapi/v1/premiumIndex' ? { status: 200, body: change(body() as Premium[]) } : undefined

const isTraded = ({ nextFundingTime }: Premium) => nextFundingTime !== 0

/** Loses the rate of so many contracts that were asked for. */
const withoutRates = (count: number) =>
  premiums((rows) => {
    const lost = new Set(rows.filter(isTraded).slice(0, count))
    return rows.map((row) => (lost.has(row) ? { ...row, lastFundingRate: '' } : row))
  })

const paths = (calls: readonly { readonly url: URL }[]) => calls.map(({ url }) => url.pathname)

describe('a refresh of funding rates', () => {
  test('is running from its submission on, then completed with every contract that was read', async () => {
    const base = await fundingWorld()

    const run = await base.submitted()
    const before = await base.polled(taskId(run))
    await base.machines.run(run)
    const after = await base.polled(taskId(run))

    expect(before).toEqual({
      status: 'running',
      state: 'PENDING',
      start_time: '2026-11-20T15:04:06Z',
      duration: 0,
    })
    expect(after).toMatchObject({ status: 'completed', state: 'SUCCEEDED', result: { status: 'success' } })
    const { count, processed_count, real_time_count, cached_count, mode } = after.result
    expect([count, processed_count, real_time_count, cached_count]).toEqual([591, 591, 591, 0])
    expect([mode, (await base.records()).size]).toEqual(['full', 591])
    expect(paths(base.calls).sort()).toEqual([
      '/fapi/v1/fundingInfo',
      '/fapi/v1/premiumIndex',
      '/fapi/v1/ticker/24hr',
    ])
  })

  test('submitted twice at once is one task; of other parameters it is another', async () => {
    const base = await fundingWorld()
    const ask = (params: Record<string, boolean>) =>
      submit({ job: base.job, cause: 'submission', params }, base.ports)

    const became = await Promise.all([
      ask({}),
      ask({ fast_mode: false, cache_only: false }),
      ask({ cache_only: true }),
    ])

    const ids = became.map((one) => ('run' in one ? one.run.id : one.status))
    expect(became.map(({ status }) => status)).toEqual(['created', 'coalesced', 'created'])
    expect(ids[0]).toBe(ids[1])
    expect(base.machines.started).toEqual([ids[0], ids[2]])
  })

  test.each([
    ['whole', 0, 'SUCCEEDED'],
    ['in part', 30, 'PARTIAL'],
  ])(
    'that succeeded %s is returned to submissions within a minute; POST starts a new one',
    async (_, lost, state) => {
      const base = await fundingWorld()
      base.venue('binance', withoutRates(lost))
      const id = await base.refreshed()

      base.clock.advance(59 * SECOND)
      const soon = await base.knock('/latest-rates-async')
      const next = await base.knock('/refreshes', { method: 'POST', actor: 'ops' })
      await base.machines.run(next.body.task_id.replace('latest_rates_', 'funding-rates-'))
      base.clock.advance(60 * SECOND)
      const late = await base.knock('/latest-rates-async')

      expect((await base.polled(id)).state).toBe(state)
      expect([soon.headers['x-task'], soon.body.task_id]).toEqual(['coalesced', id])
      expect([next.headers['x-task'], late.headers['x-task']]).toEqual(['created', 'created'])
      expect(new Set([id, next.body.task_id, late.body.task_id]).size).toBe(3)
    },
  )

  test('of 591 contracts has three pages that hold all of them, none too large for an item', async () => {
    const base = await fundingWorld()
    const id = await base.refreshed()

    const pages = await Promise.all([1, 2, 3].map((page) => base.polled(id, `?page=${page}`)))
    const beyond = await base.ask(`/task-status/${id}?page=4`)

    const symbols = pages.flatMap(({ result }) => Object.keys(result.contracts))
    expect(pages.map(({ result }) => [result.page, result.pages, result.next_page])).toEqual([
      [1, 3, 2],
      [2, 3, 3],
      [3, 3, null],
    ])
    expect(symbols.toSorted()).toEqual([...(await base.records()).keys()].sort())
    expect(beyond).toMatchObject({ status: 404, body: { status: 'error', message: 'Page not found' } })
    for (const { text } of base.store.memory.parts.values())
      expect(compress(text).byteLength).toBeLessThan(300_000)
  })

  test('with three of a hundred rates unusable is partial; those keep their old values, and say so', async () => {
    const base = await fundingWorld()
    await base.refreshed()
    const before = await base.records()
    base.clock.advance(10 * MINUTE)
    base.venue('binance', withoutRates(18))

    const task = await base.polled(await base.refreshed())
    const after = await base.records()

    const kept = [...after].filter(
      ([symbol, one]) => one['last_updated'] === before.get(symbol)?.['last_updated'],
    )
    expect(task).toMatchObject({
      status: 'completed',
      state: 'PARTIAL',
      result: { status: 'partial', count: 591, real_time_count: 573, cached_count: 18 },
    })
    expect([after.size, kept.length]).toEqual([591, 18])
  })

  test('with one rate of 591 unusable is partial, and names the contract, which keeps its old rate (F79)', async () => {
    const base = await fundingWorld()
    await base.refreshed()
    const before = await base.records()
    base.clock.advance(10 * MINUTE)
    base.venue('binance', withoutRates(1))

    const id = await base.refreshed()
    const task = await base.polled(id)
    const after = await base.records()
    const kept = [...after.values()].filter(
      (record) => record['last_updated'] === before.get(String(record['symbol']))?.['last_updated'],
    )

    expect(task).toMatchObject({
      state: 'PARTIAL',
      result: { status: 'partial', count: 591, real_time_count: 590, cached_count: 1 },
    })
    expect(kept).toHaveLength(1)
    expect([...base.store.memory.runs.values()].map(({ lost }) => lost)).toContainEqual({
      count: 1,
      names: [kept[0]?.['symbol']],
    })
  })

  test('that finds a sixth of the usual symbols is refused, and the old set is served', async () => {
    const base = await fundingWorld()
    await base.refreshed()
    const before = base.head()
    base.clock.advance(10 * MINUTE)
    base.venue(
      'binance',
      premiums((rows) => rows.slice(0, 98)),
    )

    const task = await base.polled(await base.refreshed())
    const rates = await base.ask('/latest-rates')

    expect(task).toMatchObject({ status: 'failed', state: 'FAILED', error: 'the answer was not believable' })
    expect(base.head()).toEqual(before)
    expect([rates.status, rates.body.count, rates.headers['x-cache']]).toEqual([200, 591, 'HIT'])
  })

  test('with cache_only calls no provider and changes nothing', async () => {
    const base = await fundingWorld()
    await base.refreshed()
    const [before, records] = [base.head(), await base.records()]
    const [calls, state] = [base.calls.length, await base.state()]
    base.clock.advance(5 * MINUTE)

    const { state: ended, result } = await base.polled(await base.refreshed({ cache_only: true }))

    expect([ended, result.mode, result.count]).toEqual(['SUCCEEDED', 'cache_only', 591])
    expect([result.real_time_count, result.cached_count]).toEqual([0, 591])
    for (const one of Object.values<Record<string, unknown>>(result.contracts)) {
      const stored = records.get(String(one['symbol']))
      expect(one).toEqual({ ...stored, data_source: 'cached' })
    }
    expect(base.calls.length - calls).toBe(0)
    expect(base.head()).toEqual(before)
    expect((await base.state()).statistics).toEqual(state.statistics)
  })

  test('asked for from what is stored fails while nothing is, without a call, and counts as no failed check', async () => {
    const base = await fundingWorld()

    const task = await base.polled(await base.refreshed({ cache_only: true }))

    expect(task).toMatchObject({ state: 'FAILED', error: 'nothing is stored yet' })
    expect([base.calls.length, (await base.state()).consecutiveFailures]).toEqual([0, 0])
  })
})

describe('a refresh of the pool alone', () => {
  test('renews its contracts; the others and the times of the set stay', async () => {
    const base = await fundingWorld({ settings: { MAX_POOL_SIZE: '3' } })
    await base.refreshed()
    const [before, head] = [await base.records(), base.head()]
    const members = (await base.ask('/pool')).body.contracts.map(({ symbol }: { symbol: string }) => symbol)
    base.clock.advance(5 * MINUTE)

    const { result } = await base.polled(await base.refreshed({ fast_mode: true }))
    const after = await base.records()

    const renewed = [...after.keys()].filter(
      (symbol) => after.get(symbol)?.['last_updated'] !== before.get(symbol)?.['last_updated'],
    )
    expect(members).toHaveLength(3)
    expect([result.mode, result.processed_count, result.real_time_count]).toEqual(['fast', 3, 3])
    expect(Object.keys(result.contracts).sort()).toEqual(members.toSorted())
    expect(renewed.sort()).toEqual(members.toSorted())
    expect(after.size).toBe(591)
    expect(base.head()).toMatchObject({ fetchedAt: head?.fetchedAt, freshUntil: head?.freshUntil })
  })

  test('tells of the contracts that it read also when its last step is taken twice', async () => {
    let isLost = false
    const base = await fundingWorld({
      settings: { MAX_POOL_SIZE: '3' },
      fate: ({ step }) => {
        const befalls = isLost && step === 'finish' ? 'lost' : 'pass'
        if (befalls === 'lost') isLost = false
        return befalls
      },
    })
    await base.refreshed()
    base.clock.advance(5 * MINUTE)
    base.venue(
      'binance',
      premiums((rows) => rows.map((row) => (isTraded(row) ? { ...row, lastFundingRate: '0.0001' } : row))),
    )
    isLost = true

    const { state, result } = await base.polled(await base.refreshed({ fast_mode: true }))

    expect([state, result.processed_count]).toEqual(['SUCCEEDED', 3])
    const pool: { symbol: string }[] = (await base.ask('/pool')).body.contracts
    expect(pool.filter(({ symbol }) => symbol in result.contracts)).toEqual([])
  })

  test('has nothing to do while the pool is empty, and calls no provider', async () => {
    const base = await fundingWorld({ settings: { FUNDING_RATE_THRESHOLD: '0.1' } })
    await base.refreshed()
    const calls = base.calls.length

    const { state, result } = await base.polled(await base.refreshed({ fast_mode: true }))

    expect([state, result.mode, result.count, result.contracts]).toEqual(['SUCCEEDED', 'fast', 0, {}])
    expect([base.calls.length - calls, (await base.state()).consecutiveFailures]).toEqual([0, 0])
  })

  test('fails while nothing is stored, and calls no provider', async () => {
    const base = await fundingWorld()

    const task = await base.polled(await base.refreshed({ fast_mode: true }))

    expect(task).toMatchObject({ state: 'FAILED', error: 'nothing is stored yet' })
    expect(base.calls).toEqual([])
  })

  test('is refused when another venue would answer: two venues never stand in one set', async () => {
    const base = await fundingWorld()
    await base.refreshed()
    const before = base.head()
    base.venue('binance', () => ({ status: 451, body: {} }))

    const task = await base.polled(await base.refreshed({ fast_mode: true }))

    expect(task).toMatchObject({ state: 'FAILED' })
    expect(base.head()).toEqual(before)
    expect(new Set(base.calls.map(({ url }) => url.host))).toEqual(new Set(['fapi.binance.com']))
  })
})

describe('a task of funding rates', () => {
  test('whose worker hangs has timed out by its deadline, and writes nothing after it (F64)', async () => {
    let isLate = false
    const base = await fundingWorld({
      fate: ({ step }) => {
        if (isLate && step === 'chunk') base.clock.advance(2 * MINUTE)
        return 'pass'
      },
    })
    await base.refreshed()
    const before = base.head()
    const history = base.store.memory.history.size
    base.clock.advance(10 * MINUTE)
    isLate = true
    const started = base.clock.now()

    const id = await base.refreshed()
    const task = await base.polled(id)

    expect(task).toMatchObject({
      status: 'failed',
      state: 'TIMED_OUT',
      error: 'the refresh did not end within its time',
    })
    expect(base.clock.now() - started).toBeGreaterThanOrEqual(2 * MINUTE)
    expect([base.head(), base.store.memory.history.size]).toEqual([before, history])
    expect((await base.state()).lease).toBeUndefined()
  })

  test('whose function died reads as timed out after 120 s, whether or not that is recorded (F64)', async () => {
    const base = await fundingWorld()
    const run = await base.submitted()

    base.clock.advance(2 * MINUTE - 1)
    const before = await base.polled(taskId(run))
    base.clock.advance(1)
    const after = await base.polled(taskId(run))

    expect(before.status).toBe('running')
    expect(after).toMatchObject({ status: 'failed', state: 'TIMED_OUT', duration: 120 })
  })

  test('that timed out hours before that was recorded has ended at its deadline, then and later', async () => {
    const base = await fundingWorld()
    const run = await base.submitted()
    base.clock.advance(4 * HOUR)
    const before = await base.polled(taskId(run))

    const record = await base.store.runs.get('funding-rates', run)
    const end = { status: 'failed', reason: 'timeout', endedAt: base.clock.now() } as const
    if (record) await base.store.runs.close({ ...record, ...end })
    const after = await base.polled(taskId(run))

    expect(before).toMatchObject({ state: 'TIMED_OUT', duration: 120 })
    expect(after).toEqual(before)
  })

  test('cannot be polled a day after its end, although its record is still there (F65)', async () => {
    const base = await fundingWorld()
    const id = await base.refreshed()
    const ended = base.clock.now()

    base.clock.advance(24 * HOUR - 1)
    const before = await base.ask(`/task-status/${id}`)
    base.clock.advance(ended + 24 * HOUR - base.clock.now())
    const after = await base.ask(`/task-status/${id}`)

    expect(before.status).toBe(200)
    expect(after).toMatchObject({ status: 404, body: { status: 'error', message: 'Task not found' } })
    expect([...base.store.memory.runs.values()].some(({ task }) => task !== undefined)).toBe(true)
  })

  test.each([
    'latest_rates_01JD8Y6W3V9S2K4N7Q0R5T1XZA',
    'latest_rates_',
    'global-market-01JD8Y6W3V9S2K4N7Q0R5T1XZA',
    'x',
    'latest.rates!',
    "'; drop table tasks; --",
    'é'.repeat(60),
  ])('of the id %s is not known: 404 (F65)', async (id) => {
    const base = await fundingWorld()

    const { status, body } = await base.ask(`/task-status/${id}`)

    expect([status, body.status, body.message]).toEqual([404, 'error', 'Task not found'])
  })

  test('whose process dies between pages and head leaves readers the whole old set', async () => {
    const dead = new Error('the process is gone')
    let isDying = false
    const base = await fundingWorld({
      faults: (store) => ({
        ...store,
        snapshots: {
          ...store.snapshots,
          publish: (job, head, entries, ...rest) => {
            if (!isDying) return store.snapshots.publish(job, head, entries, ...rest)
            return store.snapshots
              .publish(job, { ...head, key: 'of-no-set' }, entries, ...rest)
              .then(() => Promise.reject(dead))
          },
        },
      }),
    })
    await base.refreshed()
    const before = await base.ask('/latest-rates')
    base.clock.advance(10 * MINUTE)
    isDying = true

    const id = await base.refreshed()
    const after = await base.ask('/latest-rates')

    expect((await base.polled(id)).status).toBe('failed')
    expect(after.body).toEqual(before.body)
  })

  test('of a tick that is delivered twice is one task', async () => {
    const base = await fundingWorld()

    const first = await base.submitted({}, { cause: 'tick', tick: TICK })
    const second = await base.submitted({}, { cause: 'tick', tick: TICK })
    await base.machines.run(first)
    const third = await base.submitted({}, { cause: 'tick', tick: TICK })

    expect([second, third]).toEqual([first, first])
    expect(base.machines.started).toEqual([first])
    expect(first).toBe('funding-rates-20261120T150400Z')
  })

  test('of a tick joins the same work under way, and leaves a record that says so', async () => {
    const base = await fundingWorld()
    const first = await base.submitted()

    const joined = await base.submitted({}, { cause: 'tick', tick: TICK })

    const record = await base.store.runs.get(base.job.id, 'funding-rates-20261120T150400Z')
    expect(joined).toBe(first)
    expect(record).toMatchObject({ status: 'skipped', reason: 'coalesced' })
    expect(record?.task).toBeUndefined()
    expect(await base.polled('latest_rates_20261120T150400Z')).toBeUndefined()
    expect(base.machines.started).toEqual([first])
  })
})

describe('rates', () => {
  test('are stale from 840 s on, and a refresh is asked for once', async () => {
    const base = await fundingWorld()
    await base.refreshed()
    const fetched = base.head()?.fetchedAt ?? 0
    base.events.length = 0

    base.clock.advance(fetched + 839 * SECOND - base.clock.now())
    const fresh = await base.ask('/latest-rates')
    base.clock.advance(2 * SECOND)
    const stale = await base.ask('/latest-rates')
    await base.ask('/pool')

    expect([fresh.status, fresh.headers['x-cache'], fresh.headers['age']]).toEqual([200, 'HIT', '839'])
    expect([stale.status, stale.headers['x-cache'], stale.headers['age']]).toEqual([200, 'STALE', '841'])
    expect(base.events).toEqual([
      { type: 'refresh.requested', detail: { job: 'funding-rates', cause: 'stale-read' } },
    ])
  })

  test.each(['/latest-rates', '/pool', '/contracts-by-interval/8h', '/cache-status'])(
    'that are not stored yet are 503 at %s, and no venue is called',
    async (path) => {
      const base = await fundingWorld()

      const { status, headers, body } = await base.ask(path)

      expect([status, headers['retry-after'], body.status]).toEqual([503, '60', 'error'])
      expect(base.calls).toEqual([])
    },
  )
})
