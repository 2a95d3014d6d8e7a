import * as z from 'zod/mini'
import { orNull, rowList } from '../fields.ts'
import { expectFewLost, type LostRow, readPrivateRows } from '../rows.ts'
import {
  counter,
  dayCount,
  firstOf,
  identifier,
  imageOrNull,
  lineOrNull,
  memberAt,
  textOrNull,
  timeOrNull,
} from './fields.ts'
import { CHECK_IN_SCOPES, type CheckInScope } from './vocabulary.ts'

/** A check-in project. What the provider does not have is `null`; times are milliseconds since the epoch. */
export interface CheckInProject {
  readonly projectId: string
  readonly title: string | null
  /** At most 1,000 characters, without markup. */
  readonly description: string | null
  /** As the provider states it. */
  readonly status: CheckInScope | null
  readonly startAt: number | null
  /** `null` also for a project without an end. */
  readonly endAt: number | null
  readonly createdAt: number | null
  readonly coverImage: string | null
  readonly members: number | null
  readonly checkIns: number | null
  readonly continuousDays: number | null
  readonly rules: string | null
}

/** An answer with more unusable projects is not believed. */
const MAX_LOST_SHARE = 0.5

const MAX_TITLE_LENGTH = 200
const MAX_TEXT_LENGTH = 1_000

const listBody = z.object({ resp_data: z.object({ checkins: rowList() }) })

/**
 * Parses a list of projects, in the provider's order.
 *
 * @param now - milliseconds since the epoch
 * @throws {TypeError} when more than half of the projects are lost
 * @throws {z.core.$ZodError} for a body of another form
 */
export function parseProjectList(
  answer: unknown,
  { now }: { readonly now: number },
): { readonly projects: readonly CheckInProject[]; readonly lost: readonly LostRow[] } {
  const { checkins } = listBody.parse(answer).resp_data
  const { rows, lost } = readPrivateRows(checkins, projectAt(now), ({ projectId }) => projectId)
  expectFewLost('projects', lost, { total: checkins.length, maxShare: MAX_LOST_SHARE })
  return { projects: rows, lost }
}

const detailBody = z.object({ resp_data: z.record(z.string(), z.unknown()) })

/**
 * Parses the detail of a project.
 *
 * @param now - milliseconds since the epoch
 * @throws {TypeError} for the detail of another project
 * @throws {z.core.$ZodError} for a body of another form
 */
export function parseProjectDetail(
  answer: unknown,
  { projectId, now }: { readonly projectId: string; readonly now: number },
): CheckInProject {
  const { resp_data: data } = detailBody.parse(answer)
  const project = projectAt(now).parse(memberAt(data, 'checkin') ?? data)
  if (project.projectId === projectId) return project
  throw new TypeError(`expected the detail of project ${projectId}, got that of ${project.projectId}`)
}

/** A project of a list or a detail; counters stand in `statistics` or beside the other members. */
function projectAt(now: number): z.ZodMiniType<CheckInProject> {
  const fields = z.object({
    projectId: identifier(),
    title: lineOrNull(MAX_TITLE_LENGTH),
    description: textOrNull(MAX_TEXT_LENGTH),
    status: z.transform(statedStatus),
    startAt: timeOrNull(now),
    endAt: timeOrNull(now),
    createdAt: timeOrNull(now),
    coverImage: imageOrNull(),
    members: counter(),
    checkIns: counter(),
    continuousDays: orNull(dayCount()),
    rules: textOrNull(MAX_TEXT_LENGTH),
  })
  return z.pipe(
    z.pipe(z.transform(projectMembers), fields),
    z.transform(withoutContradictoryTimes),
  ) as z.ZodMiniType<CheckInProject>
}

/** A project that would end before its beginning has neither time: one of them is wrong. */
function withoutContradictoryTimes<T extends Pick<CheckInProject, 'startAt' | 'endAt'>>(project: T): T {
  const { startAt, endAt } = project
  const isContradictory = startAt !== null && endAt !== null && endAt < startAt
  return isContradictory ? { ...project, startAt: null, endAt: null } : project
}

function projectMembers(raw: unknown) {
  return {
    projectId: firstOf(raw, 'checkin_id'),
    title: firstOf(raw, 'title', 'name'),
    description: firstOf(raw, 'text', 'description'),
    status: firstOf(raw, 'status'),
    startAt: firstOf(raw, 'begin_time', 'start_time', 'create_time'),
    endAt:
      memberAt(raw, 'validity.long_period') === true
        ? null
        : firstOf(raw, 'end_time', 'validity.expiration_time'),
    createdAt: firstOf(raw, 'create_time'),
    coverImage: firstOf(raw, 'cover_url', 'cover_image', 'background.image_url'),
    members: firstOf(raw, 'statistics.joined_count', 'joined_count', 'users_count'),
    checkIns: firstOf(raw, 'statistics.checkined_count', 'checkined_count', 'checkins_count'),
    continuousDays: firstOf(raw, 'current_continuous_days', 'continuous_days'),
    rules: firstOf(raw, 'rules'),
  }
}

function statedStatus(value: unknown): CheckInScope | null {
  return CHECK_IN_SCOPES.find((status) => status === value) ?? null
}
