import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { schemas } from '#functions/jobs/funding-rates/schema.ts'
import { binanceFutures } from '#infra/local/simulated/binance-futures.ts'
import type { Client } from '#shared/client/client.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const RATES = '/fapi/v1/premiumIndex'

/** Binance as its stand-in has it, until a test says otherwise; the paths that it was asked for. */
async function binance(atEnd: OnCleanup) {
  const calls: string[] = []
  let how: 'well' | 'silent' | 'blocked' = 'well'
  const url = await listenHttp((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://binance.test')
    calls.push(pathname)
    if (how === 'silent') return
    const blocked = { status: 451, body: '{"code":0,"msg":"restricted location, token=sk-live-0123456789"}' }
    const { status, body } =
      how === 'blocked' ? blocked : binanceFutures(1, Date.now(), pathname, searchParams)
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }, atEnd)
  return {
    url,
    calls,
    is: (next: typeof how) => {
      how = next
    },
  }
}

/** A started system over that venue, with the contracts of every venue stored, and its operator. */
async function system(atEnd: OnCleanup, { url, calls }: Awaited<ReturnType<typeof binance>>, data?: string) {
  const directory = data ?? (await temporaryDirectory(atEnd))
  const settings = { FRESHET_DATA: directory, FRESHET_UPSTREAM_BINANCE_FUTURES_URL: url }
  const process = await startAndWait(settings, atEnd, { only: ['funding-contracts', 'funding-rates'] })
  if (data === undefined) {
    // the first runs of both jobs begin at once: where that of the rates finds no contracts yet, these start another one
    await process.waitForLine(/funding-contracts {2}succeeded/)
    await process.waitForLine(/funding-rates {2}succeeded/)
    calls.length = 0
  }
  return { ...process, data: directory, operator: await process.operator() }
}

function pageOf(reader: Client, id: string, page: string) {
  return reader.get('/funding_monitor/task-status/{task_id}', { path: { task_id: id }, query: { page } })
}

/** Polls a task until it has ended. */
function ended(reader: Client, id: string) {
  return vi.waitFor(
    async () => {
      const { body } = await pageOf(reader, id, '1')
      if (body.task_status.status === 'running') throw new Error(`expected the end of ${id}, got running`)
      return body.task_status
    },
    { timeout: 30_000, interval: 100 },
  )
}

/** The rates of a task by contract; those of one page. */
function contractsOf({ body }: Awaited<ReturnType<typeof pageOf>>) {
  const { task_status: task } = body
  if (!('result' in task)) throw new Error(`expected a result, got ${task.status}`)
  return task.result.contracts
}

