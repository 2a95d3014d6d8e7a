import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { operatorViews } from '#functions/jobs/funding-rates/operator-views.ts'
import { schemas } from '#functions/jobs/funding-rates/schema.ts'
import { fundingWorld, regionBlockedReply, taskId } from '#test/fakes/jobs/funding-world.ts'
import { operator } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
const PREFIX = '/funding_monitor'

const failure = z.strictObject({
  status: z.literal('error'),
  message: z.string().min(1),
  timestamp: z.iso.datetime(),
})

type Path = keyof typeof schemas

/** A world in which every route has something to say: a contract has left the pool, and another venue was tried. */
async function served() {
  const base = await fundingWorld({ settings: { MAX_POOL_SIZE: '4' } })
  await base.refreshed()
  const members = (await base.ask('/pool')).body.contracts.map(({ symbol }: { symbol: string }) => symbol)
  base.clock.advance(10 * MINUTE)
  base.venue('binance', () => regionBlockedReply)
  const task = await base.refreshed()
  return { ...base, symbol: members[0] as string, task }
}

describe('the documented bodies', () => {
  test.each<[Path, (ids: { symbol: string; task: string }) => string]>([
    [`${PREFIX}/task-status/{task_id}`, ({ task }) => `/task-status/${task}?page=1`],
    [`${PREFIX}/latest-rates`, () => '/latest-rates'],
    [`${PREFIX}/latest-rates`, () => '/latest-rates?fast_mode=1'],
    [`${PREFIX}/pool`, () => '/pool'],
    [`${PREFIX}/contracts-by-interval/{interval}`, () => '/contracts-by-interval/8h'],
    [`${PREFIX}/cache-status`, () => '/cache-status'],
    [`${PREFIX}/history/{symbol}`, ({ symbol }) => `/history/${symbol}`],
    [`${PREFIX}/history/{symbol}`, ({ symbol }) => `/history/${symbol}?days=90`],
    [`${PREFIX}/archive/sessions/{symbol}`, ({ symbol }) => `/archive/sessions/${symbol}`],
    [`${PREFIX}/health`, () => '/health'],
    [`${PREFIX}/task-stats`, () => '/task-stats'],
  ])('are those of the schema at %s', async (path, target) => {
    const base = await served()

    const { status, body } = await base.ask(target(base))

    expect(status).toBe(200)
    expect(schemas[path]?.safeParse(body)).toMatchObject({ success: true })
  })

  test.each(['running', 'failed', 'completed', 'cancelled'])(
    'are those of the schema of a task that is %s',
    async (how) => {
      const base = await fundingWorld()
      if (how === 'failed')
        for (const venue of ['binance', 'bybit', 'okx'] as const) base.venue(venue, () => regionBlockedReply)
      const run = await base.submitted()
      if (how === 'failed' || how === 'completed') await base.machines.run(run)
      if (how === 'cancelled') await operator(base).post(`${PREFIX}/tasks/${taskId(run)}/cancel`)

      const { status, headers, body } = await base.ask(`/task-status/${taskId(run)}`)

      const parsed = schemas[`${PREFIX}/task-status/{task_id}`]?.safeParse(body)
      expect([status, parsed?.success]).toEqual([200, true])
      expect(body.task_status.status).toBe(how === 'cancelled' ? 'failed' : how)
      expect([headers['cache-control'], headers['retry-after']]).toEqual([
        'no-store',
        how === 'running' ? '2' : undefined,
      ])
    },
  )

  test('are those of the schema of a submission, by GET and by POST', async () => {
    const base = await fundingWorld()

    const got = await base.knock('/latest-rates-async?fast_mode=false&cache_only=false')
    const posted = await base.knock('/refreshes', { method: 'POST', actor: 'ops', body: '{}' })

    expect([got.status, posted.status]).toEqual([200, 202])
    for (const [path, { body }] of [
      ['latest-rates-async', got],
      ['refreshes', posted],
    ] as const)
      expect(schemas[`${PREFIX}/${path}`]?.safeParse(body)).toMatchObject({ success: true })
    expect(got.body).toMatchObject({
      status: 'success',
      message: 'Task submitted, running in the background',
      task_id: expect.stringMatching(/^latest_rates_[0-9A-HJKMNP-TV-Z]{26}$/),
      timestamp: '2026-11-20T15:04:06Z',
      note: 'Asynchronous mode, poll task-status for the result',
    })
  })

  test('of the settings are those of the schema', async () => {
    const { job } = await fundingWorld({ settings: { MAX_POOL_SIZE: '7', EXCHANGES: 'okx,bybit' } })
    const request = { parameters: {}, query: {}, body: undefined, now: 0 }

    const shaped = await operatorViews.config(request, { job } as never)

    const body = shaped.kind === 'now' ? shaped.body : undefined
    expect(schemas[`${PREFIX}/config`]?.safeParse(body)).toMatchObject({ success: true })
    expect(body).toMatchObject({
      config: {
        max_pool_size: 7,
        exchanges: ['okx', 'bybit'],
        task_deadline_seconds: 120,
        check_interval_seconds: 600,
      },
    })
  })
})

