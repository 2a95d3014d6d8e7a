import { describe, expect, it } from 'vitest'
import { job as declared } from '#functions/jobs/hama/job.ts'
import { Operations } from '#functions/operations/operations.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { run } from '#shared/engine/run.ts'
import { health as healthOf } from '#shared/read/health.ts'
import { hamaOperator, hamaReader, hamaWorld, TICK } from '#test/fakes/jobs/hama.ts'
import { noMetrics } from '#test/fakes/world/clients.ts'
import { memoryQueues } from '#test/fakes/world/failure-queues.ts'

const MINUTE = 60_000
const PATH = '/api/gainer-analysis/scheduler/start'
const THREE = ['BTCUSDT', 'ethusdt', '示例USDT']

describe('the documented scheduler', () => {
  it('stops: the next tick is skipped, the public state shows it, and it can be repeated', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    await base.tick(TICK)
    const { stop, status, audits } = hamaOperator(base)

    const stopped = await stop()
    const again = await stop()
    const next = await base.tick(TICK + 5 * MINUTE)

    expect(stopped).toMatchObject({
      status: 200,
      body: { code: 1, msg: 'success', data: { status: 'stopped' } },
    })
    expect(again.body.data).toEqual({ status: 'stopped' })
    expect(next).toMatchObject({ status: 'skipped', reason: 'paused' })
    expect(await status()).toMatchObject({ running: false, next_run_at: null })
    expect(audits()).toEqual(['stop'])
  })

  it('starts with its own interval and symbols: two of three ticks are skipped, one run is requested', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '5' })
    const { start, stop, status, audits } = hamaOperator(base)
    await stop()

    const { status: code, body } = await start({ symbols: THREE, interval_minutes: 15 })
    const events = base.events.splice(0)
    const ticks = []
    for (let tick = 1; tick <= 6; tick += 1) ticks.push(await base.tick(TICK + tick * 5 * MINUTE))

    expect([code, body.data]).toEqual([
      200,
      {
        status: 'started',
        symbols_count: 3,
        interval_minutes: 15,
        cache_stats: { available: true, cached_symbols: 0, cache_ttl_seconds: 1_080, cache_ttl_minutes: 18 },
      },
    ])
    expect(events).toMatchObject([{ type: 'refresh.requested', detail: { job: 'hama', cause: 'operator' } }])
    expect(ticks.map((run) => run.reason ?? run.status)).toEqual([
      'succeeded',
      'skipped-by-operator',
      'succeeded',
      'skipped-by-operator',
      'skipped-by-operator',
      'succeeded',
    ])
    expect(ticks[0]?.counts).toMatchObject({ planned: 3, published: 3 })
    expect(await status()).toMatchObject({
      running: true,
      symbols_count: 3,
      interval_minutes: 15,
      cache_stats: { cache_ttl_seconds: 1_080 },
    })
    expect(audits()).toEqual(['stop', 'start', 'trigger'])
  })

  it('that runs as requested responds so, and requests nothing again', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    const { start, audits } = hamaOperator(base)

    const asDeclared = await start()
    await start({ interval_minutes: 10 })
    base.events.splice(0)
    const again = await start({ interval_minutes: 10 })

    expect(asDeclared.body.data).toMatchObject({ status: 'running', symbols_count: 3, interval_minutes: 5 })
    expect(again.body.data).toMatchObject({ status: 'running', interval_minutes: 10 })
    expect(base.events).toEqual([])
    expect(audits()).toEqual(['start', 'trigger'])
  })

  it('returns to the declaration when it is started without values', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    const { start, status } = hamaOperator(base)
    await start({ symbols: ['BTCUSDT'], interval_minutes: 60 })

    const { body } = await start({})

    expect(body.data).toMatchObject({ status: 'started', symbols_count: 3, interval_minutes: 5 })
    expect(await status()).toMatchObject({ symbols_count: 3, interval_minutes: 5 })
  })

  it('keeps overridden settings', async () => {
    const base = await hamaWorld()
    const settings = { HAMA_UNIVERSE_SIZE: '9' }
    base.store.memory.controls.set('hama', { revision: 1, overrides: { intervalMs: 600_000, settings } })

    await hamaOperator(base).start({})

    expect((await base.store.controls.get('hama')).overrides).toEqual({ settings })
  })

  it.each([
    [{ interval_minutes: 7 }, 'interval_minutes must be one of 5, 10, 15, 20, 30, 60'],
    [{ interval_minutes: '15' }, 'interval_minutes must be one of 5, 10, 15, 20, 30, 60'],
    [{ symbols: [] }, 'symbols must be 1 to 200 symbols'],
    [{ symbols: ['BTCUSDT', ' '] }, 'symbols must be 1 to 200 symbols'],
    [{ symbols: ['BTCUSDT', 'NOPE', 'NADA'] }, 'unknown symbols: NOPE, NADA'],
    [{ interval: 5 }, 'expected no member "interval"'],
  ])('rejects %j, and nothing changes', async (body, msg) => {
    const base = await hamaWorld()
    const { start, audits } = hamaOperator(base)

    const answer = await start(body)

    expect(answer).toMatchObject({ status: 400, body: { code: 0, msg, data: null } })
    expect(await base.store.controls.get('hama')).toEqual({ revision: 0 })
    expect(audits()).toEqual([])
  })

  it.each([5, 15])(
    'cannot be started with %i minutes where its schedule ticks every ten',
    async (minutes) => {
      const settings = { HAMA_SCHEDULER_INTERVAL: '10', HAMA_CACHE_TTL: '900' }
      const { start } = hamaOperator(await hamaWorld(settings))

      const answer = await start({ interval_minutes: minutes })

      expect(answer).toMatchObject({
        status: 400,
        body: { msg: 'interval_minutes must be one of 10, 20, 30, 60' },
      })
    },
  )

  it('is started with its own interval by default', async () => {
    const settings = { HAMA_SCHEDULER_INTERVAL: '15', HAMA_CACHE_TTL: '1080' }
    const { start, stop } = hamaOperator(await hamaWorld(settings))
    await stop()

    const answer = await start()

    expect(answer).toMatchObject({ status: 200, body: { data: { status: 'started', interval_minutes: 15 } } })
  })

  it('is unchanged by the same symbols in another order', async () => {
    const { start, audits } = hamaOperator(await hamaWorld())
    await start({ symbols: ['BTCUSDT', 'ETHUSDT'] })
    const before = audits()

    const again = await start({ symbols: ['ethusdt', 'BTCUSDT', 'ETHUSDT'] })

    expect(again.body.data.status).toBe('running')
    expect(audits()).toEqual(before)
  })

  it('is not started when the configuration switches it off', async () => {
    const { start } = hamaOperator(await hamaWorld({ HAMA_SCHEDULER_ENABLED: 'false' }))

    const answer = await start()

    expect(answer).toMatchObject({ status: 409, body: { msg: 'scheduler is disabled by configuration' } })
  })

  it('answers 401 without an operator, and the control stays', async () => {
    const base = await hamaWorld()
    const { ports, upstream } = base.work
    const system = {
      jobs: [base.work.job],
      upstreams: new Map([[upstream.name, upstream]]),
      changed: new Map(),
    }
    const operations = new Operations(system, '0.0.0', {
      ...ports,
      store: base.store,
      metrics: noMetrics,
      queues: memoryQueues(ports.clock),
    })
    const request = {
      method: 'POST',
      path: PATH,
      query: {},
      headers: {},
      body: undefined,
      actor: undefined,
      at: TICK,
    }

    expect((await operations.handle(request)).statusCode).toBe(401)
    expect(await base.store.controls.get('hama')).toEqual({ revision: 0 })
  })
})

