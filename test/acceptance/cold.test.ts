import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { openTable } from '#infra/local/table/table.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { goodReading, noResponse, scriptedUpstream } from '#test/support/process/scripted-upstream.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

/** Longer than a copy in memory counts as new. */
const COPY_AGED_MS = 5_100

/** How the runs of one cause ended so far, from the log file. */
async function outcomes(data: string, cause: string): Promise<unknown[]> {
  const lines = (await readFile(join(data, 'log.jsonl'), 'utf8')).split('\n').slice(0, -1)
  const records = lines.map((line) => JSON.parse(line) as { cause?: unknown; outcome?: unknown })
  return records.filter((record) => record.cause === cause).map(({ outcome }) => outcome)
}

describe.concurrent('a reader', () => {
  test('twenty readers without data cost one call of the provider and all get the answer (F52)', async ({
    onTestFinished: atEnd,
  }) => {
    const upstream = await scriptedUpstream(atEnd)
    const releases: (() => void)[] = []
    upstream.respondWith((request, response) => {
      releases.push(() => goodReading()(request, response))
    })
    const data = await temporaryDirectory(atEnd)
    const system = await startAndWait({ FRESHET_DATA: data, ...upstream.setting }, atEnd)
    await upstream.waitForCalls(1)

    const requests = Array.from({ length: 20 }, () => system.request())
    await vi.waitFor(async () => expect(await outcomes(data, 'cold-read')).toEqual(['skipped']), {
      timeout: 10_000,
    })
    for (const release of releases) release()
    const answers = await Promise.all(requests)

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(answers[0]?.headers['x-cache']).toBe('MISS')
    expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1)
    await system.waitForLine(/global-market {2}succeeded/)
    expect(upstream.calls).toHaveLength(1)
  })

  test('without data and with a provider that hangs, a reader gets 503 within 8.5 seconds', async ({
    onTestFinished: atEnd,
  }) => {
    const upstream = await scriptedUpstream(atEnd)
    upstream.respondWith(noResponse)
    const system = await startAndWait(
      { FRESHET_DATA: await temporaryDirectory(atEnd), ...upstream.setting },
      atEnd,
    )
    const from = Date.now()

    const cold = await system.request()

    const to = Date.now()
    expect(to - from).toBeLessThan(8_500)
    expect(upstream.calls).toHaveLength(1)
    expect([cold.status, cold.headers['retry-after'], cold.headers['cache-control']]).toEqual([
      503,
      '30',
      'no-store',
    ])
    expect(cold.headers['content-type']).toBe('application/json')
    const { timestamp, ...envelope } = JSON.parse(cold.body.toString())
    expect(envelope).toEqual({
      success: false,
      data: null,
      error: {
        code: 'EXTERNAL_SERVICE_ERROR',
        message: 'Global crypto market statistics are not available',
        details: null,
      },
    })
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(Date.parse(timestamp)).toBeGreaterThan(from - 1_000)
    expect(Date.parse(timestamp)).toBeLessThanOrEqual(to)
  })

  test('while the table is down, the copy in memory is served with a label', async ({
    onTestFinished: atEnd,
  }) => {
    const faults: unknown[] = []
    const table = await openTable({
      path: await temporaryDirectory(atEnd),
      onFault: (error) => faults.push(error),
    })
    const upstream = await scriptedUpstream(atEnd)
    const system = await startAndWait(
      {
        FRESHET_DATA: await temporaryDirectory(atEnd),
        AWS_ENDPOINT_URL_DYNAMODB: table.url,
        ...upstream.setting,
      },
      atEnd,
    )
    await system.waitForLine(/global-market {2}succeeded/)
    const good = await system.request()
    await table.close()
    await sleep(COPY_AGED_MS)

    const copy = await system.request()

    expect(good.headers).not.toHaveProperty('cache-status')
    expect([copy.status, copy.headers['x-cache']]).toEqual([200, 'HIT'])
    expect(copy.headers['cache-status']).toBe('freshet; hit; detail=table-unavailable')
    expect(copy.headers.etag).toBe(good.headers.etag)
    expect(Number(copy.headers.age)).toBeGreaterThanOrEqual(5)
    expect(copy.body).toEqual(good.body)
    expect(faults).toEqual([])
  })
})
