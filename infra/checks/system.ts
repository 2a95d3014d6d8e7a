import { estimateCost, PRICE_LIST } from '#infra/estimates/cost.ts'
import type { JobModules } from '#infra/estimates/job-modules.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import type { Finding } from './findings.ts'
import { checkFreshness } from './freshness.ts'
import { checkLimits } from './limits.ts'
import { checkQuota } from './quota.ts'
import { checkRoutes } from './routes.ts'
import { checkSchedules } from './schedules.ts'

/** All that can be found wrong with a system without synthesizing it. `now` is milliseconds since the epoch. */
export function checkSystem(
  system: System,
  config: StageConfig,
  folders: JobModules,
  now: number,
): Finding[] {
  return [
    ...checkSchedules(system.jobs, now),
    ...checkFreshness(system.jobs),
    ...checkQuota(system, folders),
    ...checkLimits(system),
    ...checkRoutes(system.jobs, folders),
    ...checkCost(system.jobs, config, folders),
  ]
}

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
