import { expect, test, vi } from 'vitest'
import { binanceFutures } from '#infra/local/simulated/binance-futures.ts'
import { binanceSpot } from '#infra/local/simulated/binance-spot.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

/** A provider whose list comes late, so that the first runs of other jobs have no input. */
const LISTS_AFTER_MS = 3_000

/** The watchdog would ask again after a minute. */
const SOON_MS = 12_000

async function slowToList(standIn: typeof binanceSpot, atEnd: OnCleanup) {
  return listenHttp((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://exchange.test')
    const { status, body } = standIn(1, Date.now(), pathname, searchParams)
    const answer = () => response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    setTimeout(answer, pathname.endsWith('exchangeInfo') ? LISTS_AFTER_MS : 0)
  }, atEnd)
}

test('a first start has the data of jobs that read others as soon as these have theirs', async ({
  onTestFinished: atEnd,
}) => {
  const [spot, futures] = await Promise.all([
    slowToList(binanceSpot, atEnd),
    slowToList(binanceFutures, atEnd),
  ])
  const system = await startAndWait(
    {
      FRESHET_DATA: await temporaryDirectory(atEnd),
      FRESHET_UPSTREAM_BINANCE_SPOT_URL: spot,
      FRESHET_UPSTREAM_BINANCE_FUTURES_URL: futures,
      // no tick of theirs is to come in between
      HAMA_SCHEDULER_INTERVAL: '60',
      HAMA_CACHE_TTL: '3780',
      FUNDING_RATE_CHECK_INTERVAL: '21600',
      CACHE_DURATION: '21900',
    },
    atEnd,
    { only: ['symbol-universe', 'hama', 'funding-contracts', 'funding-rates'] },
  )
  const operator = await system.operator()
  const read = async (path: string) => (await system.request(path)).status

  await system.waitForLine(/hama {2}skipped \(nothing-to-do\)/)
  await system.waitForLine(/funding-rates {2}skipped \(nothing-to-do\)/)
  await Promise.all([
    system.waitForLine(/symbol-universe {2}succeeded/),
    system.waitForLine(/funding-contracts {2}succeeded/),
  ])
  const from = performance.now()
  await vi.waitFor(
    async () => {
      expect(await read('/api/gainer-analysis/cache-stats')).toBe(200)
      expect(await read('/funding_monitor/pool')).toBe(200)
    },
    { timeout: SOON_MS, interval: 100 },
  )
  const took = performance.now() - from

  expect(took).toBeLessThan(SOON_MS)
  for (const [job, input] of [
    ['hama', 'symbol-universe'],
    ['funding-rates', 'funding-contracts'],
  ] as const) {
    await system.waitForLine(new RegExp(`${job} {2}succeeded`))
    const { body } = await operator.get('/v1/jobs/{id}/runs', { path: { id: job } })
    const followed = body.runs.filter(({ cause }) => cause === 'input-refreshed')
    expect(followed).toEqual([expect.objectContaining({ input: expect.stringMatching(`^${input}-`) })])
  }
})
