import { describe, expect, test } from 'vitest'
import { fundingWorld } from '#test/fakes/jobs/funding-world.ts'

const HOUR = 3_600_000
const GET = '/latest-rates-async'
const POST = { method: 'POST', actor: 'ops' }

describe('a submission over HTTPS', () => {
  test('is answered at once with its task, and where it can be polled', async () => {
    const base = await fundingWorld()

    const first = await base.knock(GET)
    const second = await base.knock(GET)

    const { task_id } = first.body
    expect(first.headers).toEqual({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      location: `/funding_monitor/task-status/${task_id}`,
      'x-task': 'created',
    })
    expect([second.status, second.headers['x-task'], second.body.task_id]).toEqual([
      200,
      'coalesced',
      task_id,
    ])
    expect(base.machines.started).toHaveLength(1)
  })

  test.each([
    ['an unknown parameter', `${GET}?fast=true`, { method: 'GET' }, 'expected no parameter "fast"'],
    [
      'a parameter of a POST without any',
      '/refreshes?fast_mode=true',
      POST,
      'expected no parameter "fast_mode"',
    ],
  ])('with %s is refused: a misspelt one would be ignored', async (_what, path, sent, message) => {
    const base = await fundingWorld()

    const { status, body } = await base.knock(path, sent)

    expect([status, body.message]).toEqual([400, message])
    expect(base.machines.started).toEqual([])
  })

  test('by POST is 202, and takes its flags from the body', async () => {
    const base = await fundingWorld()
    await base.refreshed()

    const { status, body } = await base.knock('/refreshes', { ...POST, body: '{"cache_only":true}' })
    await base.machines.run(body.task_id.replace('latest_rates_', 'funding-rates-'))

    expect(status).toBe(202)
    expect((await base.polled(body.task_id)).result.mode).toBe('cache_only')
  })

  test.each([
    ['POST', GET],
    ['HEAD', GET],
    ['DELETE', GET],
    ['GET', '/refreshes'],
    ['PUT', '/refreshes'],
    ['GET', '/latest-rates'],
    ['GET', '/latest-rates-async/'],
  ])('is none by %s %s: no task', async (method, path) => {
    const base = await fundingWorld()

    const { status } = await base.knock(path, { method, actor: 'ops' })

    expect([404, 405]).toContain(status)
    expect(base.machines.started).toEqual([])
  })

  test.each<[string, number, string]>([
    ['is not JSON', 400, '{'],
    ['is no object', 400, '[]'],
    ['is null', 400, 'null'],
    ['is a text', 400, '"true"'],
    ['has an unknown member', 400, '{"force":true}'],
    ['has a member of the prototype', 400, '{"__proto__":{"fast_mode":true}}'],
    ['has a flag that is none', 400, '{"fast_mode":"yes"}'],
    ['has a flag that is null', 400, '{"fast_mode":null}'],
    ['is too large', 413, `{"fast_mode":true${' '.repeat(32 * 1_024)}}`],
  ])('whose body %s is refused with %i: no task, no entry in the audit', async (_, expected, body) => {
    const base = await fundingWorld()

    const answer = await base.knock('/refreshes', { ...POST, body })

    expect([answer.status, answer.body.status]).toEqual([expected, 'error'])
    expect(base.machines.started).toEqual([])
    expect(base.store.memory.audits).toEqual([])
  })

  test('may have a body as large as allowed', async () => {
    const base = await fundingWorld()
    const text = '{"fast_mode":true}'

    const { status } = await base.knock('/refreshes', { ...POST, body: text.padEnd(32 * 1_024) })

    expect(status).toBe(202)
  })
})

describe('an Idempotency-Key', () => {
  test.each(['', 'x'.repeat(129), 'two words', 'tab\there', 'ключ', 'nul\u0000'])(
    'like %j is refused with 400: no task',
    async (key) => {
      const base = await fundingWorld()

      const { status, body } = await base.knock(GET, { headers: { 'idempotency-key': key } })

      expect([status, body.status]).toEqual([400, 'error'])
      expect(base.machines.started).toEqual([])
    },
  )

  test('that comes again is the same task for a day, also by another path and after its end (F60)', async () => {
    const base = await fundingWorld()
    const headers = { 'idempotency-key': 'x'.repeat(128) }

    const first = await base.knock('/refreshes', { ...POST, headers })
    await base.machines.run(first.body.task_id.replace('latest_rates_', 'funding-rates-'))
    base.clock.advance(Math.ceil(base.clock.now()) - base.clock.now() + HOUR)
    const again = await base.knock('/refreshes', { ...POST, headers, body: '{"fast_mode":false}' })
    const byGet = await base.knock(GET, { headers })
    base.clock.advance(24 * HOUR)
    const later = await base.knock('/refreshes', { ...POST, headers })

    expect(again).toMatchObject({ status: 202, body: { task_id: first.body.task_id } })
    expect(byGet).toMatchObject({ status: 200, body: { task_id: first.body.task_id } })
    expect(again.headers['x-task']).toBe('coalesced')
    expect(later.body.task_id).not.toBe(first.body.task_id)
    expect(base.machines.started).toHaveLength(2)
  })

  test('that comes again with other parameters is 422 and starts nothing (F61)', async () => {
    const base = await fundingWorld()
    const headers = { 'idempotency-key': 'k' }

    await base.knock(GET, { headers })
    const other = await base.knock(`${GET}?fast_mode=true`, { headers })

    expect([other.status, other.body.status]).toEqual([422, 'error'])
    expect(base.machines.started).toHaveLength(1)
  })
})