describe('the documented failures', () => {
  test.each([
    [404, '/task-status/latest_rates_01JD8Y6W3V9S2K4N7Q0R5T1XZA'],
    [404, '/history/NOPEUSDT'],
    [404, '/archive/sessions/NOPEUSDT'],
    [404, '/contracts-by-interval/25h'],
    [404, '/contracts-by-interval/23h'],
    [404, '/contracts-by-interval/0h'],
    [404, '/contracts-by-interval/08h'],
    [404, '/contracts-by-interval/eight'],
    [400, '/history/BTCUSDT?days=0'],
    [400, '/history/BTCUSDT?days=91'],
    [400, '/history/BTCUSDT?days=7.5'],
    [400, '/history/BTCUSDT?days='],
    [400, '/latest-rates?fast_mode=maybe'],
    [400, '/latest-rates?fast_mode=TRUE'],
    [400, '/task-status/latest_rates_01JD8Y6W3V9S2K4N7Q0R5T1XZA?page=0'],
    [400, '/task-status/latest_rates_01JD8Y6W3V9S2K4N7Q0R5T1XZA?page=-1'],
    [400, '/task-status/latest_rates_01JD8Y6W3V9S2K4N7Q0R5T1XZA?page=two'],
  ])('are %i at %s, in their envelope', async (status, target) => {
    const base = await fundingWorld()
    await base.refreshed()

    const answer = await base.ask(target)

    expect(answer.status).toBe(status)
    expect(failure.safeParse(answer.body).error).toBeUndefined()
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test.each(['fast_mode=maybe', 'cache_only=2', 'fast_mode=', 'fast_mode=true,false', 'cache_only=null'])(
    'are 400 for a submission with %s, and no task',
    async (query) => {
      const base = await fundingWorld()

      const { status, body } = await base.knock(`/latest-rates-async?${query}`)

      expect([status, failure.safeParse(body).error]).toEqual([400, undefined])
      expect(base.machines.started).toEqual([])
    },
  )

  test('are 422 for a key that stands for other parameters, 404 and 409 for what cannot be cancelled', async () => {
    const base = await fundingWorld()
    const headers = { 'idempotency-key': 'k1' }
    const { post, audits } = operator(base)
    await base.knock('/latest-rates-async', { headers })
    const other = await base.knock('/latest-rates-async?cache_only=true', { headers })
    const id = await base.refreshed()

    const again = await post(`${PREFIX}/tasks/${id}/cancel`)
    const unknown = await post(`${PREFIX}/tasks/latest_rates_01JD8Y6W3V9S2K4N7Q0R5T1XZA/cancel`)
    const anonymous = await post(`${PREFIX}/tasks/${id}/cancel`, undefined, { actor: undefined })

    expect([other.status, failure.safeParse(other.body).error]).toEqual([422, undefined])
    expect([again.status, unknown.status, anonymous.status]).toEqual([409, 404, 401])
    expect((await base.polled(id)).state).toBe('SUCCEEDED')
    expect(audits().map(({ action }) => action)).not.toContain('submit')
  })

  test('are all that a cancelled task leaves: it publishes nothing, and another may begin (F67)', async () => {
    let cancel = async () => {}
    const base = await fundingWorld({
      fate: async ({ step }) => {
        if (step === 'finish') await cancel()
        return 'pass' as const
      },
    })
    const run = await base.submitted()
    cancel = async () => {
      cancel = async () => {}
      await operator(base).post(`${PREFIX}/tasks/${taskId(run)}/cancel`)
    }

    await base.machines.run(run)
    const cancelled = await base.polled(taskId(run))
    const next = await base.refreshed()

    expect(cancelled).toMatchObject({
      status: 'failed',
      state: 'CANCELLED',
      error: 'the refresh was cancelled',
    })
    expect((await base.polled(next)).state).toBe('SUCCEEDED')
    expect(base.head()?.runId).toBe(next.replace('latest_rates_', 'funding-rates-'))
  })
})
