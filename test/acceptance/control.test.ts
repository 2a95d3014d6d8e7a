import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  type LocalProcess,
  SHORT_TTL_SETTINGS,
  STATS_PATH,
  startAndWait,
} from '#test/support/process/local-process.ts'
import { fixedResponse, goodReading, scriptedUpstream } from '#test/support/process/scripted-upstream.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const JOB = '/v1/jobs/global-market'
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString()

/** What a system's operator shows. */
async function credential(system: LocalProcess) {
  const line = await system.waitForLine(/^Operator token: /)
  return { authorization: `Bearer ${line.replace('Operator token: ', '')}` }
}

/** What an operator asks of a system, by its token; JSON in and out. */
async function operatorOf(system: LocalProcess) {
  const authorized = await credential(system)
  const ask = async (method: string, path: string, body?: object, headers: object = authorized) => {
    const sent = { method, headers: { ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) }
    const { status, body: text } = await system.request(path, sent)
    return { status, body: JSON.parse(text.toString()) }
  }
  return { ask, get: (path: string) => ask('GET', path) }
}

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
  const first = await operatorOf(system)
  await system.waitForLine(/global-market {2}succeeded/)

  // the upstream breaks, and the operator asks why the data are old
  upstream.respondWith(fixedResponse(500, 'text/plain', 'Oops'))
  await sleep(1_100)
  const triggered = await first.ask('POST', '/admin/jobs/trigger/global_market')
  await system.waitForLine(/global-market {2}failed/)
  const { body: listed } = await first.get('/v1/jobs')
  const { body: failed } = await first.get(triggered.body.status_url.replace('/admin/jobs', '/v1'))
  expect(triggered).toMatchObject({ status: 202, body: { success: true, job: 'global-market' } })
  expect(listed.jobs.find(({ id }: { id: string }) => id === 'global-market')).toMatchObject({
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
  const stranger = await first.ask('POST', `${JOB}/pause`, { until: TOMORROW, reason: 'mine' }, {})
  expect(stranger.status).toBe(401)
  expect((await first.get(JOB)).body.control.pause).toBeNull()

  // a pause with a reason outlives a restart
  const paused = await first.ask('POST', `${JOB}/pause`, { until: TOMORROW, reason: 'the provider moves' })
  expect(paused.status).toBe(200)
  expect(await system.health()).toMatchObject({ status: 'paused', overdue_seconds: 0 })
  await system.kill()
  const again = await startAndWait(settings, atEnd)
  const second = await operatorOf(again)
  expect((await second.get(JOB)).body).toMatchObject({
    state: 'paused',
    control: { pause: { reason: 'the provider moves', by: 'operator' } },
  })

  const scheduled = await second.get('/api/v1/admin/scheduler/jobs')
  expect(scheduled.body.jobs.find(({ id }: { id: string }) => id === 'global-market')).toMatchObject({
    status: 'paused',
    next_run_time: null,
  })

  // resumed, triggered, watched to its end, and taken back
  upstream.respondWith(goodReading({ cap: 3_900_000_000_000 }))
  expect((await second.ask('POST', '/api/v1/admin/scheduler/jobs/global_market/resume')).status).toBe(200)
  const { body: run } = await second.ask('POST', `${JOB}/runs`)
  await again.waitForLine(/global-market {2}succeeded/)
  expect((await second.get(`/v1/runs/${run.run_id}`)).body).toMatchObject({ outcome: 'succeeded' })
  expect((await second.ask('POST', `${JOB}/invalidate`, { all: true })).body).toMatchObject({
    invalidated: 1,
  })

  const cleared = await second.ask('POST', '/admin/cache/clear', { confirm: 'clear' })
  expect(cleared.body).toMatchObject({ invalidated: { 'global-market': 1 } })

  const { body: audit } = await second.get('/v1/audit?limit=100')
  const ofJob = audit.entries.filter(({ subject }: Record<string, string>) => subject === 'job:global-market')
  expect(ofJob.map(({ action, actor }: Record<string, string>) => `${action} ${actor}`)).toEqual(
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
  const { ask, get } = await operatorOf(system)
  await system.waitForLine(/global-market {2}succeeded/)
  upstream.respondWith(goodReading({ cap: 4_100_000_000_000 }))
  await sleep(1_100)

  const refused = await get(`${STATS_PATH}?force_refresh=true`)
  const stranger = await ask('GET', `/v1/live${STATS_PATH}`, undefined, {})
  const live = await system.request(`/v1/live${STATS_PATH}`, { headers: await credential(system) })
  const read = await get(STATS_PATH)
  upstream.respondWith(fixedResponse(500, 'text/plain', 'Oops'))
  await sleep(1_100)
  const failed = await get(`/v1/live${STATS_PATH}`)

  expect([refused.status, refused.body.error.message]).toEqual([
    403,
    `Live reads are for operators, at /v1/live${STATS_PATH}`,
  ])
  expect(stranger.status).toBe(401)
  expect(live.status).toBe(200)
  expect(live.headers).toMatchObject({ 'x-cache': 'BYPASS', 'cache-control': 'no-store', age: '0' })
  const body = JSON.parse(live.body.toString())
  expect(body.data.total_market_cap_usd).toBe('4100000000000')
  expect(read.body).toEqual(body)
  expect([failed.status, failed.body.success]).toEqual([503, false])
  expect(failed.body.error.message).toMatch(/ended failed \(upstream-fault: /)
})
