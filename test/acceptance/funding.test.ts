import { describe, expect, test, vi } from 'vitest'
import { schemas } from '#functions/jobs/funding-rates/schema.ts'
import { binanceFutures } from '#infra/local/simulated/binance-futures.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const PREFIX = '/funding_monitor'
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

/** A started system over that venue, with the contracts of every venue stored. */
async function system(atEnd: OnCleanup, { url, calls }: Awaited<ReturnType<typeof binance>>, data?: string) {
  const directory = data ?? (await temporaryDirectory(atEnd))
  const settings = { FRESHET_DATA: directory, FRESHET_UPSTREAM_BINANCE_FUTURES_URL: url }
  const process = await startAndWait(settings, atEnd, { only: ['funding-contracts', 'funding-rates'] })
  const token = (await process.waitForLine(/^Operator token: /)).split(': ')[1] ?? ''
  const operator = { authorization: `Bearer ${token}` }
  if (data === undefined) {
    // the first runs of both jobs begin at once: where that of the rates finds no contracts yet, these start another one
    await process.waitForLine(/funding-contracts {2}succeeded/)
    await process.waitForLine(/funding-rates {2}succeeded/)
    calls.length = 0
  }

  async function ask(target: string, sent: Parameters<typeof process.request>[1] = {}) {
    const { status, headers, body } = await process.request(
      target.startsWith('/v1') ? target : PREFIX + target,
      sent,
    )
    return { status, headers, body: JSON.parse(body.toString()) }
  }
  const post = (target: string, body = '{}') =>
    ask(target, { method: 'POST', headers: { ...operator, 'content-type': 'application/json' }, body })
  const ended = (id: string) =>
    vi.waitFor(
      async () => {
        const { body } = await ask(`/task-status/${id}`)
        expect(body.task_status.status).not.toBe('running')
        return body.task_status
      },
      { timeout: 30_000, interval: 100 },
    )
  return { ...process, data: directory, operator, ask, post, ended }
}

