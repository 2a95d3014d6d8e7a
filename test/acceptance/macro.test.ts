import { expect, onTestFinished, test } from 'vitest'
import { schemas as eventSchemas } from '#functions/jobs/geo-events/schema.ts'
import { schemas as indicatorSchemas } from '#functions/jobs/macro-indicators/schema.ts'
import { schemas as riskSchemas } from '#functions/jobs/macro-risk/schema.ts'
import { follower, walkthrough } from '#test/support/docs/walkthrough.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

/** The calls of a run take a minute at the pace that FRED allows. */
const RUN_TIMEOUT_MS = 150_000
const SCHEMAS: readonly (readonly [
  path: RegExp,
  schema: { safeParse(body: unknown): { error?: unknown } },
])[] = [
  [/\/geopolitical-events/, eventSchemas['/api/v1/macro/geopolitical-events']],
  [/\/indicators\//, indicatorSchemas['/api/v1/macro/indicators/{series_id}']],
  [/\/indicators/, indicatorSchemas['/api/v1/macro/indicators']],
  [/\/monetary-policy/, indicatorSchemas['/api/v1/macro/monetary-policy']],
  [/\/risk\/overview/, riskSchemas['/api/v1/macro/risk/overview']],
]

test(
  'the walkthrough of docs/macro.md works line by line',
  async () => {
    const data = await temporaryDirectory((clear) => onTestFinished(clear))
    const { follow, followUntil } = await follower(
      await startAndWait({ FRESHET_DATA: data }, undefined, {
        only: ['macro-indicators', 'geo-events', 'macro-risk'],
      }),
    )
    const [refreshed, ...more] = await walkthrough('docs/macro.md')
    const reads = more.filter(({ isOperator }) => !isOperator)
    const [put, shown, erased, ...others] = more.filter(({ isOperator }) => isOperator)
    const withInputs = reads.pop()
    if (!refreshed || !put || !shown || !erased || !withInputs || others.length > 0)
      throw new Error('expected a refresh, reads, three requests with inputs, and a read between them')
    expect(reads).toHaveLength(8)
    const expectDocumented = (target: string, json: unknown) => {
      const [, schema] = SCHEMAS.find(([path]) => path.test(target)) ?? []
      expect([target, schema?.safeParse(json).error]).toEqual([target, undefined])
    }

    // the first run begins by itself, and this request meets it
    expect([202, 409]).toContain((await follow(refreshed)).status)
    for (const read of reads) {
      // each series is published once it is fetched
      const { headers, json } = await followUntil(read, { timeoutMs: RUN_TIMEOUT_MS })
      expectDocumented(read.target, json)
      expect(headers['x-data-source']).toBe('simulated')
      if (!read.target.includes('/risk/')) expect(json.meta.notice).toMatch(/FRED® API|GDELT/)
    }

    expect(await follow({ ...put, isOperator: false })).toMatchObject({ status: 401 })
    const inputs = { nasdaq_pe: 31.5, top_ten_share: 36, ipo_heat: 'normal', put_call_ratio: 0.9 }
    expect(await follow(put)).toMatchObject({
      status: 200,
      json: { inputs, source: 'operator', run_id: expect.any(String) },
    })
    expect(await follow(shown)).toMatchObject({ status: 200, json: { inputs } })
    const { json } = await followUntil(withInputs, {
      accepts: ({ risk_breakdown: { sector_bubble: bubble } }) => bubble.score !== null,
    })
    expectDocumented(withInputs.target, json)
    // 0.5 * 40 + 0.3 * 60 + 0.2 * 60
    expect(json.risk_breakdown.sector_bubble.score).toBe(50)
    expect(json.history.length).toBeGreaterThan(0)
    expect(await follow(erased)).toMatchObject({ status: 200, json: { source: 'none' } })
  },
  RUN_TIMEOUT_MS + 60_000,
)
