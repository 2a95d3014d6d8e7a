import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ReadCounts } from '#functions/reads/metrics.ts'
import { priceBody, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { reader } from '#test/fakes/world/clients.ts'
import { virtualClock } from '#test/fakes/world/virtual-clock.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 0, 0)
const HOUR = 3_600_000

const lines: string[] = []
beforeEach(() => {
  lines.length = 0
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
})

describe('the counts of reads', () => {
  test('are one line in embedded metric format, over one dimension', () => {
    const clock = virtualClock(T0)
    const counts = new ReadCounts('prod', clock)
    for (const ending of ['fresh', 'fresh', 'stale', 'waited', 'cold', 'errors'] as const) counts.add(ending)
    counts.addFallback()
    counts.addFallback()

    clock.advance(30_000)
    counts.write()

    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        _aws: {
          Timestamp: T0 + 30_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Freshet',
              Dimensions: [['service']],
              Metrics: [
                { Name: 'Reads', Unit: 'Count' },
                { Name: 'Hits', Unit: 'Count' },
                { Name: 'MemoryFallback', Unit: 'Count' },
              ],
            },
          ],
        },
        service: 'prod',
        Reads: 6,
        Hits: 3,
        MemoryFallback: 2,
        fresh: 2,
        stale: 1,
        waited: 1,
        cold: 1,
        errors: 1,
      },
    ])
  })

  test('are written at most every half minute, start from zero then, and are not written without a read', () => {
    const clock = virtualClock(T0)
    const counts = new ReadCounts('prod', clock)
    const written: (string | undefined)[] = []
    for (let second = 0; second < 100; second += 10) {
      counts.write()
      written.push(lines.pop())
      if (second < 70) counts.add('fresh')
      clock.advance(10_000)
    }

    const reads = written.map((line) => line && JSON.parse(line).Reads)

    expect(reads).toEqual([
      undefined,
      undefined,
      undefined,
      3,
      undefined,
      undefined,
      3,
      undefined,
      undefined,
      1,
    ])
  })

  test('tell how a read ended: fresh, stale, after a wait, not at all, without a table', async () => {
    const world = pricesWorld('items', ['AAA'], T0)
    world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, world.clock.now()) }))
    const counted: string[] = []
    const { get, deliver } = reader(world, {
      counts: { add: (ending) => counted.push(ending), addFallback: () => {} },
    })

    await get('/test/prices/AAA')
    const waiting = get('/test/prices/AAA')
    await deliver()
    await waiting
    world.clock.advance(10_000)
    await get('/test/prices/AAA')
    world.clock.advance(HOUR)
    await get('/test/prices/AAA')
    world.clock.advance(24 * HOUR)
    world.store.items.get = () => Promise.reject(new Error('no table'))
    await get('/test/prices/AAA')
    await get('/test/prices/aaa!')
    await get('/nowhere')

    expect(counted).toEqual(['cold', 'waited', 'fresh', 'stale', 'errors'])
  })
})

test('the read function writes what it counted at a later invocation', async () => {
  for (const name of ['TABLE', 'BUS', 'STAGE', 'VERSION']) vi.stubEnv(`FRESHET_${name}`, 'test')
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1')
  vi.useFakeTimers({ toFake: ['Date'], now: T0 })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const { handler } = await import('#functions/reads/handler.ts')
  const event = {
    requestContext: { http: { method: 'GET' } },
    rawPath: '/api/v1/currencies/global-market-stats',
    headers: {},
  } as APIGatewayProxyEventV2
  const counted = () => lines.map((line) => JSON.parse(line)).filter((line) => '_aws' in line)

  const { statusCode } = await handler(event, {} as Context)
  const atFirst = counted()
  vi.setSystemTime(T0 + 31_000)
  await handler(event, {} as Context)

  expect(statusCode).toBe(503)
  expect(atFirst).toEqual([])
  expect(counted()).toMatchObject([{ service: 'test', Reads: 1, Hits: 0, errors: 1 }])
})
