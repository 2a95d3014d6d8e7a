import { ulid } from 'ulid'
import { describe, expect, it } from 'vitest'
import { AT, globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { operator } from '#test/fakes/world/clients.ts'

const DAY = 86_400_000
const JOB = '/v1/jobs/global-market'
const PAUSE = `${JOB}/pause`
const NO_CONTROL = { pause: null, skip: null, overrides: null }

describe('the audit', () => {
  it('lists changes newest first, with the state before and after as the API shows it', async () => {
    const world = globalMarketWorld()
    const { get, post } = operator(world)
    const until = new Date(AT + DAY).toISOString()
    await post(PAUSE, { until, reason: 'one' }, { actor: 'arn:aws:iam::1:user/a' })
    world.clock.advance(1)
    await post(`${JOB}/resume`, { reason: 'two' }, { actor: 'arn:aws:iam::1:user/b' })

    const { status, body } = await get('/v1/audit')

    const paused = { ...NO_CONTROL, pause: { until, reason: 'one', by: 'arn:aws:iam::1:user/a' } }
    expect(status).toBe(200)
    expect(body.entries).toEqual([
      {
        id: expect.any(String),
        at: new Date(AT + 1).toISOString(),
        actor: 'arn:aws:iam::1:user/b',
        action: 'resume',
        subject: 'job:global-market',
        reason: 'two',
        before: paused,
        after: NO_CONTROL,
      },
      expect.objectContaining({ action: 'pause', reason: 'one', before: NO_CONTROL, after: paused }),
    ])
  })

  it('covers 30 days by default, without rejected requests', async () => {
    const world = globalMarketWorld()
    const { get, post } = operator(world)
    const until = () => new Date(world.clock.now() + DAY).toISOString()
    await post(PAUSE, { until: until(), reason: 'one' })
    world.clock.advance(31 * DAY)
    await post(PAUSE, { until: until(), reason: 'two' })
    await post(PAUSE, { until: until() })

    const recent = await get('/v1/audit')
    const all = await get('/v1/audit?from=1970-01-01T00:00:00Z')
    const newest = await get('/v1/audit?from=1970-01-01T00:00:00Z&limit=1')
    const future = await get('/v1/audit?from=2199-01-01T00:00:00Z&to=2199-01-02T00:00:00Z')

    const counts = [recent, all, newest, future].map(({ body }) => body.entries.length)
    expect(counts).toEqual([1, 2, 1, 0])
  })
})

describe('the reason of a change', () => {
  it.each([
    ['POST', `${JOB}/resume`, {}],
    ['PUT', `${JOB}/overrides`, { every: '10 minutes' }],
    ['POST', `${JOB}/invalidate`, { all: true }],
    ['POST', `${JOB}/purge`, { all: true, confirm: 'global-market' }],
    ['POST', `${JOB}/runs`, {}],
  ])('of %s %s is in its entry, and may be left out', async (method, path, change) => {
    const world = globalMarketWorld()
    const { get, post, ask } = operator(world)
    await post(PAUSE, { until: new Date(AT + DAY).toISOString(), reason: 'one' })
    world.clock.advance(1)

    const answer = await ask(method, path, { body: JSON.stringify({ ...change, reason: 'in words' }) })
    const [entry] = (await get('/v1/audit')).body.entries
    const without = await ask(method, path, { body: JSON.stringify(change) })

    expect([answer.status < 300, without.status < 300]).toEqual([true, true])
    expect(entry.reason).toBe('in words')
  })
})

describe('the audit of one job', () => {
  /** A world with `count` entries of another subject between two of the job, one millisecond apart. */
  function worldWith(count: number, subject = 'job:global-market-two') {
    const world = globalMarketWorld()
    const append = (at: number, entry: { action: string; subject: string }) =>
      world.store.audits.append({ id: ulid(at, () => 0.5), at, actor: 'operator', ...entry })
    const fill = async () => {
      await append(AT - count - 1, { action: 'first', subject: 'run:global-market-20251011T074000Z' })
      for (let index = count; index > 0; index -= 1) await append(AT - index, { action: 'other', subject })
      await append(AT, { action: 'last', subject: 'job:global-market' })
    }
    return { world, fill }
  }

  it.each(['job:global-market-two', 'run:global-market-two-20251011T074000Z', 'upstream:global-market'])(
    'has its changes and those of its runs, not those of %s',
    async (subject) => {
      const { world, fill } = worldWith(3, subject)
      await fill()

      const { status, body } = await operator(world).get('/v1/audit?job=global-market')

      expect(status).toBe(200)
      expect(body.entries.map(({ action }: { action: string }) => action)).toEqual(['last', 'first'])
    },
  )

  it('finds entries behind many others, up to the limit', async () => {
    const { world, fill } = worldWith(450)
    await fill()
    const { get } = operator(world)

    const all = await get('/v1/audit?job=global-market')
    const newest = await get('/v1/audit?job=global-market&limit=1')

    expect([all, newest].map(({ body }) => body.entries.length)).toEqual([2, 1])
    expect(all.body).not.toHaveProperty('searched_to')
  })

  it('names the time up to which it was searched when it has too many other entries', async () => {
    const { world, fill } = worldWith(2_500)
    await fill()

    const { body } = await operator(world).get('/v1/audit?job=global-market')

    expect(body.entries).toHaveLength(1)
    expect(Date.parse(body.searched_to)).toBeGreaterThan(AT - 2_500)
    expect(Date.parse(body.searched_to)).toBeLessThan(AT - 1_900)
  })

  it('is 404 for an unknown job, with the available ones', async () => {
    const response = await operator(globalMarketWorld()).get('/v1/audit?job=weather')

    expect(response).toMatchObject({
      status: 404,
      body: { detail: 'No job is named "weather"', available: ['global-market'] },
    })
  })
})

describe('the log', () => {
  it('has one line for each accepted change, with action, job and operator but no reason', async () => {
    const world = globalMarketWorld()
    const { post } = operator(world)
    const until = '2025-12-01T00:00:00.000Z'
    await post(PAUSE, { until, reason: 'secret plans' })
    await post(`${JOB}/resume`)
    await post(`${JOB}/resume`)
    await post(`${JOB}/invalidate`, { all: true })
    await post(`${JOB}/purge`, { all: true, confirm: 'global-market' })
    const { body } = await post(`${JOB}/runs`, { reason: 'secret plans' })

    const fields = { level: 'INFO', job: 'global-market', actor: 'operator' }
    expect(world.lines).toEqual([
      { ...fields, action: 'pause', message: `Job paused until ${until}` },
      { ...fields, action: 'resume', message: 'Job resumed' },
      { ...fields, action: 'invalidate', message: '0 stored values marked as stale' },
      {
        ...fields,
        action: 'purge',
        message: '0 stored values and 0 rows of history deleted, with rejected bodies of 0 keys',
      },
      { ...fields, action: 'trigger', message: `Run ${body.run_id} requested` },
    ])
  })

  it('has no line for a change that failed or was rejected, except the error', async () => {
    const world = globalMarketWorld()
    const bus = { publish: () => Promise.reject(new Error('throttled')) }
    const { post } = operator(world, { bus })

    const failed = await post(`${JOB}/runs`)
    const rejected = await post(`${JOB}/purge`, { all: true })

    expect([failed.status, rejected.status]).toEqual([503, 400])
    expect(failed.body.detail).toMatch(/^The trigger failed .* read the state of job:global-market\. /)
    expect(world.lines).toEqual([
      expect.objectContaining({ level: 'ERROR', action: 'trigger', job: 'global-market' }),
    ])
  })
})
