/* The words of the check-in provider that routes, settings and keys share with its parsers. */

/** The lists of projects that the provider has. */
export const CHECK_IN_SCOPES = ['ongoing', 'closed', 'over'] as const

/** One list of projects. */
export type CheckInScope = (typeof CHECK_IN_SCOPES)[number]

/** State of a project: that of the provider, or `not_started` where only its dates are known. */
export type CheckInStatus = CheckInScope | 'not_started'

/** The leaderboards of a project: by days in a row, and by all days. */
export const LEADERBOARD_TYPES = ['continuous', 'accumulated'] as const

/** One leaderboard. */
export type LeaderboardType = (typeof LEADERBOARD_TYPES)[number]

/** Zone in which the provider writes its times and counts its days. */
export const CHECK_IN_ZONE = 'Asia/Shanghai'
