import { asJson } from '#shared/domain/json.ts'
import type { ParseContext, Refresh } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { recordIdentity } from '#shared/systems/check-ins/images.ts'
import { checkInSettings, keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { projectOfKey } from '#shared/systems/check-ins/keys.ts'
import { groupCalls, projectCalls, projectPlan } from '#shared/systems/check-ins/project-plan.ts'
import { type LeaderboardRecord, leaderboardRecord } from '#shared/systems/check-ins/records.ts'
import { droppedRows, shortList } from '#shared/systems/check-ins/short-list.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import { parseRankings, type Rankings } from '#shared/upstreams/check-ins/rankings.ts'
import { LEADERBOARD_TYPES, type LeaderboardType } from '#shared/upstreams/check-ins/vocabulary.ts'

export const refresh: Refresh<Rankings> = {
  renderVersion: 1,

  ...projectPlan({
    keys: (id, { job }) => LEADERBOARD_TYPES.map((type) => keysOf(job).leaderboard(id, type)),
    call: ({ id, part }, job) => groupCalls(job).rankings(id, part as LeaderboardType),
    // one of the two leaderboards, whose turn it is
    onTick: (keys, checkedAt) => keys.toSorted((a, b) => checkedAt(a) - checkedAt(b)).slice(0, 1),
  }),

  parse: ([body]) => parseRankings(body),

  accept: ({ rankings }, context) =>
    expectNoFault(
      shortList('ranks', { rows: rankings.length, storedRows: storedIds(context).length }, context),
    ),

  totals: ({ rankings }, context) =>
    droppedRows(
      storedIds(context),
      rankings.map(({ user }) => user.userId),
    ),

  review: ({ lost }, { key }) => ({
    lost: lost.map(({ name, message }) => ({ name: `${key} ${name ?? 'a rank'}`, message })),
    distrusted: [],
  }),

  item: (rankings, context) => {
    const record = leaderboardRecord(rankings, {
      type: typeOf(context),
      maxItems: Number(context.job.settings['CHECKINS_LEADERBOARD_MAX_ITEMS']),
    })
    return {
      data: asJson(record),
      identity: recordIdentity(record),
      asOf: context.now,
      degraded: rankings.lost.length > 0,
      isEmpty: record.rankings.length === 0,
    }
  },

  summarizeRun: runSummary('checkins_leaderboards', 'leaderboards'),

  // two runs refresh both leaderboards of a project
  maxCalls: (job) =>
    projectCalls(job, LEADERBOARD_TYPES.length, Number(job.settings['CHECKINS_INTERVAL_LEADERBOARD'])),
}

function typeOf({ key, job }: Pick<ParseContext, 'key' | 'job'>): LeaderboardType {
  return projectOfKey(key, checkInSettings(job).CHECKINS_KEY_PREFIX)?.part as LeaderboardType
}

function storedIds({ previous }: Pick<ParseContext, 'previous'>): readonly (number | string)[] {
  const { rankings = [] } = (previous?.data ?? {}) as Partial<LeaderboardRecord>
  return rankings.map(({ user }) => user.user_id)
}
