import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { schemas } from '#functions/jobs/hama/schema.ts'
import { schemas as gainerSchemas } from '#functions/jobs/top-gainers/schema.ts'
import type { Client } from '#shared/client/client.ts'
import { type LocalProcess, startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const PREFIX = '/api/gainer-analysis'
const JOBS = { only: ['symbol-universe', 'hama', 'top-gainers'] }
const topGainers = gainerSchemas[`${PREFIX}/top-gainers`]

describe('symbols on one machine', () => {
  const clears: (() => Promise<void>)[] = []
  const atEnd: OnCleanup = (clear) => clears.unshift(clear)
  let system: LocalProcess
  let reader: Client
  let operator: Client

  beforeAll(async () => {
    system = await startAndWait({ FRESHET_DATA: await temporaryDirectory(atEnd) }, atEnd, JOBS)
    reader = system.reader
    operator = await system.operator()
    await system.waitForLine(/symbol-universe {2}succeeded/)
  })
  afterAll(async () => {
    for (const clear of clears) await clear()
  })

  test('one that is not stored is analysed for its reader, and answered from then on', async () => {
    const analyze = (symbol: string) =>
      reader.post('/api/gainer-analysis/analyze-symbol', { body: { symbol } })

    const first = await analyze('ethbtc')
    const again = await analyze('ETHBTC')

    expect([first.headers['x-cache'], first.body.data.cached]).toEqual(['MISS', false])
    expect([again.headers['x-cache'], again.body.data.cached]).toEqual(['HIT', true])
    expect(again.headers['x-data-source']).toBe('simulated')
    expect(schemas[`${PREFIX}/analyze-symbol`]?.safeParse(again.body).error).toBeUndefined()
  })

  test('a preload is a task that can be polled, and a batch serves what it has stored', async () => {
    const body = { symbols: ['BTCUSDT', 'NOPE', '示例USDT'] }

    const refused = await reader.request('POST /api/gainer-analysis/preload', { body })
    const submitted = await operator.post('/api/gainer-analysis/preload', { body })
    const poll = async () => {
      const path = { task_id: submitted.body.data.task_id }
      return (await reader.get('/api/gainer-analysis/tasks/{task_id}', { path })).body.data
    }
    let task = await poll()
    while (['pending', 'running'].includes(task.status)) task = await poll()
    const batch = await reader.post('/api/gainer-analysis/analyze-batch', { body })

    expect([refused.status, submitted.status]).toEqual([401, 202])
    expect(task).toMatchObject({ status: 'partial', total: 3, success: 2, failed_symbols: ['NOPE'] })
    expect(batch.body.data.summary).toEqual({ total: 3, success: 2, failed: 1, cached: 2, pending: 0 })
  })

  test('live reads of one symbol or many are for operators alone, and cost one run', async () => {
    const symbols = ['SOLBTC', 'XRPBTC', 'NOPE']
    const one = () =>
      operator.post('/v1/live/api/gainer-analysis/analyze-symbol', { body: { symbol: 'SOLBTC' } })

    const ofReader = await system.request(`${PREFIX}/analyze-batch`, {
      method: 'POST',
      body: JSON.stringify({ symbols, force_refresh: true }),
    })
    const stranger = await reader.request('POST /v1/live/api/gainer-analysis/analyze-batch', {
      body: { symbols },
    })
    const many = await operator.post('/v1/live/api/gainer-analysis/analyze-batch', {
      body: { symbols, force_refresh: true },
    })
    const stored = await one()
    await operator.delete('/api/gainer-analysis/cache/{id}', { path: { id: 'SOLBTC' } })
    const refetched = await one()
    const audit = await operator.get('/v1/audit', { query: { limit: 10 } })

    expect([ofReader.status, JSON.parse(ofReader.body.toString()).msg]).toEqual([
      403,
      `Live reads are for operators, at POST /v1/live${PREFIX}/analyze-batch`,
    ])
    expect(stranger.status).toBe(401)
    expect([many.headers['x-cache'], many.body.data.summary]).toEqual([
      'BYPASS',
      { total: 3, success: 2, failed: 1, cached: 0, pending: 0 },
    ])
    expect(many.body.data.results['XRPBTC']).toMatchObject({ cached: false, cache_source: 'upstream' })
    expect([stored.headers['x-cache'], stored.body.data.cached]).toEqual(['HIT', true])
    expect([refetched.headers['x-cache'], refetched.body.data.cached]).toEqual(['BYPASS', false])
    const reads = audit.body.entries.filter(({ action }) => action === 'live-read')
    expect(reads.map(({ after }) => after)).toMatchObject([
      { key: 'SOLBTC' },
      { symbols: ['SOLBTC', 'XRPBTC'] },
    ])
  })

  test('the top gainers are fetched for the first reader, and limited as each request demands', async () => {
    const first = await reader.get('/api/gainer-analysis/top-gainers', { query: { limit: '5' } })
    const again = await reader.get('/api/gainer-analysis/top-gainers')
    const refused = await reader.request('GET /api/gainer-analysis/top-gainers', {
      query: { market: 'futures' },
    })

    const lengths = [first, again].map(({ body }) => body.data.gainers.length)
    expect([first.headers['x-cache'], again.headers['x-cache'], ...lengths]).toEqual(['MISS', 'HIT', 5, 20])
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 0, msg: 'market must be spot', data: null },
    })
    expect(topGainers.safeParse(again.body).error).toBeUndefined()
  })

  test('operators stop and start the scheduler, and its public status follows', async () => {
    const status = async () => (await reader.get('/api/gainer-analysis/scheduler/status')).body.data

    const stopped = await operator.post('/api/gainer-analysis/scheduler/stop')
    const whileStopped = await status()
    const started = await operator.post('/api/gainer-analysis/scheduler/start', {
      body: { symbols: ['BTCUSDT'], interval_minutes: 30 },
    })
    const after = await status()

    expect(stopped.body.data).toEqual({ status: 'stopped' })
    expect(whileStopped).toMatchObject({ running: false, next_run_at: null })
    expect(started.body.data).toMatchObject({ status: 'started', symbols_count: 1 })
    expect(after).toMatchObject({ running: true, symbols_count: 1, interval_minutes: 30 })
  })

  test('operators change which symbols are analysed, and readers see it within seconds', async () => {
    const listed = async () => {
      const { body } = await reader.get('/api/gainer-analysis/symbols')
      return body.data.symbols.map(({ symbol }) => symbol)
    }
    const body = { include: ['ethbtc'], exclude: ['BTCUSDT'], size: 4 }

    const refused = await reader.request('PUT /api/gainer-analysis/symbols', { body })
    const before = await listed()
    const changed = await operator.put('/api/gainer-analysis/symbols', { body })
    await vi.waitFor(async () => expect(await listed()).not.toContain('BTCUSDT'), { timeout: 15_000 })
    const after = await listed()
    const unknown = await operator.request('PUT /api/gainer-analysis/symbols', {
      body: { include: ['NOPE'] },
    })
    const cleared = await operator.put('/api/gainer-analysis/symbols', { body: {} })

    expect([refused.status, before.length]).toEqual([401, 78])
    expect(changed.body).toMatchObject({
      code: 1,
      data: { include: ['ETHBTC'], exclude: ['BTCUSDT'], size: 4 },
    })
    expect(after).toHaveLength(4)
    expect(after).toContain('ETHBTC')
    expect(unknown).toMatchObject({
      status: 400,
      body: { code: 0, msg: 'unknown symbols in include: NOPE', data: null },
    })
    expect(cleared.body.data).toMatchObject({ include: [], exclude: [], size: 78 })
  })
})

