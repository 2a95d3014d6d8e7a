import { localDate } from '#shared/domain/time.ts'
import {
  CHECK_IN_ZONE,
  type CheckInScope,
  type LeaderboardType,
} from '#shared/upstreams/check-ins/vocabulary.ts'

/** The id of a project, as a pattern without anchors. */
export const PROJECT_ID_PATTERN = '[0-9]{1,20}'

const PROJECT_ID = new RegExp(`^${PROJECT_ID_PATTERN}$`)

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

/** A key of a project without its prefix: `stats`, or `leaderboard` with the type as its part. */
export interface ProjectKey {
  readonly id: string
  readonly kind: string
  /** The end of a key that has more than a kind: a date, or the type of a leaderboard. */
  readonly part: string
}

/**
 * The project of a key, and what the key has after it.
 *
 * @param prefix - the setting `CHECKINS_KEY_PREFIX`
 * @returns `undefined` for a key of another prefix or of no project
 * @example projectOfKey('zsxq:project:12:leaderboard:continuous', 'zsxq') // { id: '12', kind: 'leaderboard', part: 'continuous' }
 */
export function projectOfKey(key: string, prefix: string): ProjectKey | undefined {
  const [stored, family, id, kind, part = '', ...others] = key.split(':')
  const isProject = stored === prefix && family === 'project' && others.length === 0
  if (!isProject || id === undefined || kind === undefined || !PROJECT_ID.test(id)) return undefined
  return { id, kind, part }
}

/** The date in Shanghai at an epoch time: `2025-01-15`. The provider's day begins at midnight there. */
export function shanghaiDate(now: number): string {
  return localDate(CHECK_IN_ZONE, now)
}
