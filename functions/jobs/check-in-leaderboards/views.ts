import type { View } from '#shared/read/view.ts'
import { keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { checkInView } from '#shared/systems/check-ins/project-view.ts'
import type { LeaderboardRecord } from '#shared/systems/check-ins/records.ts'
import type { LeaderboardType } from '#shared/upstreams/check-ins/vocabulary.ts'

const DEFAULT_LIMIT = '10'

/** The first ranks of a leaderboard. The rank of the token's owner is for operators. */
const leaderboard = checkInView<LeaderboardRecord>({
  key: ({ parameters, query: { type = 'continuous' } }, job) =>
    keysOf(job).leaderboard(parameters['id'] ?? '', type as LeaderboardType),
  respond: async (
    { type, rankings, total, user_rank },
    { query: { limit = DEFAULT_LIMIT } },
    { isForOperator },
  ) => ({
    data: {
      type,
      rankings: rankings.slice(0, Number(limit)),
      total,
      user_rank: isForOperator ? user_rank : null,
    },
    variant: `${limit} ${isForOperator}`,
  }),
})

/** The responses, by the view name of the route. */
export const views = { leaderboard } satisfies Readonly<Record<string, View>>
