import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SHORT_TTL_SETTINGS, STATS_PATH, startAndWait } from '#test/support/process/local-process.ts'
import { fixedResponse, goodReading, scriptedUpstream } from '#test/support/process/scripted-upstream.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const JOB = { path: { id: 'global-market' } }
const LIVE = 'GET /v1/live/api/v1/currencies/global-market-stats'
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString()

test('an operator reads why data are old, pauses with a reason, and continues after a restart; each change is in the audit', async ({
  onTestFinished: atEnd,
}) => {
  const upstream = await scriptedUpstream(atEnd)
  const settings = {
    FRESHET_DATA: await temporaryDirectory(atEnd),
    ...upstream.setting,
    ...SHORT_TTL_SETTINGS,
  }
  const system = await startAndWait(settings, atEnd)
  const first = await system.operator()
  await system.waitForLine(/global-market {2}succeeded/)

  // the upstream breaks, and the operator asks why the data are old
  upstream.respondWith(fixedResponse(500, 'text/plain', 'Oops'))
  await sleep(1_100)
  const triggered = await first.post('/admin/jobs/trigger/{id}', { path: { id: 'global_market' } })
  await system.waitForLine(/global-market {2}failed/)
  const { body: listed } = await first.get('/v1/jobs')
  const { body: failed } = await first.get('/v1/runs/{id}', { path: { id: triggered.body.run_id } })
  expect(triggered).toMatchObject({ status: 202, body: { success: true, job: 'global-market' } })
  expect(listed.jobs.find(({ id }) => id === 'global-market')).toMatchObject({
    state: 'overdue',
    last_run: { outcome: 'failed' },
  })
  expect(failed).toMatchObject({
    run_id: triggered.body.run_id,
    outcome: 'failed',
    reason: 'upstream-fault',
    message: expect.stringContaining('Oops'),
  })

  // without the token nothing can be changed
  const pause = { ...JOB, body: { until: TOMORROW, reason: 'the provider moves' } }
  const stranger = await system.reader.request('POST /v1/jobs/{id}/pause', pause)
  expect(stranger.status).toBe(401)
  expect((await first.get('/v1/jobs/{id}', JOB)).body.control.pause).toBeNull()

  // a pause with a reason outlives a restart
  await first.post('/v1/jobs/{id}/pause', pause)
  expect(await system.health()).toMatchObject({ status: 'paused', overdue_seconds: 0 })
  await system.kill()
  const again = await startAndWait(settings, atEnd)
  const second = await again.operator()
  expect((await second.get('/v1/jobs/{id}', JOB)).body).toMatchObject({
    state: 'paused',
    control: { pause: { reason: 'the provider moves', by: 'operator' } },
  })

  const scheduled = await second.get('/api/v1/admin/scheduler/jobs')
  expect(scheduled.body.jobs.find(({ id }) => id === 'global-market')).toMatchObject({
    status: 'paused',
    next_run_time: null,
  })

  // resumed, triggered, watched to its end, and taken back
  upstream.respondWith(goodReading({ cap: 3_900_000_000_000 }))
  await second.post('/api/v1/admin/scheduler/jobs/{id}/resume', { path: { id: 'global_market' } })
  const { body: run } = await second.post('/v1/jobs/{id}/runs', JOB)
  await again.waitForLine(/global-market {2}succeeded/)
  const ended = await second.get('/v1/runs/{id}', { path: { id: run.run_id } })
  const invalidated = await second.post('/v1/jobs/{id}/invalidate', { ...JOB, body: { all: true } })
  const cleared = await second.post('/admin/cache/clear', { body: { confirm: 'clear' } })
  expect(ended.body).toMatchObject({ outcome: 'succeeded' })
  expect(invalidated.body).toMatchObject({ invalidated: 1 })
  expect(cleared.body).toMatchObject({ invalidated: { 'global-market': 1 } })

  const { body: audit } = await second.get('/v1/audit', { query: { job: 'global-market' } })
  expect(audit.entries.map(({ action, actor }) => `${action} ${actor}`)).toEqual(
    ['invalidate', 'invalidate', 'trigger', 'resume', 'pause', 'trigger'].map(
      (action) => `${action} operator`,
    ),
  )
})

test('an operator reads live what the provider answers, while readers get the stored value', async ({
  onTestFinished: atEnd,
}) => {
  const upstream = await scriptedUpstream(atEnd)
  const settings = {
    FRESHET_DATA: await temporaryDirectory(atEnd),
    ...upstream.setting,
    ...SHORT_TTL_SETTINGS,
  }
  const system = await startAndWait(settings, atEnd)
  const operator = await system.operator()
  await system.waitForLine(/global-market {2}succeeded/)
  upstream.respondWith(goodReading({ cap: 4_100_000_000_000 }))
  await sleep(1_100)

  const refused = await system.request(`${STATS_PATH}?force_refresh=true`)
  const stranger = await system.reader.request(LIVE)
  const live = await operator.get('/v1/live/api/v1/currencies/global-market-stats')
  const read = await system.reader.get(STATS_PATH)
  upstream.respondWith(fixedResponse(500, 'text/plain', 'Oops'))
  await sleep(1_100)
  const failed = await operator.request(LIVE)

  expect([refused.status, JSON.parse(refused.body.toString()).error.message]).toEqual([
    403,
    `Live reads are for operators, at /v1/live${STATS_PATH}`,
  ])
  expect(stranger.status).toBe(401)
  expect(live.headers).toMatchObject({ 'x-cache': 'BYPASS', 'cache-control': 'no-store', age: '0' })
  expect(live.body.data.total_market_cap_usd).toBe('4100000000000')
  expect(read.body).toEqual(live.body)
  expect(failed).toMatchObject({
    status: 503,
    body: { success: false, error: { message: expect.stringMatching(/ended failed \(upstream-fault: /) } },
  })
})
