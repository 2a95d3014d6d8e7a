import { describe, expect, it } from 'vitest'
import { AT, globalBody, globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { operator, runningBus } from '#test/fakes/world/clients.ts'

const SECOND = 1_000
const DAY = 86_400_000
const RUNS = '/v1/jobs/global-market/runs'
const ID = /^global-market-[0-9A-HJKMNP-TV-Z]{26}$/

function ready() {
  const world = globalMarketWorld()
  world.script(() => ({ status: 200, body: globalBody() }))
  return world
}

const keyed = (key: string) => ({ headers: { 'idempotency-key': key } })

describe('a trigger', () => {
  it('returns the id of the run that it requests', async () => {
    const world = ready()
    const { post, deliver, audits } = operator(world)

    const { status, headers, body } = await post(RUNS, { reason: 'after the outage' })
    const events = [...world.events]
    await deliver()

    expect(status).toBe(202)
    expect(body).toEqual({
      success: true,
      message: 'Job global-market triggered',
      run_id: expect.stringMatching(ID),
      job: 'global-market',
      status_url: `/v1/runs/${body.run_id}`,
    })
    expect(headers['location']).toBe(`/v1/runs/${body.run_id}`)
    expect(events).toEqual([
      {
        type: 'refresh.requested',
        detail: { job: 'global-market', cause: 'operator', runId: body.run_id },
      },
    ])
    expect(await world.store.runs.get('global-market', body.run_id)).toMatchObject({
      cause: 'operator',
      status: 'succeeded',
    })
    expect(audits()).toEqual([{ action: 'trigger', actor: 'operator', subject: 'job:global-market' }])
    const [entry] = world.store.memory.audits
    expect(entry?.reason).toBe('after the outage')
    expect(JSON.parse(entry?.after ?? '')).toEqual({ run_id: body.run_id })
  })

  it('with wait has the run, if it has ended by then', async () => {
    const world = ready()
    const { post } = operator(world, { bus: runningBus(world).bus })

    const answer = await post(`${RUNS}?wait=20`)
    const late = await operator(world).post(`${RUNS}?wait=1`)

    expect(answer.body).toMatchObject({
      run: { run_id: answer.body.run_id, outcome: 'succeeded', ended_at: expect.any(String) },
    })
    expect([late.status, late.body.run]).toEqual([202, null])
  })

  it.each(['0', '21', 'long'])('with wait=%s is refused', async (wait) => {
    const world = ready()

    const { status, body } = await operator(world).post(`${RUNS}?wait=${wait}`)

    expect([status, body.detail]).toEqual([400, `wait: expected 1 to 20 seconds, got "${wait}"`])
    expect(world.events).toEqual([])
  })

  it('has its documented alias', async () => {
    const { post } = operator(ready())

    const { status, body, headers } = await post('/admin/jobs/trigger/global_market')
    const unknown = await post('/admin/jobs/trigger/weather')

    expect(status).toBe(202)
    expect(headers['location']).toBe(`/v1/runs/${body.run_id}`)
    expect(body).toMatchObject({
      success: true,
      message: 'Job global_market triggered',
      job: 'global-market',
      status_url: `/admin/jobs/runs/${body.run_id}`,
    })
    expect(unknown).toMatchObject({
      status: 404,
      body: { type: 'about:blank', title: 'Not Found', status: 404, detail: 'Job not found' },
    })
  })

  it('is one run for repeated deliveries of its event', async () => {
    const world = ready()
    const { post, deliver } = operator(world)
    const { body } = await post(RUNS)
    world.events.push(...world.events)

    await deliver()

    expect(world.calls).toHaveLength(1)
    expect(await world.store.runs.get('global-market', body.run_id)).toMatchObject({ duplicates: 1 })
  })

  it('runs while the job is paused', async () => {
    const world = ready()
    const { post, deliver } = operator(world)
    const until = new Date(AT + DAY).toISOString()
    await post('/v1/jobs/global-market/pause', { until, reason: 'x' })

    const { body } = await post(RUNS)
    await deliver()

    expect(await world.store.runs.get('global-market', body.run_id)).toMatchObject({ status: 'succeeded' })
  })

  it('is rejected with the id of the run in progress', async () => {
    const world = ready()
    const { post } = operator(world)
    let running: Awaited<ReturnType<typeof post>> | undefined
    world.script(async () => {
      running = await post(RUNS)
      return { status: 200, body: globalBody() }
    })
    const { id } = await world.tick(AT)

    expect(running).toMatchObject({ status: 409, body: { detail: 'Job is already running', run_id: id } })
    expect(world.store.memory.audits).toEqual([])
  })

  it('is rejected for a job that is off, with the reason', async () => {
    const world = globalMarketWorld({ GLOBAL_STATS_ENABLED: 'false' })

    const answer = await operator(world).post(RUNS)

    expect(answer).toMatchObject({ status: 409 })
    expect(answer.body.detail).toMatch(/global-market is off: GLOBAL_STATS_ENABLED is false$/)
    expect(world.events).toEqual([])
  })

  it('that the bus rejects is audited as failed, and 503', async () => {
    const world = ready()
    const { post, audits } = operator(world, {
      bus: { publish: () => Promise.reject(new Error('bus down')) },
    })

    const answer = await post(RUNS)

    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(audits().map(({ action }) => action)).toEqual(['trigger', 'trigger-failed'])
  })
})

describe('a trigger of one key', () => {
  const [first = ''] = symbolNames(1)

  it('refreshes that key alone, while the whole job runs', async () => {
    const world = pricesWorld('items', symbolNames(3), AT)
    const { post, deliver } = operator(world)
    world.script(async ({ url }) => ({ status: 200, body: priceBody(url, 1, AT) }))
    await world.store.states.acquire('prices-items', { kind: 'job' }, { owner: 'x', until: AT + DAY }, AT)

    const { status, body } = await post('/v1/jobs/prices-items/runs', { key: first })
    await deliver()

    expect(status).toBe(202)
    expect(await world.store.runs.get('prices-items', body.run_id)).toMatchObject({
      key: first,
      status: 'succeeded',
      counts: { planned: 1, published: 1 },
    })
  })

  it.each(['btc', '', 'A'.repeat(21), '../S000', 'S0\ud83d', 'S000\n'])(
    'is refused where no route of the job reads it: %j (F44)',
    async (key) => {
      const world = pricesWorld('items', symbolNames(3), AT)

      const answer = await operator(world).post('/v1/jobs/prices-items/runs', { key })

      expect(answer.status).toBe(400)
      expect(answer.body.detail).toMatch(/^key: expected/)
      expect(world.events).toEqual([])
    },
  )

  it('is rejected for a snapshot, which is one set', async () => {
    const world = pricesWorld('snapshot', symbolNames(3), AT)

    const answer = await operator(world).post('/v1/jobs/prices-snapshot/runs', { key: first })

    expect(answer.status).toBe(400)
    expect(answer.body.detail).toMatch(/stored as one set; got "S000"$/)
  })
})

describe('a trigger under an Idempotency-Key', () => {
  it('is the same run for a day, with one event (I9)', async () => {
    const world = ready()
    const { post, audits } = operator(world)

    const one = await post(RUNS, undefined, keyed('k1'))
    const two = await post(RUNS, {}, keyed('k1'))
    world.clock.advance(DAY)
    const next = await post(RUNS, undefined, keyed('k1'))

    expect([one.status, two.status, next.status]).toEqual([202, 202, 202])
    expect(two.body.run_id).toBe(one.body.run_id)
    expect(next.body.run_id).not.toBe(one.body.run_id)
    expect(world.events).toHaveLength(2)
    expect(audits()).toHaveLength(2)
  })

  it('has one entry of the request in the audit, also when it was repeated after a failure', async () => {
    const world = ready()
    const failing = operator(world, { bus: { publish: () => Promise.reject(new Error('down')) } })
    const { post, audits } = operator(world)

    const failed = await failing.post(RUNS, undefined, keyed('k1'))
    world.clock.advance(6_000)
    const again = await post(RUNS, undefined, keyed('k1'))

    expect([failed.status, again.status]).toEqual([503, 202])
    expect(audits().map(({ action }) => action)).toEqual(['trigger', 'trigger-failed'])
  })

  it('is the same run while that run is in progress', async () => {
    const world = ready()
    const { post, deliver } = operator(world)
    const one = await post(RUNS, undefined, keyed('k1'))
    let two: typeof one | undefined
    world.script(async () => {
      two = await post(RUNS, undefined, keyed('k1'))
      return { status: 200, body: globalBody() }
    })
    await deliver()

    expect(two).toMatchObject({ status: 202, body: { run_id: one.body.run_id } })
  })

  it('is rejected for another body', async () => {
    const world = ready()
    const { post } = operator(world)
    await post(RUNS, { reason: 'one' }, keyed('k1'))

    const answer = await post(RUNS, { reason: 'two' }, keyed('k1'))

    expect(answer).toMatchObject({ status: 422, body: { title: 'Unprocessable Content' } })
    expect(world.events).toHaveLength(1)
  })

  it.each([
    ['', 0],
    ['x'.repeat(129), 129],
    ['with space', 10],
    ['ü', 1],
  ])('is rejected for the key %j', async (key, length) => {
    const answer = await operator(ready()).post(RUNS, undefined, keyed(key))

    expect(answer.status).toBe(400)
    expect(answer.body.detail).toBe(
      `Idempotency-Key: expected 1 to 128 visible ASCII characters, got ${length} others`,
    )
  })

  it('of two requests at once is one run and one event; the other gets Retry-After', async () => {
    const world = ready()
    const { post } = operator(world)

    const answers = await Promise.all([1, 2].map(() => post(RUNS, undefined, keyed('k1'))))
    const later = await post(RUNS, undefined, keyed('k1'))

    const [won, lost] = answers.sort((a, b) => a.status - b.status)
    expect(won?.status).toBe(202)
    expect(lost).toMatchObject({ status: 409, body: { run_id: won?.body.run_id } })
    expect(lost?.headers['retry-after']).toBe('5')
    expect(later).toMatchObject({ status: 202, body: { run_id: won?.body.run_id } })
    expect(world.events).toHaveLength(1)
  })

  it('whose process died before the event was published is published by a repetition, some seconds later', async () => {
    const world = ready()
    const never = () => new Promise<never>(() => {})
    void operator(world, { bus: { publish: never } }).post(RUNS, undefined, keyed('k1'))
    await new Promise(setImmediate)
    const { post, deliver } = operator(world)

    const soon = await post(RUNS, undefined, keyed('k1'))
    world.clock.advance(5 * SECOND)
    const later = await post(RUNS, undefined, keyed('k1'))
    await deliver()

    expect(soon.status).toBe(409)
    expect(later).toMatchObject({ status: 202, body: { run_id: soon.body.run_id } })
    expect(await world.store.runs.get('global-market', later.body.run_id)).toMatchObject({
      status: 'succeeded',
    })
  })

  it('whose mark was lost after the event was published is still the same run', async () => {
    const world = ready()
    let writes = 0
    const triggers: typeof world.store.operatorClaims = {
      ...world.store.operatorClaims,
      replace: (...all) =>
        ++writes === 2 ? Promise.reject(new Error('throttled')) : world.store.operatorClaims.replace(...all),
    }
    const { post, deliver } = operator(world, { store: { ...world.store, operatorClaims: triggers } })

    const one = await post(RUNS, undefined, keyed('k1'))
    await deliver()
    const two = await post(RUNS, undefined, keyed('k1'))

    expect([one.status, two.status]).toEqual([202, 202])
    expect(two.body.run_id).toBe(one.body.run_id)
    expect(world.calls).toHaveLength(1)
    expect(world.events.filter(({ type }) => type === 'refresh.requested')).toEqual([])
    expect(world.lines).toContainEqual(expect.objectContaining({ level: 'WARN', run_id: one.body.run_id }))
  })
})
