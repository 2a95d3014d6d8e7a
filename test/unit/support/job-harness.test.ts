import { expect, test } from 'vitest'
import { job } from '#functions/jobs/global-market/job.ts'
import { refresh } from '#functions/jobs/global-market/refresh.ts'
import { jobHarness } from '#test/support/jobs/job-harness.ts'

const PATH = '/api/v1/currencies/global-market-stats'

test('a job runs against its simulated provider and is read at its route', async () => {
  const harness = jobHarness(job, refresh)

  const run = await harness.tick(harness.clock.now())
  const { status, headers, body } = await harness.get(PATH)

  expect(run).toMatchObject({ status: 'succeeded', counts: { published: 1 } })
  expect([status, headers['x-cache']]).toEqual([200, 'HIT'])
  expect(body).toMatchObject({ success: true, data: { markets: expect.any(Number) } })
})

test('a scripted reply takes the place of the simulated provider until it is restored', async () => {
  const harness = jobHarness(job, refresh)
  const before = await harness.tick(harness.clock.now())
  harness.respondWith(() => ({ status: 403, body: 'blocked' }))

  const during = await harness.tick(harness.clock.now() + 600_000)
  harness.respondAsSimulated()
  const after = await harness.tick(harness.clock.now() + 3_600_000)

  expect([before.status, during.status]).toEqual(['succeeded', 'failed'])
  expect(after.status).toMatch(/succeeded|unchanged/)
})

test('an illegal setting is refused when the harness is created', () => {
  expect(() => jobHarness(job, refresh, { settings: { GLOBAL_STATS_INTERVAL_MIN: '7' } })).toThrow(
    /expected .*; got|expected/,
  )
})
