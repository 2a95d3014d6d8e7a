import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { schemas } from '#functions/jobs/hama/schema.ts'
import { schemas as gainerSchemas } from '#functions/jobs/top-gainers/schema.ts'
import { type LocalProcess, startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const PREFIX = '/api/gainer-analysis'
const JOBS = { only: ['symbol-universe', 'hama', 'top-gainers'] }
const topGainers = gainerSchemas[`${PREFIX}/top-gainers`]

describe('symbols on one machine', () => {
  const clears: (() => Promise<void>)[] = []
  const atEnd: OnCleanup = (clear) => clears.unshift(clear)
  let system: LocalProcess
  let authorization: string

  beforeAll(async () => {
    system = await startAndWait({ FRESHET_DATA: await temporaryDirectory(atEnd) }, atEnd, JOBS)
    authorization = `Bearer ${(await system.waitForLine(/^Operator token: /)).replace('Operator token: ', '')}`
    await system.waitForLine(/symbol-universe {2}succeeded/)
  })
  afterAll(async () => {
    for (const clear of clears) await clear()
  })

  async function ask(method: string, path: string, body?: unknown, isOperator = false) {
    const headers = isOperator ? { authorization } : {}
    const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const answer = await system.request(`${PREFIX}${path}`, sent)
    return { ...answer, json: JSON.parse(answer.body.toString()) }
  }

  test('one that is not stored is analysed for its reader, and answered from then on', async () => {
    const first = await ask('POST', '/analyze-symbol', { symbol: 'ethbtc' })
    const again = await ask('POST', '/analyze-symbol', { symbol: 'ETHBTC' })

    expect([first.status, first.headers['x-cache'], first.json.data.cached]).toEqual([200, 'MISS', false])
    expect([again.status, again.headers['x-cache'], again.json.data.cached]).toEqual([200, 'HIT', true])
    expect(again.headers['x-data-source']).toBe('simulated')
    expect(schemas[`${PREFIX}/analyze-symbol`]?.safeParse(again.json).error).toBeUndefined()
  })

  test('a preload is a task that can be polled, and a batch serves what it has stored', async () => {
    const symbols = ['BTCUSDT', 'NOPE', '示例USDT']

    const refused = await ask('POST', '/preload', { symbols })
    const submitted = await ask('POST', '/preload', { symbols }, true)
    let task = await ask('GET', `/tasks/${submitted.json.data.task_id}`)
    while (['pending', 'running'].includes(task.json.data.status))
      task = await ask('GET', `/tasks/${submitted.json.data.task_id}`)
    const batch = await ask('POST', '/analyze-batch', { symbols })

    expect([refused.status, submitted.status]).toEqual([401, 202])
    expect(task.json.data).toMatchObject({
      status: 'partial',
      total: 3,
      success: 2,
      failed_symbols: ['NOPE'],
    })
    expect(batch.json.data.summary).toEqual({ total: 3, success: 2, failed: 1, cached: 2, pending: 0 })
  })

  test('live reads of one symbol or many are for operators alone, and cost one run', async () => {
    const symbols = ['SOLBTC', 'XRPBTC', 'NOPE']
    const live = async (path: string, body: object, isOperator = true) => {
      const headers = isOperator ? { authorization } : {}
      const sent = { method: 'POST', headers, body: JSON.stringify(body) }
      const answer = await system.request(`/v1/live${PREFIX}${path}`, sent)
      return { ...answer, json: JSON.parse(answer.body.toString()) }
    }

    const sent = await ask('POST', '/analyze-batch', { symbols, force_refresh: true })
    const stranger = await live('/analyze-batch', { symbols }, false)
    const many = await live('/analyze-batch', { symbols, force_refresh: true })
    const one = await live('/analyze-symbol', { symbol: 'SOLBTC' })
    await ask('DELETE', '/cache/SOLBTC', undefined, true)
    const refetched = await live('/analyze-symbol', { symbol: 'SOLBTC' })
    const audit = await system.request('/v1/audit?limit=10', { headers: { authorization } })

    expect([sent.status, sent.json.msg]).toEqual([
      403,
      `Live reads are for operators, at POST /v1/live${PREFIX}/analyze-batch`,
    ])
    expect(stranger.status).toBe(401)
    expect([many.status, many.headers['x-cache'], many.json.data.summary]).toEqual([
      200,
      'BYPASS',
      { total: 3, success: 2, failed: 1, cached: 0, pending: 0 },
    ])
    expect(many.json.data.results.XRPBTC).toMatchObject({ cached: false, cache_source: 'upstream' })
    expect([one.headers['x-cache'], one.json.data.cached]).toEqual(['HIT', true])
    expect([refetched.headers['x-cache'], refetched.json.data.cached]).toEqual(['BYPASS', false])
    const reads = JSON.parse(audit.body.toString()).entries.filter(
      ({ action }: { action: string }) => action === 'live-read',
    )
    expect(reads.map(({ after }: { after: object }) => after)).toMatchObject([
      { key: 'SOLBTC' },
      { symbols: ['SOLBTC', 'XRPBTC'] },
    ])
  })

  test('the top gainers are fetched for the first reader, and limited as each request demands', async () => {
    const first = await ask('GET', '/top-gainers?limit=5')
    const again = await ask('GET', '/top-gainers')
    const refused = await ask('GET', '/top-gainers?market=futures')

    const lengths = [first, again].map(({ json }) => json.data.gainers.length)
    expect([first.status, again.status, refused.status]).toEqual([200, 200, 400])
    expect([first.headers['x-cache'], again.headers['x-cache'], ...lengths]).toEqual(['MISS', 'HIT', 5, 20])
    expect(refused.json).toEqual({ code: 0, msg: 'market must be spot', data: null })
    expect(topGainers.safeParse(again.json).error).toBeUndefined()
  })

  test('operators stop and start the scheduler, and its public status follows', async () => {
    const stopped = await ask('POST', '/scheduler/stop', {}, true)
    const whileStopped = await ask('GET', '/scheduler/status')
    const started = await ask(
      'POST',
      '/scheduler/start',
      { symbols: ['BTCUSDT'], interval_minutes: 30 },
      true,
    )
    const after = await ask('GET', '/scheduler/status')

    expect(stopped.json.data).toEqual({ status: 'stopped' })
    expect(whileStopped.json.data).toMatchObject({ running: false, next_run_at: null })
    expect(started.json.data).toMatchObject({ status: 'started', symbols_count: 1 })
    expect(after.json.data).toMatchObject({ running: true, symbols_count: 1, interval_minutes: 30 })
  })

  test('operators change which symbols are analysed, and readers see it within seconds', async () => {
    const listed = async () =>
      (await ask('GET', '/symbols')).json.data.symbols.map(({ symbol }: { symbol: string }) => symbol)
    const change = { include: ['ethbtc'], exclude: ['BTCUSDT'], size: 4 }

    const refused = await ask('PUT', '/symbols', change)
    const before = await listed()
    const changed = await ask('PUT', '/symbols', change, true)
    await vi.waitFor(async () => expect(await listed()).not.toContain('BTCUSDT'), { timeout: 15_000 })
    const after = await listed()
    const unknown = await ask('PUT', '/symbols', { include: ['NOPE'] }, true)
    const cleared = await ask('PUT', '/symbols', {}, true)

    expect([refused.status, before.length]).toEqual([401, 78])
    expect(changed.json).toMatchObject({
      code: 1,
      data: { include: ['ETHBTC'], exclude: ['BTCUSDT'], size: 4 },
    })
    expect(after).toHaveLength(4)
    expect(after).toContain('ETHBTC')
    expect([unknown.status, unknown.json]).toEqual([
      400,
      { code: 0, msg: 'unknown symbols in include: NOPE', data: null },
    ])
    expect(cleared.json.data).toMatchObject({ include: [], exclude: [], size: 78 })
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
