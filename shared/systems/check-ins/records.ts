import type { CheckInStatus, LeaderboardType } from '#shared/upstreams/check-ins/vocabulary.ts'

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
export interface RankedUserRecord {
  readonly user_id: number | string
  readonly name: string | null
  readonly alias: string | null
  /** A signed address that expires: see `usableImage`. */
  readonly avatar: string | null
}

/** One rank. Ties share it. */
export interface RankingRecord {
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
export interface TopicRecord {
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
