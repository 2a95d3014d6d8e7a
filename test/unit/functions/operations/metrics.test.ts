import { expect, test } from 'vitest'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { operator } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000

/** One run that succeeded, one that failed after two seconds, one skipped. */
async function used() {
  const world = pricesWorld('items', ['AAA'], T0)
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))
  await world.tick(T0)
  world.script(async () => {
    await world.clock.sleep(2_000)
    return { status: 404, body: '{}' }
  })
  await world.tick(T0 + 5 * MINUTE)
  await world.tick(T0)
  return { ...operator(world), job: world.work.job.id }
}

test('the documented statistics count runs without skipped ones', async () => {
  const { get, job } = await used()

  const one = await get(`/admin/jobs/metrics/${job}`)
  const all = await get('/admin/jobs/metrics')

  expect(one).toMatchObject({
    status: 200,
    body: {
      total_executions: 2,
      successful_executions: 1,
      failed_executions: 1,
      total_duration: 2,
      average_duration: 1,
      last_execution: new Date(T0 + 5 * MINUTE + 2_000).toISOString(),
    },
  })
  expect(all.body).toEqual({ [job]: one.body })
})

test('a job shows its usage with the 95th percentile of the durations', async () => {
  const { get, job } = await used()

  const { body } = await get(`/v1/jobs/${job}`)

  expect(body.usage).toEqual({
    runs: 2,
    failed: 1,
    success_ratio: 0.5,
    average_seconds: 1,
    p95_seconds: 2,
  })
})

test('a job without runs has zeros and nulls, and an unknown one is 404', async () => {
  const { get } = operator(pricesWorld('items', ['AAA'], T0))

  const never = await get('/admin/jobs/metrics/prices-items')
  const unknown = await get('/admin/jobs/metrics/weather')

  expect(never.body).toEqual({
    total_executions: 0,
    successful_executions: 0,
    failed_executions: 0,
    total_duration: 0,
    average_duration: 0,
    last_execution: null,
  })
  expect(unknown).toMatchObject({ status: 404, body: { detail: 'Job not found' } })
})
