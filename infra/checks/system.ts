import { estimateCost, PRICE_LIST } from '#infra/estimates/cost.ts'
import { type JobModules, loadJobModules } from '#infra/estimates/job-modules.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import type { Job } from '#shared/declare/job.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { type Declarations, resolveSystem, type System } from '#shared/declare/system.ts'
import { checkDeployedJobs, type DeployedJob, deployedJobs } from './deployed-jobs.ts'
import { type Finding, finding, throwOnErrors } from './findings.ts'
import { checkFreshness } from './freshness.ts'
import { checkLimits } from './limits.ts'
import { checkNames } from './names.ts'
import { checkQuota } from './quota.ts'
import { checkRoutes } from './routes.ts'
import { checkSchedules } from './schedules.ts'
import { checkStage } from './stage.ts'

/** All checks of a stage that need no template. `now` is in milliseconds since the epoch. */
export function checkSystem(
  system: System,
  config: StageConfig,
  modules: JobModules,
  now: number,
  deployed: readonly DeployedJob[] = deployedJobs,
): Finding[] {
  return [
    ...checkDeclarations(system, modules, now),
    ...checkDeployedJobs(system.jobs, deployed),
    ...checkStage(system, config, deployed),
    ...checkCost(system.jobs, config, modules),
  ]
}

/** The checks that hold wherever the system runs, on one machine too: those of declarations and of their settings. */
function checkDeclarations(system: System, modules: JobModules, now: number): Finding[] {
  return [
    ...checkSchedules(system.jobs, now),
    ...checkFreshness(system.jobs),
    ...checkQuota(system, modules),
    ...checkLimits(system),
    ...checkRoutes(system.jobs, modules),
    ...checkNames(system.jobs, modules),
  ]
}

/**
 * Refuses a system that cannot keep what its declarations promise.
 *
 * @throws {CheckError} with a line for each error
 * @throws {SettingsError} or {@link DeclarationError} as `resolveSystem`
 */
export async function expectSoundSystem(declarations: Declarations, texts: SettingTexts, now: number) {
  const system = resolveSystem(declarations, texts)
  throwOnErrors(checkDeclarations(system, await loadJobModules(system.jobs, now), now))
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
