import { roundTo } from '#shared/analysis/rounding.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { CheckInProject } from '#shared/upstreams/check-ins/projects.ts'
import type { Rankings } from '#shared/upstreams/check-ins/rankings.ts'
import type { CheckInStatistics, DailyStatistics } from '#shared/upstreams/check-ins/statistics.ts'
import type { CheckInTopic } from '#shared/upstreams/check-ins/topics.ts'
import type { CheckInUser } from '#shared/upstreams/check-ins/users.ts'
import type { CheckInScope, CheckInStatus, LeaderboardType } from '#shared/upstreams/check-ins/vocabulary.ts'

/*
 * The check-in data as they are stored. What the provider does not have is null, never 0. Times are ISO 8601 in UTC, dates
 * those of Shanghai, ids of projects and topics texts. All records with users hold personal data of members.
 */

/** A project in a list. */
export interface ProjectRecord {
  readonly project_id: string
  readonly title: string | null
  /** At most 1,000 characters. */
  readonly description: string | null
  readonly status: CheckInStatus | null
  readonly start_date: string | null
  /** `null` also for a project without an end. */
  readonly end_date: string | null
  /** A signed address that expires: see `usableImage`. */
  readonly cover_image: string | null
  readonly total_members: number | null
  readonly total_checkins: number | null
}

/** The projects of one scope, in the provider's order. */
export interface ProjectListRecord {
  readonly projects: readonly ProjectRecord[]
}

/** The detail of a project. */
export interface ProjectDetailRecord extends ProjectRecord {
  readonly continuous_days: number | null
  /** At most 1,000 characters. */
  readonly rules: string | null
  readonly created_at: string | null
}

/** The statistics of a project since its start. */
export interface ProjectStatsRecord {
  readonly total_members: number | null
  readonly total_checkins: number | null
  /** Only some bodies have it; the total of the day's statistics otherwise has it. */
  readonly today_checkins: number | null
  /** From 0 to 1. */
  readonly continuous_rate: number | null
  /** Two decimals; `null` in the nested form, whose total is no running total. */
  readonly avg_checkins_per_member: number | null
  readonly completed_members: number | null
  /** Completed members per member, two decimals. */
  readonly completion_rate: number | null
  /** In which of its two forms the provider answered. */
  readonly form: 'nested' | 'flat'
}

/** The statistics of a project on one day. */
export interface DailyStatsRecord {
  /** A day in Shanghai: `2025-01-15`. */
  readonly date: string
  readonly total_checkins: number | null
  readonly new_members: number | null
  readonly active_members: number | null
}

/** A member of a leaderboard. An id beyond 2^53 is a text. */
interface RankedUserRecord {
  readonly user_id: number | string
  readonly name: string | null
  readonly alias: string | null
  /** A signed address that expires: see `usableImage`. */
  readonly avatar: string | null
}

/** One rank. Ties share it. */
interface RankingRecord {
  readonly rank: number
  readonly user: RankedUserRecord
  readonly days: number
}

/** A leaderboard, by rank, then days, then user. */
export interface LeaderboardRecord {
  readonly type: LeaderboardType
  readonly rankings: readonly RankingRecord[]
  /** Number of stored ranks. */
  readonly total: number
  /** The rank of the token's owner: for operators only. */
  readonly user_rank: { readonly rank: number; readonly days: number } | null
}

/** The latest topic of a member. */
interface TopicRecord {
  readonly topic_id: string
  readonly title: string | null
  /** At most 1,000 characters. */
  readonly content: string | null
  readonly create_time: string | null
  readonly user: Omit<RankedUserRecord, 'alias'> | null
}

/** The latest topics of a project, in the provider's order. */
export interface TopicsRecord {
  readonly topics: readonly TopicRecord[]
}

/**
 * A project of a list.
 *
 * @param scope - the scope of the list, which is the status of a project that states none; absent for a detail, where the
 *   dates decide
 * @param now - milliseconds since the epoch
 */
export function projectRecord(
  project: CheckInProject,
  { scope, now }: { readonly scope?: CheckInScope; readonly now: number },
): ProjectRecord {
  const { projectId, title, description, coverImage, members, checkIns } = project
  return {
    project_id: projectId,
    title,
    description,
    status: project.status ?? scope ?? statusByDates(project, now),
    start_date: isoOrNull(project.startAt),
    end_date: isoOrNull(project.endAt),
    cover_image: coverImage,
    total_members: members,
    total_checkins: checkIns,
  }
}

/** The detail of a project; `now` is milliseconds since the epoch. */
export function projectDetailRecord(project: CheckInProject, now: number): ProjectDetailRecord {
  const { continuousDays, rules, createdAt } = project
  return {
    ...projectRecord(project, { now }),
    continuous_days: continuousDays,
    rules,
    created_at: isoOrNull(createdAt),
  }
}

/** The statistics of a project, with the figures that are computed of them. */
export function projectStatsRecord(statistics: CheckInStatistics): ProjectStatsRecord {
  const { form, members, checkIns, completedMembers, todayCheckIns, continuousRate } = statistics
  return {
    total_members: members,
    total_checkins: checkIns,
    today_checkins: todayCheckIns,
    continuous_rate: continuousRate,
    avg_checkins_per_member: form === 'flat' ? perMember(checkIns, members) : null,
    completed_members: completedMembers,
    completion_rate: perMember(completedMembers, members),
    form,
  }
}

/** The statistics of one day. */
export function dailyStatsRecord({ date, ...daily }: DailyStatistics): DailyStatsRecord {
  return {
    date,
    total_checkins: daily.checkIns,
    new_members: daily.newMembers,
    active_members: daily.activeMembers,
  }
}

/** A leaderboard of at most `maxItems` ranks. */
export function leaderboardRecord(
  { rankings, userRank }: Rankings,
  { type, maxItems }: { readonly type: LeaderboardType; readonly maxItems: number },
): LeaderboardRecord {
  const stored = rankings.slice(0, maxItems)
  return {
    type,
    rankings: stored.map(({ rank, user, days }) => ({ rank, user: userRecord(user), days })),
    total: stored.length,
    user_rank: userRank,
  }
}

/** At most `maxItems` of the latest topics. */
export function topicsRecord(topics: readonly CheckInTopic[], maxItems: number): TopicsRecord {
  return { topics: topics.slice(0, maxItems).map(topicRecord) }
}

function topicRecord({ topicId, title, content, createdAt, user }: CheckInTopic): TopicRecord {
  return {
    topic_id: topicId,
    title,
    content,
    create_time: isoOrNull(createdAt),
    user: user && { user_id: user.userId, name: user.name, avatar: user.avatar },
  }
}

function userRecord({ userId, name, alias, avatar }: CheckInUser): RankedUserRecord {
  return { user_id: userId, name, alias, avatar }
}

function statusByDates({ startAt, endAt }: CheckInProject, now: number): CheckInStatus | null {
  if (startAt === null && endAt === null) return null
  if (startAt !== null && now < startAt) return 'not_started'
  return endAt !== null && now > endAt ? 'over' : 'ongoing'
}

/** Two decimals; `null` without members. */
function perMember(amount: number | null, members: number | null): number | null {
  return amount === null || members === null || members === 0 ? null : roundTo(amount / members, 2)
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : isoSeconds(at)
}