/** The public state of the one job of a world. */
async function statesOf({ store }: Awaited<ReturnType<typeof hamaWorld>>) {
  return new Map([['hama', await store.states.get('hama')]])
}

describe('a scheduler that is created paused', () => {
  const settings = { HAMA_UNIVERSE_SIZE: '3', HAMA_SCHEDULER_AUTO_START: 'false' }
  const reason = 'HAMA_SCHEDULER_AUTO_START is false'

  it('skips its ticks with the reason, is not overdue, and requests no first run', async () => {
    const base = await hamaWorld(settings)
    const { status, view, ask } = hamaOperator(base)

    const tick = await base.tick(TICK)
    base.clock.advance(24 * 60 * MINUTE)
    const first = await base.run({ cause: 'first-run', event: { id: 'a', at: base.clock.now() } })
    const watched = await watchJob(base.work.job, base.work.ports)
    const health = JSON.parse(healthOf([base.work.job], await statesOf(base), '0.0.0', base.clock.now()).body)

    expect(tick).toMatchObject({ status: 'skipped', reason: 'paused' })
    expect(tick.message).toContain(`by configuration: ${reason}`)
    expect(first).toMatchObject({ status: 'skipped', reason: 'paused' })
    expect(watched).toMatchObject({ overdueSeconds: 0, conditions: [] })
    expect(base.events).toEqual([])
    expect(await status()).toMatchObject({ running: false, next_run_at: null })
    expect(health.jobs[0]).toMatchObject({ status: 'paused', overdue_seconds: 0 })
    expect(await view()).toMatchObject({
      state: 'paused',
      control: { pause: { reason, by: 'configuration', until: '9999-12-31T00:00:00.000Z' } },
    })
    expect((await view()).next_runs[0].skipped).toBe('paused')
    const { body: schedules } = await ask('GET', '/api/v1/admin/scheduler/jobs')
    expect(schedules.jobs[0]).toMatchObject({ id: 'hama', status: 'paused', next_run_time: null })
    expect(await base.store.controls.get('hama')).toEqual({ revision: 0 })
  })

  it('answers cold reads and operators', async () => {
    const base = await hamaWorld(settings)

    const cold = await base.run({ cause: 'cold-read', key: 'BTCUSDT', event: { id: 'a', at: TICK } })

    expect(cold.status).toBe('succeeded')
  })

  it.each(['start', 'resume'] as const)(
    'runs for good after %s, whatever the configuration says',
    async (how) => {
      const base = await hamaWorld(settings)
      const operator = hamaOperator(base)

      const answer = await operator[how]()
      const tick = await base.tick(TICK)

      expect(answer.status).toBe(200)
      expect(await base.store.controls.get('hama')).toEqual({ revision: 1, change: expect.any(String) })
      expect(tick.status).toBe('succeeded')
      expect(await operator.status()).toMatchObject({ running: true })
      expect((await operator.view()).control.pause).toBeNull()
      const health = healthOf([base.work.job], await statesOf(base), '0.0.0', base.clock.now())
      expect(JSON.parse(health.body).jobs[0].status).toBe('fresh')
    },
  )

  it('stays paused under a decision about something else, and is started after that', async () => {
    const base = await hamaWorld(settings)
    const operator = hamaOperator(base)

    await operator.override({ items: ['BTCUSDT'] })
    const paused = await base.tick(TICK)
    const status = await operator.status()
    await operator.resume()
    const runs = await base.tick(TICK + 5 * MINUTE)

    expect([paused.reason, status.running, runs.counts?.planned]).toEqual(['paused', false, 1])
  })

  it('that is stopped stays so when the configuration changes', async () => {
    const base = await hamaWorld(settings)
    const { stop, audits } = hamaOperator(base)

    await stop()
    await stop()

    expect(await base.store.controls.get('hama')).toMatchObject({ pause: { by: 'operator' } })
    expect(audits()).toEqual(['stop'])
  })

  it('that no operator has started runs when the configuration changes', async () => {
    const before = await hamaWorld(settings)
    await before.tick(TICK)
    await watchJob(before.work.job, before.work.ports)
    const job = resolveJob(declared, {})

    const tick = await run({ cause: 'tick', tick: TICK + 5 * MINUTE }, { ...before.work, job })

    expect(tick.status).toBe('succeeded')
  })

  it('keeps an earlier decision of an operator', async () => {
    const base = await hamaWorld(settings)
    base.store.memory.controls.set('hama', { revision: 3 })

    expect((await base.tick(TICK)).status).toBe('succeeded')
  })
})

describe('the documented cache', () => {
  it('is cleared as a whole or for one symbol: reads are stale until the next refresh', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    await base.tick(TICK)
    base.clock.advance(1_000)
    const { clear, audits } = hamaOperator(base)
    const cacheOf = async (symbol: string) =>
      (await hamaReader(base, {}, true).post('/analyze-symbol', { symbol })).headers['x-cache']

    const one = await clear('btcusdt')
    const after = [await cacheOf('BTCUSDT'), await cacheOf('ETHUSDT')]
    const all = await clear()

    expect(one).toMatchObject({ status: 200, body: { code: 1, data: { cleared: 1 } } })
    expect(after).toEqual(['STALE', 'HIT'])
    expect(all.body.data).toEqual({ cleared: 3 })
    expect(await cacheOf('ETHUSDT')).toBe('STALE')
    expect(audits()).toEqual(['invalidate', 'invalidate'])
  })

  it('rejects an illegal symbol', async () => {
    const { clear } = hamaOperator(await hamaWorld())

    expect(await clear('BTC#USDT')).toMatchObject({ status: 400, body: { code: 0, data: null } })
  })
})
