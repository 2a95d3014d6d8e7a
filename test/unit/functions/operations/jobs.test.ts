import { describe, expect, it } from 'vitest'
import { AT, globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { operator } from '#test/fakes/world/clients.ts'

const HOUR = 3_600_000

async function published() {
  const world = globalMarketWorld()
  world.script(() => ({ status: 200, body: globalBody() }))
  await world.tick(TICK)
  world.events.length = 0
  return world
}

describe('a job in the API', () => {
  it('has its state, its next runs and its declaration', async () => {
    const { get } = operator(await published())

    const { status, body } = await get('/v1/jobs/global-market')

    expect(status).toBe(200)
    expect(body).toEqual({
      id: 'global-market',
      title: 'Global crypto market statistics',
      priority: 'P0',
      state: 'fresh',
      off: null,
      overdue_seconds: 0,
      fresh_until: '2025-10-11T07:55:48.000Z',
      last_success_at: '2025-10-11T07:40:48.000Z',
      consecutive_failures: 0,
      is_running: false,
      last_run: {
        run_id: 'global-market-20251011T073300Z',
        outcome: 'succeeded',
        reason: null,
        ended_at: '2025-10-11T07:40:48.000Z',
      },
      usage: { runs: 1, failed: 0, success_ratio: 1, average_seconds: 0, p95_seconds: 0 },
      next_runs: ['07:43', '07:53', '08:03', '08:13', '08:23'].map((time) => ({
        tick: `2025-10-11T${time}:00.000Z`,
        skipped: null,
      })),
      control: { pause: null, skip: null, overrides: null },
      overridable: ['interval'],
      schedule: { expression: 'cron(3/10 * * * ? *)', zone: 'UTC' },
      inputs: [],
      follows: [],
      freshness: {
        fresh_for_seconds: 900,
        serve_stale_for_seconds: 86_400,
        keep_for_seconds: 604_800,
      },
      stored: 'items',
      upstream: 'coingecko',
      trigger_names: ['global_market', 'refresh_global_market'],
    })
  })

  it('is pending before its first run, overdue after its freshness, off when configured so', async () => {
    const pending = await operator(globalMarketWorld()).get('/v1/jobs/global-market')
    const world = await published()
    world.clock.advance(HOUR)
    const overdue = await operator(world).get('/v1/jobs/global-market')
    const off = await operator(globalMarketWorld({ GLOBAL_STATS_ENABLED: 'false' })).get('/v1/jobs')

    expect(pending.body.state).toBe('pending')
    expect(overdue.body).toMatchObject({ state: 'overdue', overdue_seconds: 2_700 })
    expect(off.body).toMatchObject({
      version: '0.0.0',
      jobs: [{ state: 'off', off: 'GLOBAL_STATS_ENABLED is false', next_runs: [] }],
    })
  })

  it.each(['global-market', 'global_market', 'refresh_global_market'])(
    'answers to the name %s',
    async (name) => {
      const { get } = operator(globalMarketWorld())

      expect(await get(`/v1/jobs/${name}`)).toMatchObject({ status: 200, body: { id: 'global-market' } })
    },
  )

  it.each(['weather', '__proto__', 'GLOBAL-MARKET', '../global-market'])(
    'is not known as %s',
    async (name) => {
      const { get } = operator(globalMarketWorld())

      const answer = await get(`/v1/jobs/${name.replaceAll('/', '%2F')}`)

      expect(answer).toMatchObject({ status: 404, body: { status: 404, available: ['global-market'] } })
    },
  )
})

describe('a pause', () => {
  const until = new Date(AT + HOUR).toISOString()

  it('prevents ticks until it expires or is ended, with operator and reason', async () => {
    const world = await published()
    const { get, post, audits } = operator(world)

    const paused = await post('/v1/jobs/global-market/pause', { until, reason: 'the provider moves' })
    const view = await get('/v1/jobs/global-market')
    const skipped = await world.tick(TICK + HOUR / 6)
    const resumed = await post('/v1/jobs/global-market/resume')
    const ran = await world.tick(TICK + HOUR / 3)

    const pause = { until, reason: 'the provider moves', by: 'operator' }
    expect(paused).toMatchObject({ status: 200, body: { job: 'global-market', control: { pause } } })
    expect(view.body).toMatchObject({ state: 'paused', overdue_seconds: 0, control: { pause } })
    expect(view.body.next_runs.map(({ skipped }: { skipped: string }) => skipped)).toEqual([
      ...Array(5).fill('paused'),
    ])
    expect(skipped).toMatchObject({ status: 'skipped', reason: 'paused' })
    expect(resumed).toMatchObject({ status: 200, body: { control: { pause: null } } })
    expect(ran.status).not.toBe('skipped')
    expect(audits()).toEqual(
      ['pause', 'resume'].map((action) => ({ action, actor: 'operator', subject: 'job:global-market' })),
    )
  })

  it.each([
    ['in the past', AT],
    ['more than a year away', AT + 367 * 24 * HOUR],
  ])('cannot end %s', async (_when, end) => {
    const world = await published()

    const answer = await operator(world).post('/v1/jobs/global-market/pause', {
      until: new Date(end).toISOString(),
      reason: 'x',
    })

    expect(answer.status).toBe(400)
    expect(answer.body.detail).toMatch(/^until: expected a time in the future, at most a year away; got/)
    expect(world.store.memory.audits).toEqual([])
  })

  it('that is ended twice has one audit entry for its end', async () => {
    const { post, audits } = operator(await published())

    const answer = await post('/v1/jobs/global-market/resume')

    expect(answer.status).toBe(200)
    expect(audits()).toEqual([])
  })

  it('of two operators at once is applied twice, each audited with the state that it replaced', async () => {
    const world = await published()
    const { get, post } = operator(world)

    const answers = await Promise.all(
      ['A', 'B'].map((reason) => post('/v1/jobs/global-market/pause', { until, reason })),
    )

    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const pauses = world.store.memory.audits.filter(({ action }) => action === 'pause')
    const last = pauses.at(-1)
    expect(JSON.parse(last?.before ?? '{}').pause.reason).toBe('A')
    expect((await get('/v1/jobs/global-market')).body.control.pause.reason).toBe('B')
    expect(world.store.memory.audits.map(({ action }) => action)).toEqual([
      'pause',
      'pause',
      'pause-failed',
      'pause',
    ])
  })

  it('that the table rejects is audited as failed, and 503', async () => {
    const world = await published()
    const store = {
      ...world.store,
      controls: { ...world.store.controls, replace: () => Promise.reject(new Error('throttled')) },
    }
    const { post, audits } = operator(world, { store })

    const answer = await post('/v1/jobs/global-market/pause', { until, reason: 'x' })

    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(audits().map(({ action }) => action)).toEqual(['pause', 'pause-failed'])
  })

  it('that cannot be audited is not applied', async () => {
    const world = await published()
    const audits = { ...world.store.audits, append: () => Promise.reject(new Error('throttled')) }
    const { post } = operator(world, { store: { ...world.store, audits } })

    const answer = await post('/v1/jobs/global-market/pause', { until, reason: 'x' })

    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toMatch(/^[1-9]/)
    expect(world.store.memory.controls.size).toBe(0)
  })
})
