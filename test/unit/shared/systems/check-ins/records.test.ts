import { describe, expect, it } from 'vitest'
import {
  dailyStatsRecord,
  leaderboardRecord,
  projectDetailRecord,
  projectRecord,
  projectStatsRecord,
  topicsRecord,
} from '#shared/systems/check-ins/records.ts'
import { type CheckInProject, parseProjectDetail } from '#shared/upstreams/check-ins/projects.ts'
import { parseRankings } from '#shared/upstreams/check-ins/rankings.ts'
import { parseDailyStatistics, parseStatistics } from '#shared/upstreams/check-ins/statistics.ts'
import { parseTopics } from '#shared/upstreams/check-ins/topics.ts'

const NOW = Date.UTC(2025, 0, 15, 10)

const project = (change: Partial<CheckInProject> = {}): CheckInProject => ({
  ...parseProjectDetail({ resp_data: { checkin_id: 12 } }, { projectId: '12', now: NOW }),
  ...change,
})

const stats = (resp_data: unknown) => projectStatsRecord(parseStatistics({ resp_data }))

describe('the record of a project', () => {
  it('has null for all that the provider does not have', () => {
    expect(projectDetailRecord(project(), NOW)).toEqual({
      project_id: '12',
      title: null,
      description: null,
      status: null,
      start_date: null,
      end_date: null,
      cover_image: null,
      total_members: null,
      total_checkins: null,
      continuous_days: null,
      rules: null,
      created_at: null,
    })
  })

  it('shows times in UTC', () => {
    const times = { startAt: Date.UTC(2024, 11, 31, 16), endAt: Date.UTC(2025, 11, 31, 15, 59, 59, 999) }

    expect(projectRecord(project(times), { now: NOW })).toMatchObject({
      start_date: '2024-12-31T16:00:00Z',
      end_date: '2025-12-31T15:59:59Z',
    })
  })

  it.each<[string, Partial<CheckInProject>, 'over' | undefined, string | null]>([
    ['the status that the provider states', { status: 'closed', endAt: NOW + 1 }, 'over', 'closed'],
    ['the scope of its list', { endAt: NOW + 1 }, 'over', 'over'],
    ['not_started before its start', { startAt: NOW + 1 }, undefined, 'not_started'],
    ['ongoing from its start on', { startAt: NOW, endAt: NOW }, undefined, 'ongoing'],
    ['over after its end', { startAt: NOW - 2, endAt: NOW - 1 }, undefined, 'over'],
    ['none without any date', {}, undefined, null],
  ])('has as status %s', (_, change, scope, status) => {
    expect(projectRecord(project(change), { now: NOW, ...(scope && { scope }) }).status).toBe(status)
  })
})

describe('the record of the statistics of a project', () => {
  it('in the nested form has no average: its check-ins are no running total', () => {
    expect(stats({ statistics: { joined_count: 34, completed_count: 0, checkined_count: 33 } })).toEqual({
      total_members: 34,
      total_checkins: 33,
      today_checkins: null,
      continuous_rate: null,
      avg_checkins_per_member: null,
      completed_members: 0,
      completion_rate: 0,
      form: 'nested',
    })
  })

  it('in the flat form has an average of two decimals', () => {
    expect(
      stats({ users_count: 150, checkined_count: 3_500, today_count: 120, continuous_rate: 0.85 }),
    ).toEqual({
      total_members: 150,
      total_checkins: 3_500,
      today_checkins: 120,
      continuous_rate: 0.85,
      avg_checkins_per_member: 23.33,
      completed_members: null,
      completion_rate: null,
      form: 'flat',
    })
  })

  it('without members has neither average nor completion rate', () => {
    const nothing = { avg_checkins_per_member: null, completion_rate: null }

    expect(stats({ joined_count: 0, checkined_count: 0, completed_count: 0 })).toMatchObject(nothing)
    expect(stats({ checkined_count: 5 })).toMatchObject(nothing)
  })
})

describe('the record of a day', () => {
  it('has null for what the provider does not count', () => {
    const daily = parseDailyStatistics({ resp_data: { checkined_count: 3 } }, { date: '2025-12-10' })

    expect(dailyStatsRecord(daily)).toEqual({
      date: '2025-12-10',
      total_checkins: 3,
      new_members: null,
      active_members: null,
    })
  })
})

describe('the record of a leaderboard', () => {
  const rankings = parseRankings({
    resp_data: {
      ranking_list: [1, 2, 3].map((id) => ({ user: { user_id: id }, rankings: id, checkined_days: 4 - id })),
      user_specific: { rankings: 6, checkined_days: 20 },
    },
  })

  it('holds the first ranks, counts them, and has the rank of the token owner', () => {
    expect(leaderboardRecord(rankings, { type: 'continuous', maxItems: 2 })).toEqual({
      type: 'continuous',
      rankings: [
        { rank: 1, user: { user_id: 1, name: null, alias: null, avatar: null }, days: 3 },
        { rank: 2, user: { user_id: 2, name: null, alias: null, avatar: null }, days: 2 },
      ],
      total: 2,
      user_rank: { rank: 6, days: 20 },
    })
  })
})

describe('the record of topics', () => {
  it('holds the first ones with their users, who have no alias', () => {
    const { topics } = parseTopics(
      {
        resp_data: {
          topics: [
            {
              topic_uid: '7',
              create_time: '2025-01-15 08:30:00',
              owner: { user_id: 4, name: 'a', alias: 'b' },
            },
            { topic_uid: '8' },
          ],
        },
      },
      { now: NOW },
    )

    expect(topicsRecord(topics, 1)).toEqual({
      topics: [
        {
          topic_id: '7',
          title: null,
          content: null,
          create_time: '2025-01-15T00:30:00Z',
          user: { user_id: 4, name: 'a', avatar: null },
        },
      ],
    })
    expect(topicsRecord(topics, 20).topics[1]?.user).toBeNull()
  })
})