describe('a submission of an operator', () => {
  test('is refused with 401 without an authenticated operator: no task', async () => {
    const base = await fundingWorld()

    const { status } = await base.knock('/refreshes', { method: 'POST' })

    expect(status).toBe(401)
    expect([base.machines.started, base.store.memory.audits]).toEqual([[], []])
  })

  test('stands in the audit before its task is recorded; one of anybody does not', async () => {
    const auditCounts: number[] = []
    const base = await fundingWorld({
      machines: {
        start: async () => {
          auditCounts.push(base.store.memory.audits.length)
        },
      },
    })
    await base.knock(`${GET}?cache_only=true`, { actor: 'ops' })

    await base.knock('/refreshes', { ...POST, body: '{"fast_mode":true}' })

    expect(auditCounts).toEqual([0, 1])
    expect(base.store.memory.audits).toMatchObject([
      {
        actor: 'ops',
        action: 'submit',
        subject: 'job:funding-rates',
        after: '{"fast_mode":true,"cache_only":false}',
      },
    ])
  })

  test('that is repeated under one Idempotency-Key has one entry in the audit, however often it is sent', async () => {
    const base = await fundingWorld()
    const headers = { 'idempotency-key': 'k' }
    const send = () => base.knock('/refreshes', { ...POST, headers })

    const crowd = await Promise.all([send(), send(), send()])
    const later = await send()

    expect(new Set([...crowd, later].map(({ body }) => body.task_id)).size).toBe(1)
    expect(base.store.memory.audits.map(({ action }) => action)).toEqual(['submit'])
  })

  test('is audited before its task is recorded also under an Idempotency-Key', async () => {
    const auditCounts: number[] = []
    const start = async () => void auditCounts.push(base.store.memory.audits.length)
    const base = await fundingWorld({ machines: { start } })

    await base.knock('/refreshes', { ...POST, headers: { 'idempotency-key': 'k' } })

    expect(auditCounts).toEqual([1])
  })

  test('that comes to nothing has a second entry that says so', async () => {
    const base = await fundingWorld({ machines: { start: () => Promise.reject(new Error('no machine')) } })

    const { status } = await base.knock('/refreshes', POST)

    expect(status).toBe(503)
    expect(base.store.memory.audits.map(({ action, after }) => [action, after])).toEqual([
      ['submit', '{"fast_mode":false,"cache_only":false}'],
      ['submit-failed', '{"error":"unstarted"}'],
    ])
  })

  test('by GET is asked for where the setting demands it', async () => {
    const base = await fundingWorld({ settings: { FUNDING_ASYNC_SUBMIT_AUTH: 'operator' } })

    const anonymous = await base.knock(GET)
    const operator = await base.knock(GET, { actor: 'ops' })

    expect([anonymous.status, operator.status]).toEqual([401, 200])
  })
})

describe('a task whose machine cannot be started', () => {
  test('is 503 with Retry-After, and has failed at once: never pending (F63)', async () => {
    const base = await fundingWorld({ machines: { start: () => Promise.reject(new Error('throttled')) } })

    const { status, headers, body } = await base.knock(GET)
    const [run] = [...base.store.memory.runs.values()].filter(({ task }) => task !== undefined)

    expect([status, headers['retry-after'], body.status]).toEqual([503, '30', 'error'])
    expect(run).toMatchObject({ status: 'failed', reason: 'start' })
    expect(JSON.stringify(body)).not.toContain('throttled')
    expect(await base.polled(`latest_rates_${run?.id.slice('funding-rates-'.length)}`)).toMatchObject({
      state: 'FAILED',
      error: 'the refresh could not be started',
    })
  })
})
