import type { CheckInScope, LeaderboardType } from './vocabulary.ts'

/** Largest numbers of rows that the provider gives in one answer. */
const LIST_COUNT = 100
const TOPICS_COUNT = 20

/**
 * The calls for the check-in projects of a group.
 *
 * @param group - the id of the group: `CHECKINS_GROUP_ID`
 */
export function checkInCalls(group: string) {
  const projects = `/v2/groups/${group}/checkins`
  return {
    list: (scope: CheckInScope) => ({ path: projects, query: { scope, count: String(LIST_COUNT) } }),
    detail: (id: string) => ({ path: `${projects}/${id}` }),
    statistics: (id: string) => ({ path: `${projects}/${id}/statistics` }),
    /** @param date - a day in Shanghai: `2025-01-15` */
    dailyStatistics: (id: string, date: string) => ({
      path: `${projects}/${id}/statistics/daily`,
      query: { date: `${date}T00:00:00.000+0800` },
    }),
    /** The first page, which has at most 100 ranks. */
    rankings: (id: string, type: LeaderboardType) => ({
      path: `${projects}/${id}/ranking_list`,
      query: { type, index: '0' },
    }),
    topics: (id: string) => ({ path: `${projects}/${id}/topics`, query: { count: String(TOPICS_COUNT) } }),
  }
}
