import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { schemas as summarySchemas } from '#functions/jobs/ai-summaries/schema.ts'
import { schemas as eventSchemas } from '#functions/jobs/geo-events/schema.ts'
import { schemas as indicatorSchemas } from '#functions/jobs/macro-indicators/schema.ts'
import { schemas as riskSchemas } from '#functions/jobs/macro-risk/schema.ts'
import { schemas as retentionSchemas } from '#functions/jobs/retention/schema.ts'
import { defined } from '#shared/domain/defined.ts'
import { follower, walkthrough } from '#test/support/docs/walkthrough.ts'
import { type LocalProcess, startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

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
  [/\/summaries\//, summarySchemas['/api/v1/admin/summaries/{kind}/{key}']],
  [/\/admin\/retention/, retentionSchemas['/api/v1/admin/retention']],
]

/** The documented names of triggers, and the jobs that they start. */
const TRIGGERS = {
  technical: 'technical',
  fundamental: 'fundamental',
  macro: 'macro-indicators',
  geopolitical: 'geo-events',
  risk: 'macro-risk',
  cleanup: 'retention',
  refresh_ai_summaries: 'ai-summaries',
}

/** One indicator is enough for a trigger: the walkthrough has a run of all, and that takes a minute. */
const KEYS: Readonly<Record<string, string>> = { macro: 'DFF' }

describe('the macro system on one machine', () => {
  const clears: (() => Promise<void>)[] = []
  const atEnd: OnCleanup = (clear) => clears.unshift(clear)
  let system: LocalProcess

  beforeAll(async () => {
    const settings = { FRESHET_DATA: await temporaryDirectory(atEnd), PORTFOLIO_SYMBOLS: 'KO' }
    system = await startAndWait(settings, atEnd, { only: Object.values(TRIGGERS) })
  })
  afterAll(async () => {
    for (const clear of clears) await clear()
  })

  test(
    'the walkthrough of docs/macro.md works line by line',
    async () => {
      const { follow, followUntil } = await follower(system)
      const [refreshed, ...more] = await walkthrough('docs/macro.md')
      const reads = more.filter(({ isOperator }) => !isOperator)
      const [summary, put, shown, erased, purge, cleanup, report, ...others] = more.filter(
        ({ isOperator }) => isOperator,
      )
      const withInputs = reads.pop()
      if (!refreshed || !summary || !put || !shown || !erased || !withInputs)
        throw new Error(
          'expected a refresh, reads, a summary, three requests with inputs, and a read between them',
        )
      if (!purge || !cleanup || !report || others.length > 0)
        throw new Error('expected a purge, a cleanup and its report at the end')
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

      // the risk is summarised once it has a score, and shows the summary of its own figures
      expect(await follow({ ...summary, isOperator: false })).toMatchObject({ status: 401 })
      const { headers, json: written } = await followUntil(summary, { timeoutMs: RUN_TIMEOUT_MS })
      expectDocumented(summary.target, written)
      expect(headers['x-data-source']).toBe('simulated')
      const overview = reads.find(({ target }) => target.endsWith('/risk/overview')) ?? summary
      const analysed = await followUntil(overview, {
        accepts: ({ ai_analysis: analysis }) => analysis !== null,
      })
      expectDocumented(overview.target, analysed.json)
      expect(analysed.json.ai_analysis).toMatchObject({
        text: expect.stringMatching(/^\[simulated\] The overall score is /),
      })

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

      // 409 while a run of the job is in progress
      const { json: deleted } = await followUntil(purge, { timeoutMs: RUN_TIMEOUT_MS })
      expect(deleted.purged).toMatchObject({ items: 22, history: expect.any(Number) })
      expect(deleted.purged.history).toBeGreaterThan(22)
      expect([202, 409]).toContain((await follow(cleanup)).status)
      const rowsOf = (body: { data: { datasets: { dataset: string; history_rows: number }[] } }) =>
        body.data.datasets.find(({ dataset }) => dataset === 'macro_indicators')?.history_rows
      const { json: retained } = await followUntil(report, { accepts: (body) => rowsOf(body) === 0 })
      expectDocumented(report.target, retained)
      expect(await follow({ ...report, isOperator: false })).toMatchObject({ status: 401 })
    },
    RUN_TIMEOUT_MS + 60_000,
  )

  test(
    'every documented trigger starts a run that is in the job log and in the metrics; an unknown name is a 404 with the list',
    async () => {
      const operator = await system.operator()
      const story = async ([name, job]: [string, string]) => {
        const path = { id: name }
        // the first run of a job begins by itself, and one that meets it is refused with its id
        const accepted = await vi.waitFor(
          () => operator.post('/admin/jobs/trigger/{id}', { path, body: defined({ key: KEYS[name] }) }),
          { timeout: RUN_TIMEOUT_MS, interval: 1_000 },
        )
        const { run_id: id } = accepted.body
        expect(accepted.body).toMatchObject({ success: true, job, status_url: `/admin/jobs/runs/${id}` })
        const ended = await vi.waitFor(
          async () => {
            const { body } = await operator.get('/admin/jobs/runs/{id}', { path: { id } })
            expect([name, body.status]).not.toEqual([name, 'running'])
            return body
          },
          { timeout: RUN_TIMEOUT_MS, interval: 500 },
        )
        expect([name, ended]).toMatchObject([
          name,
          { run_id: id, status: expect.stringMatching(/^(success|skipped)$/) },
        ])
        const log = await operator.get('/admin/jobs/{id}/runs', { path, query: { limit: 5 } })
        expect(log.body.runs.map(({ run_id: logged }) => logged)).toContain(id)
        const metrics = await operator.get('/admin/jobs/metrics/{id}', { path })
        expect(metrics.body).toMatchObject({ failed_executions: 0, last_execution: expect.any(String) })
        expect(metrics.body.total_executions).toBeGreaterThan(0)
      }
      await Promise.all(Object.entries(TRIGGERS).map(story))

      const trigger = 'POST /admin/jobs/trigger/{id}'
      expect(await operator.request(trigger, { path: { id: 'nope' } })).toMatchObject({
        status: 404,
        body: { detail: 'Job not found', available: expect.arrayContaining(Object.values(TRIGGERS)) },
      })
      expect((await system.reader.request(trigger, { path: { id: 'macro' } })).status).toBe(401)
    },
    2 * RUN_TIMEOUT_MS,
  )
})
