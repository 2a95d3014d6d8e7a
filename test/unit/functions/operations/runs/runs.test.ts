import { describe, expect, it } from 'vitest'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { AT, globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { sampleRun } from '#test/fakes/store/samples.ts'
import { operator } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
const ID = 'global-market-20251011T073300Z'

async function published() {
  const world = globalMarketWorld()
  world.script(() => ({ status: 200, body: globalBody() }))
  await world.tick(TICK)
  return world
}

/** So many ticks before the documented one, each with the outcome that `statusOf` gives. */
async function withHistory(count: number, statusOf: (index: number) => RunRecord['status']) {
  const world = globalMarketWorld()
  for (let index = 0; index < count; index += 1) {
    const tick = TICK - index * MINUTE
    const id = `global-market-${new Date(tick).toISOString().replaceAll(/[-:]|\.000/g, '')}`
    const record = { id, job: 'global-market', tick, startedAt: tick, leaseUntil: tick + MINUTE }
    await world.store.runs.open(sampleRun({ ...record, status: statusOf(index) }))
  }
  return world
}

describe('a run in the API', () => {
  it('has outcome, times, counts and the number of deliveries', async () => {
    const world = await published()
    await world.tick(TICK)

    const { status, body } = await operator(world).get(`/v1/runs/${ID}`)

    expect(status).toBe(200)
    expect(body).toEqual({
      run_id: ID,
      job: 'global-market',
      cause: 'tick',
      tick: '2025-10-11T07:33:00.000Z',
      key: null,
      outcome: 'succeeded',
      input: null,
      is_lease_expired: false,
      reason: null,
      message: null,
      started_at: '2025-10-11T07:40:48.000Z',
      ended_at: '2025-10-11T07:40:48.000Z',
      duration_seconds: 0,
      counts: { planned: 1, published: 1, unchanged: 0, superseded: 0, failed: 0 },
      progress: null,
      lost: null,
      attempts: 1,
      duplicates: 1,
    })
  })

  it('that is running after its lease has expired is marked', async () => {
    const world = globalMarketWorld()
    const record = { id: ID, job: 'global-market', tick: TICK, startedAt: TICK, leaseUntil: AT }
    await world.store.runs.open(sampleRun(record))
    const { get } = operator(world)

    const run = await get(`/v1/runs/${ID}`)
    const log = await get(`/admin/jobs/runs/${ID}`)

    const message = /^the lease expired at 2025-10-11T07:40:48.000Z without an outcome/
    expect(run.body).toMatchObject({ outcome: 'running', is_lease_expired: true, ended_at: null })
    expect(run.body.message).toMatch(message)
    expect(log.body).toMatchObject({ status: 'running', end_time: null, duration: null })
    expect(log.body.error).toMatch(message)
  })

  it('has the documented format at its documented path', async () => {
    const { get } = operator(await published())

    const { body } = await get(`/admin/jobs/runs/${ID}`)
    const list = await get('/admin/jobs/global_market/runs')

    expect(body).toEqual({
      run_id: ID,
      job_name: 'global-market',
      scheduled_time: '2025-10-11T07:33:00Z',
      start_time: '2025-10-11T07:40:48Z',
      end_time: '2025-10-11T07:40:48Z',
      status: 'success',
      error: null,
      metrics: { symbols_count: 1, success_count: 1, failed_count: 0, skipped_count: 0 },
      duration: 0,
    })
    expect(list.body.runs).toEqual([body])
  })

  it.each([
    ['failed', 'timeout', 'timed_out', 'timeout: m'],
    ['failed', 'auth', 'failed', 'auth: m'],
    ['skipped', 'paused', 'skipped', 'paused: m'],
    ['abandoned', undefined, 'failed', 'abandoned: m'],
    ['unchanged', undefined, 'success', null],
  ] as const)('that is %s (%s) is %s in the job log', async (status, reason, documented, error) => {
    const world = globalMarketWorld()
    const record = { id: ID, job: 'global-market', tick: TICK, endedAt: AT, message: 'm' }
    await world.store.runs.open(sampleRun({ ...record, status, ...(reason ? { reason } : {}) }))

    const { body } = await operator(world).get(`/admin/jobs/runs/${ID}`)

    expect(body).toMatchObject({ status: documented, error })
  })

  it.each([
    'global-market-01JD8Y6W3V9S2K4N7Q0R5T1XZA',
    'global-market-20251011T073301Z',
    'weather-20251011T073300Z',
    'global-market-',
    '__proto__',
  ])('without a record is 404 with Retry-After: %s', async (id) => {
    const answer = await operator(await published()).get(`/v1/runs/${id}`)

    expect(answer).toMatchObject({ status: 404, headers: { 'retry-after': '1' } })
  })
})

describe('the runs of a job', () => {
  it('are listed newest first, by default twenty, within a span', async () => {
    const { get } = operator(await withHistory(50, () => 'succeeded'))

    const usual = await get('/v1/jobs/global-market/runs')
    const few = await get('/v1/jobs/global-market/runs?limit=2')
    const span = await get(
      '/v1/jobs/global-market/runs?from=2025-10-11T07:00:00Z&to=2025-10-11T07:02:00Z&limit=100',
    )

    expect(usual.body.runs).toHaveLength(20)
    expect(usual.body.runs[0].run_id).toBe(ID)
    expect(few.body.runs.map((run: { tick: string }) => run.tick)).toEqual([
      '2025-10-11T07:33:00.000Z',
      '2025-10-11T07:32:00.000Z',
    ])
    expect(span.body.runs).toHaveLength(3)
  })

  it('of one outcome are found behind hundreds of others', async () => {
    const { get } = operator(
      await withHistory(700, (index) => (index % 300 === 299 ? 'failed' : 'succeeded')),
    )

    const { body } = await get('/v1/jobs/global-market/runs?outcome=failed')

    expect(body.runs).toHaveLength(2)
    expect(body.searched_to).toBeUndefined()
  })

  it('of an outcome that never occurred: the search ends, with the time up to which it searched', async () => {
    const { get } = operator(await withHistory(2_500, () => 'succeeded'))

    const { body } = await get('/v1/jobs/global-market/runs?outcome=missed')

    expect(body.runs).toEqual([])
    expect(Date.parse(body.searched_to)).toBeLessThan(TICK - 1_900 * MINUTE)
  })

  it.each([
    ['limit=0', 'limit: expected a number of 1 to 100, got "0"'],
    ['limit=101', 'limit: expected a number of 1 to 100, got "101"'],
    ['limit=', 'limit: expected a number of 1 to 100, got ""'],
    ['from=yesterday', 'from: expected an ISO time in UTC, got "yesterday"'],
    ['from=1969-12-31T23:59:59Z', 'from: expected an ISO time in UTC, got "1969-12-31T23:59:59Z"'],
    ['to=2025-10-11', 'to: expected an ISO time in UTC, got "2025-10-11"'],
    [
      'from=2025-10-12T00:00:00Z&to=2025-10-11T00:00:00Z',
      'from: expected a time before 2025-10-11T00:00:00.000Z, got 2025-10-12T00:00:00.000Z',
    ],
    [
      'outcome=constructor',
      'outcome: expected one of running, succeeded, unchanged, partial, skipped, failed, abandoned, missed; got "constructor"',
    ],
    ['page=2', 'expected query parameters of limit, from, to, outcome only, got "page"'],
  ])('are rejected for %s, with expected and got', async (query, detail) => {
    const answer = await operator(globalMarketWorld()).get(`/v1/jobs/global-market/runs?${query}`)

    expect(answer).toMatchObject({ status: 400, body: { detail } })
  })
})
