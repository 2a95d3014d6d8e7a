import { localDate } from '#shared/domain/time.ts'
import {
  CHECK_IN_ZONE,
  type CheckInScope,
  type LeaderboardType,
} from '#shared/upstreams/check-ins/vocabulary.ts'

/** The id of a project, as a pattern without anchors. */
export const PROJECT_ID_PATTERN = '[0-9]{1,20}'

/**
 * The keys of the stored check-in data. The prefix comes first, so that instances of different prefixes share no data.
 *
 * @param prefix - the setting `CHECKINS_KEY_PREFIX`
 * @example checkInKeys('zsxq').topics('1141152412') // 'zsxq:project:1141152412:topics'
 */
export function checkInKeys(prefix: string) {
  const project = (id: string, kind: string) => `${prefix}:project:${id}:${kind}`
  return {
    list: (scope: CheckInScope) => `${prefix}:projects:list:${scope}`,
    info: (id: string) => project(id, 'info'),
    stats: (id: string) => project(id, 'stats'),
    /** @param date - a day in Shanghai: `2025-01-15` */
    dailyStats: (id: string, date: string) => project(id, `daily_stats:${date}`),
    leaderboard: (id: string, type: LeaderboardType) => project(id, `leaderboard:${type}`),
    topics: (id: string) => project(id, 'topics'),
  }
}

/** The date in Shanghai at an epoch time: `2025-01-15`. The provider's day begins at midnight there. */
export function shanghaiDate(now: number): string {
  return localDate(CHECK_IN_ZONE, now)
}
