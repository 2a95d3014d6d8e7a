import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { localDate, offsetAt } from '#shared/domain/time.ts'
import { hashFraction } from './seeded-values.ts'

/** Zone in which a day of check-ins begins and ends. */
export const CHECK_IN_ZONE = 'Asia/Shanghai'

/** One project of the invented group. */
export interface Project {
  /** A number below 2^53. */
  readonly id: number
  readonly title: string
  /** `captured` bodies have counters in `statistics`, `documented` ones beside the other members. */
  readonly form: 'captured' | 'documented'
  readonly startAt: number
  /** `undefined` for a project that goes on for a long period. */
  readonly endAt?: number
  readonly scope: 'ongoing' | 'closed' | 'over'
  /** 0 for a project without topics and ranks. */
  readonly memberCount: number
}

const WEEK_MS = 7 * DAY_MS

/** A Monday, 00:00 in Shanghai. */
const FIRST_WEEK_AT = Date.UTC(2024, 0, 1) - 8 * HOUR_MS

/** Weeks for which the project of a past week is listed, before the provider no longer has it. */
const LISTED_WEEKS = 3

/** A project of this length takes place every other time, and is gone at its end. */
const BRIEF_MS = 3 * HOUR_MS

const YEAR_START = '-01-01T00:00:00+08:00'

/**
 * The projects of the group at a time, ongoing ones first: one that goes on for a long period, one of the year, one of the
 * week, one without members, every other three hours a brief one, those of the last weeks, and a closed one.
 */
export function projectsAt(now: number): readonly Project[] {
  const year = Number(localDate(CHECK_IN_ZONE, now).slice(0, 4))
  const brief = Math.floor(now / BRIEF_MS)
  const week = Math.floor((now - FIRST_WEEK_AT) / WEEK_MS)
  const pastWeeks = Array.from({ length: LISTED_WEEKS }, (_, index) => week - 1 - index)
  return [
    longProject,
    {
      id: 1_141_150_000 + year,
      title: `${year} challenge`,
      form: 'documented',
      startAt: Date.parse(`${year}${YEAR_START}`),
      endAt: Date.parse(`${year + 1}${YEAR_START}`) - 1_000,
      scope: 'ongoing',
      memberCount: 150,
    },
    weekProject(week, 'ongoing'),
    emptyProject,
    ...(brief % 2 === 0 ? [briefProject(brief)] : []),
    ...pastWeeks.map((past) => weekProject(past, 'over')),
    closedProject,
  ]
}

const longProject: Project = {
  id: 2_424_000_001,
  title: 'Read <e type="hashtag" hid="28500000001" title="%23every%20day%23" />',
  form: 'captured',
  startAt: Date.UTC(2025, 2, 1),
  scope: 'ongoing',
  memberCount: 115,
}

const emptyProject: Project = {
  id: 2_424_000_002,
  title: '还没有人参加',
  form: 'captured',
  startAt: Date.UTC(2025, 5, 1),
  scope: 'ongoing',
  memberCount: 0,
}

const closedProject: Project = {
  id: 2_424_000_003,
  title: 'Called off',
  form: 'captured',
  startAt: Date.UTC(2025, 3, 1),
  endAt: Date.UTC(2025, 4, 1),
  scope: 'closed',
  memberCount: 12,
}

function weekProject(week: number, scope: Project['scope']): Project {
  const startAt = FIRST_WEEK_AT + week * WEEK_MS
  return {
    id: 2_424_100_000 + week,
    title: `Seven days, week ${week}`,
    form: 'captured',
    startAt,
    endAt: startAt + WEEK_MS - 1,
    scope,
    memberCount: 34,
  }
}

function briefProject(number: number): Project {
  const startAt = number * BRIEF_MS
  return {
    id: 2_425_000_000 + number,
    title: 'A brief one',
    form: 'captured',
    startAt,
    endAt: startAt + BRIEF_MS - 1,
    scope: 'ongoing',
    memberCount: 8,
  }
}

/** Share of a project's members that check in on a day. */
const [LEAST_SHARE, SHARE_RANGE] = [0.3, 0.5]

/**
 * Check-ins of a project on a day in Shanghai up to a time: they grow over the day, and are 0 outside of the project.
 *
 * @param date - `2025-01-15`
 */
export function checkInsOn(seed: number, project: Project, date: string, now: number): number {
  const { id, startAt, endAt = Number.POSITIVE_INFINITY, memberCount } = project
  const beginning = Date.parse(date) - offsetAt(CHECK_IN_ZONE, Date.parse(date))
  if (beginning + DAY_MS <= startAt || beginning > Math.min(endAt, now)) return 0
  const share = LEAST_SHARE + SHARE_RANGE * hashFraction(`${date} ${id} ${seed}`)
  return Math.floor(memberCount * share * Math.min(1, (now - beginning) / DAY_MS))
}

/** Check-ins of a project on all of its days. */
export function checkInsUntil(seed: number, project: Project, now: number): number {
  return Array.from({ length: daysUntil(project, now) }, (_, index) =>
    checkInsOn(seed, project, localDate(CHECK_IN_ZONE, project.startAt + index * DAY_MS), now),
  ).reduce((sum, each) => sum + each, 0)
}

/** Number of days of a project that have begun, the first and the present one included. */
function daysUntil({ startAt, endAt = Number.POSITIVE_INFINITY }: Project, now: number): number {
  const dayOf = (at: number) => Math.floor((at + offsetAt(CHECK_IN_ZONE, at)) / DAY_MS)
  return Math.max(0, dayOf(Math.min(now, endAt)) - dayOf(startAt) + 1)
}

/** A member's days of check-ins in a project: all of them, or the last ones in a row. */
export function memberDays(
  seed: number,
  project: Project,
  member: number,
  { type, now }: { readonly type: 'continuous' | 'accumulated'; readonly now: number },
): number {
  const rate = hashFraction(`${member} ${project.id} ${seed}`)
  const days = Math.floor(daysUntil(project, now) * rate)
  return type === 'accumulated'
    ? days
    : Math.floor(days * hashFraction(`row ${member} ${project.id} ${seed}`))
}

/** Signatures of images are renewed at every full hour, and are valid for a day. */
const [SIGNED_FOR_MS, RENEWED_EVERY_MS] = [DAY_MS, HOUR_MS]

/** The signed address of an image, which changes every hour. */
export function signedImage(seed: number, path: string, now: number): string {
  const expiryS = (Math.floor(now / RENEWED_EVERY_MS) * RENEWED_EVERY_MS + SIGNED_FOR_MS) / 1_000
  const signature = Math.floor(hashFraction(`${expiryS} ${path} ${seed}`) * 1e9).toString(36)
  return `https://images.test/${path}?imageView2=1&e=${expiryS}&token=simulated:${signature}=`
}
