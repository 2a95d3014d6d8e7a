import type { StageConfig } from '#infra/config.ts'
import { estimate } from '#infra/cost.ts'
import type { JobFolders } from '#infra/job-folders.ts'
import { PRICED } from '#infra/prices.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Finding } from './finding.ts'

/** What a stage costs before anybody reads, against its budget. */
export function checkCost(
  jobs: readonly Job[],
  { stage, monthlyBudgetUsd }: StageConfig,
  folders: JobFolders,
): Finding[] {
  const { total } = estimate(stage, jobs, folders)
  if (total <= monthlyBudgetUsd) return []
  const message = `expected at most ${monthlyBudgetUsd} dollars a month (monthlyBudgetUsd), got ${total.toFixed(2)} at list prices of ${PRICED.on}, reads not counted`
  return [{ check: 'cost', subject: stage, message, severity: 'error' }]
}