describe.concurrent('funding rates on one machine', () => {
  test('are submitted, polled and read as documented; six hundred contracts cost a handful of calls', async ({
    onTestFinished: atEnd,
  }) => {
    const venue = await binance(atEnd)
    const { ask, post, ended } = await system(atEnd, venue)

    const from = performance.now()
    const submitted = await ask('/latest-rates-async?fast_mode=false&cache_only=false')
    const took = performance.now() - from
    const id = submitted.body.task_id
    await ended(id)
    const polled = await ask(`/task-status/${id}?page=1`)
    const middle = await ask(`/task-status/${id}?page=2`)
    const last = await ask(`/task-status/${id}?page=3`)
    const pool = await ask('/pool')
    const history = await ask('/history/BTCUSDT')
    venue.calls.length = 0
    const second = await post('/refreshes')
    await ended(second.body.task_id)

    expect([submitted.status, second.status, history.status]).toEqual([200, 202, 200])
    expect(second.body.task_id).not.toBe(id)
    expect(schemas[`${PREFIX}/latest-rates-async`]?.safeParse(submitted.body)).toMatchObject({
      success: true,
    })
    expect(schemas[`${PREFIX}/task-status/{task_id}`]?.safeParse(polled.body)).toMatchObject({
      success: true,
    })
    expect(schemas[`${PREFIX}/pool`]?.safeParse(pool.body)).toMatchObject({ success: true })
    const { result } = polled.body.task_status
    expect([result.count, result.real_time_count, result.pages]).toEqual([591, 591, 3])
    expect(Object.keys(last.body.task_status.result.contracts)).toHaveLength(191)
    // the order is by rate, which changes with the time: any page may have it
    const pages = [polled, middle, last].map(({ body }) => body.task_status.result.contracts)
    expect(pages.filter(({ BTCUSDT }) => BTCUSDT !== undefined)).toHaveLength(1)
    expect(venue.calls.toSorted()).toEqual(['/fapi/v1/fundingInfo', RATES, '/fapi/v1/ticker/24hr'])
    expect(took).toBeLessThan(1_000)
  })

  test('are refreshed by operators only when by POST, which leaves an entry in the audit', async ({
    onTestFinished: atEnd,
  }) => {
    const { ask, post, ended, operator } = await system(atEnd, await binance(atEnd))

    const anonymous = await ask('/refreshes', { method: 'POST' })
    const accepted = await post('/refreshes')
    const bad = await post('/refreshes', '{"force":true}')
    await ended(accepted.body.task_id)
    const again = await post(`/tasks/${accepted.body.task_id}/cancel`)
    const { body } = await ask('/v1/audit', { headers: operator })

    expect([anonymous.status, accepted.status, bad.status, again.status]).toEqual([401, 202, 400, 409])
    expect(accepted.headers['location']).toBe(`${PREFIX}/task-status/${accepted.body.task_id}`)
    const actions = body.entries.map(({ action }: { action: string }) => action)
    expect(actions.filter((action: string) => action === 'submit')).toHaveLength(1)
  })

  test('that are cancelled while a venue is silent are not published, and the next refresh is (F67)', async ({
    onTestFinished: atEnd,
  }) => {
    const venue = await binance(atEnd)
    const { ask, post, ended } = await system(atEnd, venue)
    const before = await ask('/cache-status')
    venue.is('silent')
    const { body } = await post('/refreshes')
    await vi.waitFor(() => expect(venue.calls).toContain(RATES), { timeout: 10_000 })

    const running = await ask(`/task-status/${body.task_id}`)
    const cancelled = await post(`/tasks/${body.task_id}/cancel`)
    const end = await ended(body.task_id)
    const after = await ask('/cache-status')
    venue.is('well')
    const next = await post('/refreshes')

    expect([running.body.task_status.state, running.headers['retry-after']]).toEqual(['RUNNING', '2'])
    expect([cancelled.status, end.state]).toEqual([200, 'CANCELLED'])
    expect([after.status, after.body.cache_time]).toEqual([before.status, before.body.cache_time])
    expect((await ended(next.body.task_id)).state).toBe('SUCCEEDED')
  })

  test('whose process is killed in the middle end as the same task, once it is started again (F64)', async ({
    onTestFinished: atEnd,
  }) => {
    const venue = await binance(atEnd)
    const first = await system(atEnd, venue)
    venue.is('silent')
    const { body } = await first.post('/refreshes')
    await vi.waitFor(() => expect(venue.calls).toContain(RATES), { timeout: 10_000 })
    await first.kill()
    venue.is('well')

    const second = await system(atEnd, venue, first.data)
    const end = await second.ended(body.task_id)
    const rates = await second.ask('/latest-rates')

    expect(end).toMatchObject({ status: 'completed', state: 'SUCCEEDED', result: { count: 591 } })
    expect([rates.status, rates.body.count]).toEqual([200, 591])
  })

  test('come from the next venue when the first one is closed, labelled as its own', async ({
    onTestFinished: atEnd,
  }) => {
    const venue = await binance(atEnd)
    const { ask, post, ended, printed } = await system(atEnd, venue)
    venue.is('blocked')

    const { body } = await post('/refreshes')
    const { state, result } = await ended(body.task_id)
    const pool = await ask('/pool')

    const venues = new Set(
      Object.values<{ exchange: string }>(result.contracts).map(({ exchange }) => exchange),
    )
    expect([state, venues, pool.body.contracts[0].exchange]).toEqual([
      'SUCCEEDED',
      new Set(['bybit']),
      'bybit',
    ])
    expect(venue.calls.filter((path) => path === RATES).length).toBeLessThanOrEqual(1)
    expect(printed()).not.toContain('sk-live')
  })

  test('are submitted quickly, a hundred times over: one task', async ({
    onTestFinished: atEnd,
    annotate,
  }) => {
    const venue = await binance(atEnd)
    const { ask, ended } = await system(atEnd, venue)
    // the publication of the contracts may still start a run of its own
    await ended((await ask('/latest-rates-async')).body.task_id)
    venue.calls.length = 0
    const durations: number[] = []
    const ids = new Set<string>()

    for (let index = 0; index < 100; index += 1) {
      const from = performance.now()
      const { status, body } = await ask('/latest-rates-async', {
        headers: { 'idempotency-key': `k${index}` },
      })
      durations.push(performance.now() - from)
      expect(status).toBe(200)
      ids.add(body.task_id)
    }

    const p95 = durations.toSorted((a, b) => a - b)[94] ?? Number.POSITIVE_INFINITY
    await annotate(`95 % of submissions within ${Math.ceil(p95)} ms`)
    expect(ids.size).toBe(1)
    expect(p95).toBeLessThan(1_000)
    expect(venue.calls.filter((path) => path === RATES).length).toBeLessThanOrEqual(1)
  })
})
