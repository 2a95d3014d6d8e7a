import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { schemas } from '#functions/jobs/global-market/schema.ts'
import type { AtEnd } from '#test/support/at-end.ts'
import type { Exchanged } from '#test/support/exchange.ts'
import { QUICK, running, STATS } from '#test/support/local-process.ts'
import { answer, reading, scriptedUpstream, silence } from '#test/support/scripted-upstream.ts'
import { temporaryDirectory } from '#test/support/temporary-directory.ts'

/** A system with a stored reading of a minute ago. */
async function stored(more: Readonly<Record<string, string>>, atEnd: AtEnd) {
  const upstream = await scriptedUpstream(atEnd)
  upstream.answers(reading({ ageS: 60 }))
  const settings = { FRESHET_DATA: await temporaryDirectory(atEnd), ...upstream.setting, ...more }
  const system = await running(settings, atEnd)
  await system.says(/global-market {2}succeeded/)
  return { upstream, settings, system, good: await system.ask() }
}

function capOf({ body }: Exchanged): string {
  return schemas[STATS].parse(JSON.parse(body.toString())).data.total_market_cap_usd
}

describe.concurrent('a system that is started again', () => {
  test('after kill -9 a fresh value is served at once and no provider is asked', async ({
    onTestFinished: atEnd,
  }) => {
    const { upstream, settings, system, good } = await stored({}, atEnd)
    await system.kill()
    upstream.answers(silence)

    const again = await running(settings, atEnd)
    const from = performance.now()
    const served = await again.ask()
    const tookMs = performance.now() - from

    expect([served.status, served.headers['x-cache']]).toEqual([200, 'HIT'])
    expect(served.body).toEqual(good.body)
    expect(tookMs).toBeLessThan(2_000)
    expect(upstream.calls).toHaveLength(1)
  })

  test('after kill -9 in the middle of a refresh the stale value is served at once', async ({
    onTestFinished: atEnd,
  }) => {
    const { upstream, settings, system, good } = await stored(QUICK, atEnd)
    upstream.answers(silence)
    await sleep(1_100)
    await system.ask()
    await upstream.wasAsked(2)
    await system.kill()

    const again = await running(settings, atEnd)
    const from = performance.now()
    const served = await again.ask()
    const tookMs = performance.now() - from

    expect([served.status, served.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(Number(served.headers.age)).toBeGreaterThanOrEqual(1)
    expect(served.body).toEqual(good.body)
    expect(tookMs).toBeLessThan(2_000)
  })

  test('a reading that is older than the stored one changes nothing that is served', async ({
    onTestFinished: atEnd,
  }) => {
    const { upstream, system, settings, good } = await stored(QUICK, atEnd)
    upstream.answers(reading({ ageS: 120, cap: 3_000_000_000_000 }))
    await sleep(1_100)
    await system.ask()
    await system.says(/global-market {2}unchanged/)
    await system.kill()

    const again = await running(settings, atEnd)
    const served = await again.ask()

    expect(upstream.calls.length).toBeGreaterThanOrEqual(2)
    expect([served.status, served.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(served.headers.etag).toBe(good.headers.etag)
    expect(served.headers['last-modified']).toBe(good.headers['last-modified'])
    expect(served.body).toEqual(good.body)
  })

  test('once the provider is back, readers alone make the data fresh again', async ({
    onTestFinished: atEnd,
  }) => {
    const { upstream, settings, system, good } = await stored(QUICK, atEnd)
    upstream.answers(answer(500, 'text/plain', 'Oops'))
    await sleep(1_100)
    await system.ask()
    await system.says(/global-market {2}failed \(upstream-fault\)/)
    await system.kill()
    upstream.answers(reading({ cap: 4_000_000_000_000 }))

    const again = await running({ ...settings, GLOBAL_STATS_CACHE_TTL: '900' }, atEnd)
    const stale = await again.ask()
    await again.says(/global-market {2}succeeded/)
    const fresh = await vi.waitFor(
      async () => {
        const served = await again.ask()
        expect(served.headers['x-cache']).toBe('HIT')
        return served
      },
      { timeout: 8_000, interval: 200 },
    )

    expect(stale.headers['x-cache']).toBe('STALE')
    expect([good, stale, fresh].map(capOf)).toEqual(['3840000000000', '3840000000000', '4000000000000'])
    expect(await again.health()).toMatchObject({
      status: 'fresh',
      consecutive_failures: 0,
      last_run: { outcome: 'succeeded', reason: null },
    })
  })
})
