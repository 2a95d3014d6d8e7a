import { asJson } from '#shared/domain/json.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { checkInSettings, keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { projectOfKey, shanghaiDate } from '#shared/systems/check-ins/keys.ts'
import { groupCalls, projectCalls, projectPlan } from '#shared/systems/check-ins/project-plan.ts'
import { dailyStatsRecord } from '#shared/systems/check-ins/records.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import { type DailyStatistics, parseDailyStatistics } from '#shared/upstreams/check-ins/statistics.ts'

export const refresh: Refresh<DailyStatistics> = {
  renderVersion: 1,

  ...projectPlan({
    keys: (id, { job, now }) => [keysOf(job).dailyStats(id, shanghaiDate(now))],
    call: ({ id, part: date }, job) => groupCalls(job).dailyStatistics(id, date),
  }),

  parse: ([body], { key, job }) => {
    const { part: date = '' } = projectOfKey(key, checkInSettings(job).CHECKINS_KEY_PREFIX) ?? {}
    return parseDailyStatistics(body, { date })
  },

  // every active member has checked in at least once
  accept: ({ checkIns, activeMembers }) =>
    expectNoFault(
      checkIns !== null && activeMembers !== null && activeMembers > checkIns
        ? `expected at most ${checkIns} active members, one for each check-in, got ${activeMembers}`
        : undefined,
    ),

  item: (daily, { now }) => ({
    data: asJson(dailyStatsRecord(daily)),
    asOf: now,
    degraded: isIncomplete(daily),
  }),

  summarizeRun: runSummary('checkins_daily_stats', 'projects'),

  maxCalls: (job) => projectCalls(job, 1, Number(job.settings['CHECKINS_INTERVAL_DAILY_STATS'])),
}

/** Whether a figure is missing: an answer has the number of check-ins alone, or all three. */
function isIncomplete({ checkIns, newMembers, activeMembers }: DailyStatistics): boolean {
  return checkIns === null || (newMembers === null) !== (activeMembers === null)
}