describe('funding rates on one machine', () => {
  const clears: (() => Promise<void>)[] = []
  const atEnd: OnCleanup = (clear) => clears.unshift(clear)
  let venue: Awaited<ReturnType<typeof binance>>
  let reader: Client
  let operator: Client

  beforeAll(async () => {
    venue = await binance(atEnd)
    ;({ reader, operator } = await system(atEnd, venue))
  })
  afterAll(async () => {
    for (const clear of clears) await clear()
  })

  test('are submitted, polled and read as documented; six hundred contracts cost a handful of calls', async () => {
    const from = performance.now()
    const submitted = await reader.get('/funding_monitor/latest-rates-async', {
      query: { fast_mode: 'false', cache_only: 'false' },
    })
    const took = performance.now() - from
    const id = submitted.body.task_id
    const end = await ended(reader, id)
    const pages = [
      await pageOf(reader, id, '1'),
      await pageOf(reader, id, '2'),
      await pageOf(reader, id, '3'),
    ]
    const pool = await reader.get('/funding_monitor/pool')
    const history = await reader.get('/funding_monitor/history/{symbol}', { path: { symbol: 'BTCUSDT' } })
    venue.calls.length = 0
    const second = await operator.post('/funding_monitor/refreshes')
    await ended(reader, second.body.task_id)

    expect([submitted.status, second.status, history.status]).toEqual([200, 202, 200])
    expect(second.body.task_id).not.toBe(id)
    for (const [path, body] of [
      ['/funding_monitor/latest-rates-async', submitted.body],
      ['/funding_monitor/task-status/{task_id}', pages[0]?.body],
      ['/funding_monitor/pool', pool.body],
    ] as const)
      expect([path, schemas[path]?.safeParse(body).error]).toEqual([path, undefined])
    expect(end).toMatchObject({ result: { count: 591, real_time_count: 591, pages: 3 } })
    const contracts = pages.map(contractsOf)
    expect(contracts.map((page) => Object.keys(page).length)).toEqual([200, 200, 191])
    // the order is by rate, which changes with the time: any page may have it
    expect(contracts.filter(({ BTCUSDT }) => BTCUSDT !== undefined)).toHaveLength(1)
    expect(venue.calls.toSorted()).toEqual(['/fapi/v1/fundingInfo', RATES, '/fapi/v1/ticker/24hr'])
    expect(took).toBeLessThan(1_000)
  })

  test('are submitted quickly, a hundred times over: one task', async ({ annotate }) => {
    await ended(reader, (await reader.get('/funding_monitor/latest-rates-async')).body.task_id)
    venue.calls.length = 0
    const durations: number[] = []
    const ids = new Set<string>()

    for (let index = 0; index < 100; index += 1) {
      const from = performance.now()
      const { body } = await reader.get('/funding_monitor/latest-rates-async', {
        headers: { 'Idempotency-Key': `k${index}` },
      })
      durations.push(performance.now() - from)
      ids.add(body.task_id)
    }

    const p95 = durations.toSorted((a, b) => a - b)[94] ?? Number.POSITIVE_INFINITY
    await annotate(`95 % of submissions within ${Math.ceil(p95)} ms`)
    expect(ids.size).toBe(1)
    expect(p95).toBeLessThan(1_000)
    expect(venue.calls.filter((path) => path === RATES).length).toBeLessThanOrEqual(1)
  })

  test('are refreshed by operators only when by POST, which leaves an entry in the audit', async () => {
    const submissions = async () => {
      const { body } = await operator.get('/v1/audit', { query: { action: 'submit', limit: 100 } })
      return body.entries.length
    }
    const before = await submissions()

    const anonymous = await reader.request('POST /funding_monitor/refreshes')
    const accepted = await operator.post('/funding_monitor/refreshes')
    const bad = await operator.request('POST /funding_monitor/refreshes', { body: { force: true } as object })
    const { task_id: id } = accepted.body
    await ended(reader, id)
    const again = await operator.request('POST /funding_monitor/tasks/{id}/cancel', { path: { id } })

    expect([anonymous.status, accepted.status, bad.status, again.status]).toEqual([401, 202, 400, 409])
    expect(accepted.headers.location).toBe(`/funding_monitor/task-status/${id}`)
    expect((await submissions()) - before).toBe(1)
  })

  test('that are cancelled while a venue is silent are not published, and the next refresh is (F67)', async () => {
    const before = await reader.get('/funding_monitor/cache-status')
    venue.calls.length = 0
    venue.is('silent')
    const { task_id: id } = (await operator.post('/funding_monitor/refreshes')).body
    await vi.waitFor(() => expect(venue.calls).toContain(RATES), { timeout: 10_000 })

    const running = await reader.get('/funding_monitor/task-status/{task_id}', { path: { task_id: id } })
    const cancelled = await operator.post('/funding_monitor/tasks/{id}/cancel', { path: { id } })
    const end = await ended(reader, id)
    const after = await reader.get('/funding_monitor/cache-status')
    venue.is('well')
    const next = await operator.post('/funding_monitor/refreshes')

    expect([running.body.task_status.state, running.headers['retry-after']]).toEqual(['RUNNING', '2'])
    expect([cancelled.status, end.state]).toEqual([200, 'CANCELLED'])
    expect(after.body.cache_time).toBe(before.body.cache_time)
    expect((await ended(reader, next.body.task_id)).state).toBe('SUCCEEDED')
  })
})

describe.concurrent('funding rates on one machine of their own', () => {
  test('whose process is killed in the middle end as the same task, once it is started again (F64)', async ({
    onTestFinished: atEnd,
  }) => {
    const venue = await binance(atEnd)
    const first = await system(atEnd, venue)
    venue.is('silent')
    const { body } = await first.operator.post('/funding_monitor/refreshes')
    await vi.waitFor(() => expect(venue.calls).toContain(RATES), { timeout: 10_000 })
    await first.kill()
    venue.is('well')

    const { reader } = await system(atEnd, venue, first.data)
    const end = await ended(reader, body.task_id)
    const rates = await reader.get('/funding_monitor/latest-rates')

    expect(end).toMatchObject({ status: 'completed', state: 'SUCCEEDED', result: { count: 591 } })
    expect(rates.body.count).toBe(591)
  })

  test('come from the next venue when the first one is closed, labelled as its own', async ({
    onTestFinished: atEnd,
  }) => {
    const venue = await binance(atEnd)
    const { reader, operator, printed } = await system(atEnd, venue)
    venue.is('blocked')

    const { task_id: id } = (await operator.post('/funding_monitor/refreshes')).body
    const { state } = await ended(reader, id)
    const contracts = contractsOf(await pageOf(reader, id, '1'))
    const pool = await reader.get('/funding_monitor/pool')

    const venues = new Set(Object.values(contracts).map(({ exchange }) => exchange))
    expect([state, venues, pool.body.contracts[0]?.exchange]).toEqual([
      'SUCCEEDED',
      new Set(['bybit']),
      'bybit',
    ])
    expect(venue.calls.filter((path) => path === RATES).length).toBeLessThanOrEqual(1)
    expect(printed()).not.toContain('sk-live')
  })
})
