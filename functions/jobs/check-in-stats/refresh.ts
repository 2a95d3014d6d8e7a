import { asJson } from '#shared/domain/json.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { groupCalls, projectCalls, projectPlan } from '#shared/systems/check-ins/project-plan.ts'
import { projectStatsRecord } from '#shared/systems/check-ins/records.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import { type CheckInStatistics, parseStatistics } from '#shared/upstreams/check-ins/statistics.ts'

export const refresh: Refresh<CheckInStatistics> = {
  renderVersion: 1,

  ...projectPlan({
    keys: (id, { job }) => [keysOf(job).stats(id)],
    call: ({ id }, job) => groupCalls(job).statistics(id),
  }),

  parse: ([body]) => parseStatistics(body),

  accept: ({ members, completedMembers }) =>
    expectNoFault(
      members !== null && completedMembers !== null && completedMembers > members
        ? `expected at most ${members} members who completed the project, got ${completedMembers}`
        : undefined,
    ),

  item: (statistics, { now }) => ({
    data: asJson(projectStatsRecord(statistics)),
    asOf: now,
    degraded: isIncomplete(statistics),
  }),

  summarizeRun: runSummary('checkins_project_stats', 'projects'),

  maxCalls: (job) => projectCalls(job, 1, Number(job.settings['CHECKINS_INTERVAL_PROJECT_STATS'])),
}

/** Whether a figure is missing that answers of its form have. */
function isIncomplete({ form, members, checkIns, ...others }: CheckInStatistics): boolean {
  const { completedMembers, todayCheckIns, continuousRate } = others
  const figures =
    form === 'nested'
      ? [members, checkIns, completedMembers]
      : [members, checkIns, todayCheckIns, continuousRate]
  return figures.includes(null)
}
