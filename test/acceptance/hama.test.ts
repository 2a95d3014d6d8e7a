import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schemas } from '#functions/jobs/hama/schema.ts'
import { schemas as gainerSchemas } from '#functions/jobs/top-gainers/schema.ts'
import type { AtEnd } from '#test/support/at-end.ts'
import { type LocalProcess, running } from '#test/support/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary-directory.ts'

const PREFIX = '/api/gainer-analysis'
const topGainers = gainerSchemas[`${PREFIX}/top-gainers`]

describe('symbols on one machine', () => {
  const clears: (() => Promise<void>)[] = []
  const atEnd: AtEnd = (clear) => clears.unshift(clear)
  let system: LocalProcess
  let authorization: string

  beforeAll(async () => {
    system = await running({ FRESHET_DATA: await temporaryDirectory(atEnd) }, atEnd)
    authorization = `Bearer ${(await system.says(/^Operator token: /)).replace('Operator token: ', '')}`
    await system.says(/symbol-universe {2}succeeded/)
  })
  afterAll(async () => {
    for (const clear of clears) await clear()
  })

  async function ask(method: string, path: string, body?: unknown, isOperator = false) {
    const headers = isOperator ? { authorization } : {}
    const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const answer = await system.ask(`${PREFIX}${path}`, sent)
    return { ...answer, json: JSON.parse(answer.body.toString()) }
  }

  test('one that is not stored is analysed for its reader, and answered from then on', async () => {
    const first = await ask('POST', '/analyze-symbol', { symbol: 'ethbtc' })
    const again = await ask('POST', '/analyze-symbol', { symbol: 'ETHBTC' })

    expect([first.status, first.headers['x-cache'], first.json.data.cached]).toEqual([200, 'MISS', false])
    expect([again.status, again.headers['x-cache'], again.json.data.cached]).toEqual([200, 'HIT', true])
    expect(again.headers['x-data-source']).toBe('recorded')
    expect(schemas[`${PREFIX}/analyze-symbol`]?.safeParse(again.json).error).toBeUndefined()
  })

  test('a preload is a task that can be polled, and a batch finds what it has stored', async () => {
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

  test('the top gainers are fetched for the first reader, and cut as each one asks', async () => {
    const first = await ask('GET', '/top-gainers?limit=5')
    const again = await ask('GET', '/top-gainers')
    const refused = await ask('GET', '/top-gainers?market=futures')

    const lengths = [first, again].map(({ json }) => json.data.gainers.length)
    expect([first.status, again.status, refused.status]).toEqual([200, 200, 400])
    expect([first.headers['x-cache'], again.headers['x-cache'], ...lengths]).toEqual(['MISS', 'HIT', 5, 20])
    expect(refused.json).toEqual({ code: 0, msg: 'market must be spot', data: null })
    expect(topGainers.safeParse(again.json).error).toBeUndefined()
  })

  test('the scheduler is stopped and started by operators, and anybody is told', async () => {
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
})
