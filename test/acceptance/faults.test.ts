import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { schemas } from '#functions/jobs/global-market/schema.ts'
import { globalData } from '#test/fakes/jobs/global-market.ts'
import { SHORT_TTL_SETTINGS, STATS_PATH, startAndWait } from '#test/support/process/local-process.ts'
import {
  fixedResponse,
  goodReading,
  noResponse,
  scriptedUpstream,
} from '#test/support/process/scripted-upstream.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

/** A system whose stored reading has become stale, just when the provider begins to fail; its first stale answer. */
async function staleReading(fault: RequestListener, atEnd: OnCleanup) {
  const upstream = await scriptedUpstream(atEnd)
  const settings = {
    FRESHET_DATA: await temporaryDirectory(atEnd),
    ...upstream.setting,
    ...SHORT_TTL_SETTINGS,
  }
  const system = await startAndWait(settings, atEnd)
  await system.waitForLine(/global-market {2}succeeded/)
  upstream.respondWith(fault)
  await sleep(1_100)
  return { upstream, settings, system, first: await system.request() }
}

const reset: RequestListener = ({ socket }) => socket.resetAndDestroy()
const rateLimited = fixedResponse(429, 'text/html', '<h1>Slow down</h1>', { 'retry-after': '3600' })

interface Fault {
  readonly comes: string
  readonly script: RequestListener
  readonly reason: string
  readonly detail: RegExp
}

const FAULTS: readonly Fault[] = [
  { comes: 'nothing (F2)', script: noResponse, reason: 'timeout', detail: /within 10000 ms/ },
  {
    comes: '500',
    script: fixedResponse(500, 'text/plain', 'Oops'),
    reason: 'upstream-fault',
    detail: /Oops/,
  },
  {
    comes: 'HTML (F3)',
    script: fixedResponse(200, 'text/html', '<p>Hi</p>'),
    reason: 'malformed',
    detail: /<p>Hi/,
  },
  { comes: 'a reset', script: reset, reason: 'network', detail: /ECONNRESET/ },
]

describe.concurrent('while the provider is down', () => {
  test('a read without data does not call a provider during its cool-down', async ({
    onTestFinished: atEnd,
  }) => {
    const upstream = await scriptedUpstream(atEnd)
    upstream.respondWith(rateLimited)
    const system = await startAndWait(
      { FRESHET_DATA: await temporaryDirectory(atEnd), ...upstream.setting },
      atEnd,
    )
    await system.waitForLine(/failed \(rate-limited\)/)

    const cold = await system.request()

    expect(cold.status).toBe(503)
    expect(await system.waitForLine(/global-market {2}skipped/)).toContain('skipped (upstream-cooling)')
    expect(upstream.calls).toHaveLength(1)
  })

  test.for(FAULTS)(
    'the last good value is served, labelled with its age, and the failure is logged when $comes comes',
    async (fault, { onTestFinished: atEnd }) => {
      const { upstream, system, first } = await staleReading(fault.script, atEnd)

      const line = await system.waitForLine(/global-market {2}failed/)
      const from = Date.now()
      const second = await system.request()
      const to = Date.now()

      expect(upstream.calls).toHaveLength(2)
      for (const { status, headers, body } of [first, second]) {
        expect([status, headers['x-cache']]).toEqual([200, 'STALE'])
        expect(headers['cache-control']).toContain(`public, max-age=${headers.age}, `)
        expect(headers.etag).toBe(first.headers.etag)
        expect(body).toEqual(first.body)
      }
      const { data } = schemas[STATS_PATH].parse(JSON.parse(first.body.toString()))
      expect(data).toEqual({ ...globalData, updated_at: data.updated_at })
      // Last-Modified is cut to the second
      const fetchedAt = Date.parse(String(first.headers['last-modified']))
      expect(Number(second.headers.age)).toBeGreaterThanOrEqual(Math.floor((from - fetchedAt - 999) / 1_000))
      expect(Number(second.headers.age)).toBeLessThanOrEqual(Math.floor((to - fetchedAt) / 1_000))
      expect(line).toContain(`failed (${fault.reason})`)
      expect(line).toMatch(fault.detail)
      expect(await system.health()).toMatchObject({
        status: 'overdue',
        consecutive_failures: 1,
        last_run: { outcome: 'failed', reason: fault.reason },
      })
    },
  )

  test('a provider with Retry-After of one hour is not called again, not even after a restart (F4)', async ({
    onTestFinished: atEnd,
  }) => {
    const { upstream, settings, system, first } = await staleReading(rateLimited, atEnd)
    const failed = await system.waitForLine(/global-market {2}failed/)
    const health = await system.health()
    await system.kill()
    upstream.respondWith(goodReading({ cap: 3_000_000_000_000 }))
    const callsBefore = upstream.calls.length

    const again = await startAndWait(settings, atEnd)
    const served = await again.request()
    const line = await again.waitForLine(/global-market {2}skipped/)

    expect(failed).toMatch(/failed \(rate-limited\) .*Slow down/)
    expect(health).toMatchObject({
      status: 'overdue',
      last_run: { outcome: 'failed', reason: 'rate-limited' },
    })
    expect(line).toMatch(/skipped \(upstream-cooling\) .*CoinGecko is cooling down until \d{4}-/)
    expect(callsBefore).toBe(2)
    expect(upstream.calls).toHaveLength(callsBefore)
    for (const { status, headers, body } of [first, served]) {
      expect([status, headers['x-cache']]).toEqual([200, 'STALE'])
      expect(body).toEqual(first.body)
    }
    expect(await again.health()).toMatchObject({ last_run: health?.last_run })
  })
})