describe('a scheduler without auto-start, on one machine', () => {
  test('waits for an operator, and goes on after a restart; so do the symbols that were decided', async ({
    onTestFinished: atEnd,
  }) => {
    const settings = {
      FRESHET_DATA: await temporaryDirectory(atEnd),
      HAMA_SCHEDULER_AUTO_START: 'false',
    }
    const system = await startAndWait(settings, atEnd, JOBS)
    const operator = await system.operator()
    const schedulerStatus = async ({ reader }: LocalProcess) => {
      const [status, health] = await Promise.all([
        reader.get('/api/gainer-analysis/scheduler/status'),
        reader.get('/health'),
      ])
      const hama = health.body.jobs.find(({ job }) => job === 'hama')
      return [status.body.data.running, hama?.status]
    }
    await system.waitForLine(/ hama: .*; created paused: HAMA_SCHEDULER_AUTO_START is false$/)
    await system.waitForLine(/symbol-universe {2}succeeded/)

    const before = await schedulerStatus(system)
    await operator.put('/api/gainer-analysis/symbols', { body: { size: 2 } })
    await operator.post('/v1/jobs/{id}/resume', { path: { id: 'hama' } })
    const resumed = await schedulerStatus(system)
    await system.kill()
    const again = await startAndWait(settings, atEnd, JOBS)
    const client = await again.operator()
    const view = await client.get('/v1/jobs/{id}', { path: { id: 'symbol-universe' } })

    expect(before).toEqual([false, 'paused'])
    expect([resumed[0], (await schedulerStatus(again))[0]]).toEqual([true, true])
    expect(resumed[1]).not.toBe('paused')
    expect(view.body.control.overrides?.settings).toEqual({ HAMA_UNIVERSE_SIZE: '2' })
  })
})
