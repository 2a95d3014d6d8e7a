import { MINUTE_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { isCalendarDate, localDate, offsetAt } from '#shared/domain/time.ts'
import {
  CHECK_IN_ZONE,
  checkInsOn,
  checkInsUntil,
  memberDays,
  type Project,
  projectsAt,
  signedImage,
} from './model/check-in-group.ts'
import { checkInTopics } from './model/check-in-topics.ts'
import { jsonResponse, type SimulatedProvider, type SimulatedResponse } from './model/provider.ts'
import { hashFraction } from './model/seeded-values.ts'

const STEP_MS = MINUTE_MS
const MIN_SPACING_MS = SECOND_MS
const MAX_COUNT = 100

const PATH =
  /^\/v2\/groups\/\d{1,20}\/checkins(?:\/(\d{1,20})(?:\/(statistics|statistics\/daily|ranking_list|topics))?)?$/

/** One call about a project, at the present step. */
interface ProjectCall {
  readonly seed: number
  readonly now: number
  readonly project: Project
  readonly query: URLSearchParams
}

/**
 * The check-in projects of a group, in both forms of bodies. Projects start, end, and are unknown some weeks later; ids of topics
 * are bare numbers beyond 2^53; addresses of images are signed again every hour. Calls less than a second apart are limited.
 *
 * @param refusedShare - part of the calls that the provider refuses as those of an unofficial tool, from 0 to 1
 */
export function checkInProvider({ refusedShare }: { readonly refusedShare: number }): SimulatedProvider {
  return (seed, now, path, query, earlierCalls = [], _body, headers) => {
    const [isProvider, id, kind = 'detail'] = PATH.exec(path) ?? []
    if (isProvider === undefined)
      return { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>404</h1>' }
    if (headers && !headers['authorization']) return failure(401, 401, 'authorization is missing')
    if (earlierCalls.some((at) => at <= now && now - at < MIN_SPACING_MS))
      return failure(200, 429, 'too many calls')
    if (hashFraction(`${now} ${path} ${seed}`) < refusedShare) return failure(200, 1059, 'unofficial tool')
    const at = Math.floor(now / STEP_MS) * STEP_MS
    if (id === undefined) return list(seed, at, query)
    const project = projectsAt(at).find((each) => String(each.id) === id)
    if (!project) return failure(200, 404, 'the project does not exist')
    return (ANSWERS[kind] ?? detail)({ seed, now: at, project, query })
  }
}

/** The simulated check-in provider, which refuses no call. */
export const checkIns = checkInProvider({ refusedShare: 0 })

const ANSWERS: Readonly<Record<string, (call: ProjectCall) => SimulatedResponse>> = {
  statistics,
  'statistics/daily': daily,
  ranking_list: rankings,
  topics,
}

function success(resp_data: object): SimulatedResponse {
  return jsonResponse(200, { succeeded: true, resp_data })
}

function failure(status: number, code: number, info: string): SimulatedResponse {
  return jsonResponse(status, { succeeded: false, code, info, resp_data: {} })
}

const missing = (name: string) => failure(200, 1002, `${name} is missing`)
const wrong = (name: string) => failure(200, 1004, `${name} is not valid`)

function list(seed: number, now: number, query: URLSearchParams): SimulatedResponse {
  const [scope, count] = [query.get('scope'), query.get('count')]
  if (scope === null) return missing('scope')
  if (count === null) return missing('count')
  if (!['ongoing', 'closed', 'over'].includes(scope)) return wrong('scope')
  if (!(Number(count) >= 1 && Number(count) <= MAX_COUNT)) return wrong('count')
  const checkins = projectsAt(now)
    .filter((project) => project.scope === scope)
    .slice(0, Number(count))
    .map((project) => projectBody(seed, project, now))
  return success({ checkins })
}

function detail({ seed, now, project }: ProjectCall): SimulatedResponse {
  return success({ is_valid_member: true, checkin: projectBody(seed, project, now) })
}

function projectBody(seed: number, project: Project, now: number): object {
  const { id, title, form, startAt, endAt, memberCount } = project
  const image = signedImage(seed, `covers/${id}`, now)
  if (form === 'documented')
    return {
      checkin_id: id,
      name: title,
      description: 'One check-in a day.\nNo excuses.',
      start_time: timeText(startAt),
      end_time: endAt === undefined ? '' : timeText(endAt),
      background: { image_url: image },
      users_count: memberCount,
      checkined_count: checkInsUntil(seed, project, now),
      current_continuous_days: 10,
      rules: 'Once a day',
      create_time: timeText(startAt),
    }
  return {
    checkin_id: id,
    group: { group_id: 28_888_000_000_001, name: 'group-1', background_url: image },
    owner: userBody(seed, 0, now),
    title,
    text: 'Rules: <e type="hashtag" hid="28500000002" title="%23%E6%89%93%E5%8D%A1%23" /> once a day',
    validity: { long_period: endAt === undefined, ...(endAt && { expiration_time: timeText(endAt) }) },
    create_time: timeText(startAt),
    status: project.scope,
    type: 'accumulated',
    joined_count: memberCount,
    statistics: { ...nestedCounters(seed, project, now), today_checkined_count: today(seed, project, now) },
    user_specific: { joined: false },
  }
}

function statistics({ seed, now, project }: ProjectCall): SimulatedResponse {
  const { form, memberCount } = project
  if (form === 'captured')
    return success({
      statistics: {
        ...nestedCounters(seed, project, now),
        checkined_count: Math.min(memberCount, checkInsUntil(seed, project, now)),
        ranking_list: [],
      },
    })
  return success({
    users_count: memberCount,
    checkined_count: checkInsUntil(seed, project, now),
    today_count: today(seed, project, now),
    continuous_rate: 0.85,
  })
}

function nestedCounters(seed: number, project: Project, now: number) {
  const { endAt = Number.POSITIVE_INFINITY, memberCount } = project
  const completed =
    now > endAt ? Math.floor(memberCount * hashFraction(`completed ${project.id} ${seed}`)) : 0
  return { joined_count: memberCount, completed_count: completed }
}

const today = (seed: number, project: Project, now: number) =>
  checkInsOn(seed, project, localDate(CHECK_IN_ZONE, now), now)

function daily({ seed, now, project, query }: ProjectCall): SimulatedResponse {
  const text = query.get('date')
  if (text === null) return missing('date')
  const [isTime, date] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d\.\d{3}\+0800$/.exec(text) ?? []
  if (isTime === undefined || !isCalendarDate(date)) return wrong('date')
  const count = checkInsOn(seed, project, date, now)
  return project.form === 'captured'
    ? success({ checkined_count: count })
    : success({ date, count, new_users: Math.floor(count / 24), active_users: Math.max(0, count - 5) })
}

function rankings({ seed, now, project, query }: ProjectCall): SimulatedResponse {
  const type = query.get('type')
  if (type === null || query.get('index') === null) return missing('type or index')
  if (type !== 'continuous' && type !== 'accumulated') return wrong('type')
  const board = Array.from({ length: project.memberCount }, (_, member) => ({
    member,
    days: memberDays(seed, project, member, { type, now }),
  })).sort((a, b) => b.days - a.days)
  const rows = query.get('index') === '0' ? board.slice(0, MAX_COUNT) : []
  const isCaptured = project.form === 'captured'
  return success({
    ranking_list: rows.map(({ member, days }) => {
      // ties share a rank, and a member without a day has none
      const rank = days === 0 ? 0 : board.findIndex((each) => each.days === days) + 1
      const user = userBody(seed, member, now)
      return isCaptured ? { user, rankings: rank, checkined_days: days } : { rank, days, user }
    }),
    user_specific: ownRank(seed, project, now),
  })
}

/** The token's owner takes part in large projects only, and has not checked in in the middle ones. */
function ownRank(seed: number, { memberCount }: Project, now: number): object {
  if (memberCount < 20) return { joined: false }
  const [rankings, checkined_days] = memberCount < 100 ? [0, 0] : [6, 20]
  return { user: userBody(seed, 0, now), rankings, checkined_days }
}

function topics({ seed, now, project, query }: ProjectCall): SimulatedResponse {
  const count = query.get('count')
  if (count === null) return missing('count')
  if (!(Number(count) >= 1 && Number(count) <= MAX_COUNT)) return wrong('count')
  const rows = checkInTopics(seed, project, now).slice(0, Number(count))
  const response = success({
    topics: rows.map(({ id, member, text, title, createdAt }) => ({
      topic_id: bareNumber(id),
      ...(project.form === 'captured' && { topic_uid: String(id) }),
      type: 'talk',
      ...(title !== undefined && { title }),
      talk: { owner: userBody(seed, member, now), text },
      create_time: timeText(createdAt),
    })),
  })
  return { ...response, body: response.body.replaceAll(/"bare:(\d+)"/g, '$1') }
}

/** JSON has no limit for whole numbers, and a double has: the quotes around this text are removed from the body. */
function bareNumber(id: bigint): string {
  return `bare:${id}`
}

/** A member of the group: one of ten has an alias, one of seven no image. */
function userBody(seed: number, member: number, now: number): object {
  return {
    user_id: 100_000_000_000_001 + member,
    name: `member-${member + 1}`,
    alias: member % 10 === 0 ? `alias-${member + 1}` : '',
    avatar_url: member % 7 === 6 ? '' : signedImage(seed, `avatars/${member + 1}`, now),
  }
}

/** As the provider writes times: `2025-01-15T08:30:00.000+0800`. */
function timeText(at: number): string {
  return new Date(at + offsetAt(CHECK_IN_ZONE, at)).toISOString().replace('Z', '+0800')
}
