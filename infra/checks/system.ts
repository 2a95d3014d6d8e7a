import type { StageConfig } from '#infra/config.ts'
import type { JobModules } from '#infra/job-folders.ts'
import type { System } from '#shared/declare/system.ts'
import { checkCost } from './cost.ts'
import type { Finding } from './finding.ts'
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
