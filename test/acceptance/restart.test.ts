import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { schemas } from '#functions/jobs/global-market/schema.ts'
import type { WireResponse } from '#test/support/http/exchange.ts'
import { SHORT_TTL_SETTINGS, STATS_PATH, startAndWait } from '#test/support/process/local-process.ts'
import {
  fixedResponse,
  goodReading,
  noResponse,
  scriptedUpstream,
} from '#test/support/process/scripted-upstream.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

/** A system with a stored reading of a minute ago, and what the provider says from then on. */
async function stored(next: RequestListener, more: Readonly<Record<string, string>>, atEnd: OnCleanup) {
  const upstream = await scriptedUpstream(atEnd)
  upstream.respondWith(goodReading({ ageS: 60 }))
  const settings = { FRESHET_DATA: await temporaryDirectory(atEnd), ...upstream.setting, ...more }
  const system = await startAndWait(settings, atEnd)
  await system.waitForLine(/global-market {2}succeeded/)
  upstream.respondWith(next)
  return { upstream, settings, system }
}

/** The same, and the first answer after it has become stale, which asks for a refresh. */
async function stale(next: RequestListener, atEnd: OnCleanup) {
  const given = await stored(next, SHORT_TTL_SETTINGS, atEnd)
  await sleep(1_100)
  const first = await given.system.request()
  expect(first.headers['x-cache']).toBe('STALE')
  return { ...given, first }
}

function capOf({ body }: WireResponse): string {
  return schemas[STATS_PATH].parse(JSON.parse(body.toString())).data.total_market_cap_usd
}

describe.concurrent('a system that is started again', () => {
  test('after kill -9 a fresh value is served at once, without a call of a provider', async ({
    onTestFinished: atEnd,
  }) => {
    const { upstream, settings, system } = await stored(noResponse, {}, atEnd)
    const good = await system.request()
    await system.kill()

    const again = await startAndWait(settings, atEnd)
    const from = performance.now()
    const served = await again.request()
    const tookMs = performance.now() - from

    expect([served.status, served.headers['x-cache']]).toEqual([200, 'HIT'])
    expect(served.body).toEqual(good.body)
    expect(tookMs).toBeLessThan(2_000)
    expect(upstream.calls).toHaveLength(1)
  })

  test('after kill -9 in the middle of a refresh the stale value is served at once', async ({
    onTestFinished: atEnd,
  }) => {
    const { upstream, settings, system, first } = await stale(noResponse, atEnd)
    await upstream.waitForCalls(2)
    await system.kill()

    const again = await startAndWait(settings, atEnd)
    const from = performance.now()
    const served = await again.request()
    const tookMs = performance.now() - from

    expect([served.status, served.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(Number(served.headers.age)).toBeGreaterThanOrEqual(1)
    expect(served.body).toEqual(first.body)
    expect(tookMs).toBeLessThan(2_000)
  })

  test('after kill -9 in the middle of the very first refresh, a reader gets data at once', async ({
    onTestFinished: atEnd,
  }) => {
    const upstream = await scriptedUpstream(atEnd)
    upstream.respondWith(noResponse)
    const settings = { FRESHET_DATA: await temporaryDirectory(atEnd), ...upstream.setting }
    const system = await startAndWait(settings, atEnd)
    await upstream.waitForCalls(1)
    await system.kill()
    upstream.respondWith(goodReading())

    const again = await startAndWait(settings, atEnd)
    const served = await again.request()

    expect(served.status).toBe(200)
    expect(upstream.calls).toHaveLength(2)
  })

  test('a reading that is older than the stored one changes nothing that is served', async ({
    onTestFinished: atEnd,
  }) => {
    const older = goodReading({ ageS: 120, cap: 3_000_000_000_000 })
    const { system, settings, first } = await stale(older, atEnd)
    await system.waitForLine(/global-market {2}unchanged/)
    await system.kill()

    const again = await startAndWait(settings, atEnd)
    const served = await again.request()

    expect([served.status, served.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(served.headers.etag).toBe(first.headers.etag)
    expect(served.headers['last-modified']).toBe(first.headers['last-modified'])
    expect(capOf(served)).toBe('3840000000000')
    expect(served.body).toEqual(first.body)
  })

  test('once the provider is back, reads alone make the data fresh again', async ({
    onTestFinished: atEnd,
  }) => {
    const { upstream, settings, system, first } = await stale(fixedResponse(500, 'text/plain', 'Oops'), atEnd)
    await system.waitForLine(/global-market {2}failed \(upstream-fault\)/)
    await system.kill()
    upstream.respondWith(goodReading({ cap: 4_000_000_000_000 }))

    const again = await startAndWait({ ...settings, GLOBAL_STATS_CACHE_TTL: '900' }, atEnd)
    const before = await again.request()
    await again.waitForLine(/global-market {2}succeeded/)
    const fresh = await vi.waitFor(
      async () => {
        const served = await again.request()
        expect(served.headers['x-cache']).toBe('HIT')
        return served
      },
      { timeout: 8_000, interval: 200 },
    )

    expect(before.headers['x-cache']).toBe('STALE')
    expect([first, before, fresh].map(capOf)).toEqual(['3840000000000', '3840000000000', '4000000000000'])
    expect(await again.health()).toMatchObject({
      status: 'fresh',
      consecutive_failures: 0,
      last_run: { outcome: 'succeeded', reason: null },
    })
  })
})
