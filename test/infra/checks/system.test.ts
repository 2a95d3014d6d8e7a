import { expect, test } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { type Finding, throwOnErrors } from '#infra/checks/findings.ts'
import { checkSystem } from '#infra/checks/system.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { testStage } from '#test/support/infra/synthesis.ts'

const NOW = Date.UTC(2026, 10, 20)

async function findingsOf(changes: Record<string, unknown>): Promise<Finding[]> {
  const config = testStage(changes)
  const system = resolveSystem({ jobs: [globalMarket], upstreams }, config.settings)
  return checkSystem(system, config, await loadJobModules(system.jobs, NOW), NOW, [{ id: 'global-market' }])
}

test('the first job with its defaults passes every check', async () => {
  expect(await findingsOf({})).toEqual([])
})

test('faults of several kinds are reported together', async () => {
  const findings = await findingsOf({
    settings: {
      GLOBAL_STATS_CACHE_TTL: '300',
      GLOBAL_STATS_MAX_RETRIES: '5',
      GLOBAL_STATS_INTERVAL_MIN: '1',
    },
    monthlyBudgetUsd: 1,
  })

  expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(['freshness', 'quota', 'cost']))
})

test('errors refuse a system with their messages, warnings do not', async () => {
  const errors = await findingsOf({ settings: { GLOBAL_STATS_CACHE_TTL: '300' } })
  const warnings = await findingsOf({ settings: { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: 'key' } })

  expect(() => throwOnErrors(errors)).toThrow(/^error freshness global-market: .*750 s.*300 s/)
  expect(warnings).toEqual([expect.objectContaining({ check: 'quota', severity: 'warning' })])
  expect(() => throwOnErrors(warnings)).not.toThrow()
})
