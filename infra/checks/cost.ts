import type { StageConfig } from '#infra/config.ts'
import { estimateCost } from '#infra/cost.ts'
import type { JobModules } from '#infra/job-folders.ts'
import { PRICE_LIST } from '#infra/prices.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Finding } from './finding.ts'

/** What a stage costs before anybody reads, against its budget. */
export function checkCost(
  jobs: readonly Job[],
  { stage, monthlyBudgetUsd }: StageConfig,
  folders: JobModules,
): Finding[] {
  const { total } = estimateCost(stage, jobs, folders)
  if (total <= monthlyBudgetUsd) return []
  const message = `expected at most ${monthlyBudgetUsd} dollars a month (monthlyBudgetUsd), got ${total.toFixed(2)} at list prices of ${PRICE_LIST.date}, reads not counted`
  return [{ check: 'cost', subject: stage, message, severity: 'error' }]
}
