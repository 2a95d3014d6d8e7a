import { estimateCost, PRICE_LIST } from '#infra/estimates/cost.ts'
import type { JobModules } from '#infra/estimates/job-modules.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { type Finding, finding } from './findings.ts'
import { checkFreshness } from './freshness.ts'
import { checkLimits } from './limits.ts'
import { checkQuota } from './quota.ts'
import { checkRoutes } from './routes.ts'
import { checkSchedules } from './schedules.ts'

/** All checks that need no template. `now` is in milliseconds since the epoch. */
export function checkSystem(
  system: System,
  config: StageConfig,
  modules: JobModules,
  now: number,
): Finding[] {
  return [
    ...checkSchedules(system.jobs, now),
    ...checkFreshness(system.jobs),
    ...checkQuota(system, modules),
    ...checkLimits(system),
    ...checkRoutes(system.jobs, modules),
    ...checkCost(system.jobs, config, modules),
  ]
}

/** The monthly cost of a stage without reads, compared with its budget. */
export function checkCost(
  jobs: readonly Job[],
  { stage, monthlyBudgetUsd }: StageConfig,
  modules: JobModules,
): Finding[] {
  const { total } = estimateCost(stage, jobs, modules)
  if (total <= monthlyBudgetUsd) return []
  const prices = `at list prices of ${PRICE_LIST.date} (of scheduler, bus and egress not verified)`
  const message = `expected at most ${monthlyBudgetUsd} dollars a month (monthlyBudgetUsd), got ${total.toFixed(2)} ${prices}, reads not counted`
  return [finding('cost', stage, message)]
}
