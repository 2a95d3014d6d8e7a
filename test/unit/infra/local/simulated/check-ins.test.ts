import { describe, expect, test } from 'vitest'
import { checkInProvider, checkIns } from '#infra/local/simulated/check-ins.ts'
import { simulatedProfile } from '#infra/local/simulated/profile.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { shanghaiDate } from '#shared/systems/check-ins/keys.ts'
import {
  leaderboardRecord,
  projectDetailRecord,
  projectRecord,
  projectStatsRecord,
} from '#shared/systems/check-ins/records.ts'
import { checkInCalls } from '#shared/upstreams/check-ins/calls.ts'
import { parseProjectDetail, parseProjectList } from '#shared/upstreams/check-ins/projects.ts'
import { parseRankings } from '#shared/upstreams/check-ins/rankings.ts'
import { parseDailyStatistics, parseStatistics } from '#shared/upstreams/check-ins/statistics.ts'
import { parseTopics } from '#shared/upstreams/check-ins/topics.ts'
import type { CheckInScope } from '#shared/upstreams/check-ins/vocabulary.ts'
import { checkIns as upstreamDeclaration } from '#shared/upstreams/check-ins.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** 20:00 in Shanghai on a Friday; a brief project has begun two hours before. */
const NOW = Date.UTC(2026, 10, 27, 12)
const LONG = '2424000001'
const EMPTY = '2424000002'
const YEAR = '1141152026'

const calls = checkInCalls('28888000000001')
const upstream = resolveUpstream(upstreamDeclaration, simulatedProfile(['check-ins'], {}))

interface Call {
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
}

interface Options {
  readonly now?: number
  readonly seed?: number
  readonly earlier?: readonly number[]
  readonly headers?: Readonly<Record<string, string>>
  readonly provider?: typeof checkIns
}

function respond({ path, query = {} }: Call, options: Options = {}) {
  const { now = NOW, seed = 1, earlier = [], headers = { authorization: 'k' }, provider = checkIns } = options
  return provider(seed, now, path, new URLSearchParams(query), earlier, undefined, headers)
}

/** The body of a success, as the upstream reads it. */
function bodyOf(call: Call, options: Options = {}): unknown {
  const classified = upstream.classify(respond(call, options), options.now ?? NOW)
  if (classified.kind === 'failed') throw classified.error
  return classified.body
}

function errorOf(call: Call, options: Options = {}) {
  const classified = upstream.classify(respond(call, options), options.now ?? NOW)
  return classified.kind === 'failed' ? classified.error : undefined
}

const projects = (scope: CheckInScope, now = NOW) =>
  parseProjectList(bodyOf(calls.list(scope), { now }), { now })
const idsOf = (scope: CheckInScope, now = NOW) =>
  projects(scope, now).projects.map(({ projectId }) => projectId)
const boardOf = (id: string, type: 'continuous' | 'accumulated', now = NOW) =>
  parseRankings(bodyOf(calls.rankings(id, type), { now }))
const topicsOf = (id: string, now = NOW) => parseTopics(bodyOf(calls.topics(id), { now }), { now })
const dayOf = (id: string, now: number, date = shanghaiDate(now)) =>
  parseDailyStatistics(bodyOf(calls.dailyStatistics(id, date), { now }), { date })

describe('the simulation of the check-in provider', () => {
  test('repeats its bytes within a minute, and gives others for another seed', () => {
    const call = calls.topics(LONG)

    expect(respond(call, { now: NOW + MINUTE - 1 }).body).toBe(respond(call).body)
    expect(respond(call, { seed: 2 }).body).not.toBe(respond(call).body)
  })

  test('has its profile: the provider is on, and its token is needed', () => {
    expect(upstream.off).toBeUndefined()
    expect(upstream.secret).toMatchObject({ header: 'authorization' })
    expect(respond(calls.list('ongoing'), { headers: {} }).status).toBe(401)
    expect(errorOf(calls.list('ongoing'), { headers: {} })).toMatchObject({
      reason: 'auth',
      scope: 'provider',
    })
  })

  test('has projects of each scope, all of them readable, with the status of their scope', () => {
    const [ongoing, over, closed] = (['ongoing', 'over', 'closed'] as const).map((scope) => {
      const { projects: list, lost } = projects(scope)
      expect(lost).toEqual([])
      expect(list.map((each) => projectRecord(each, { scope, now: NOW }).status)).toEqual(
        list.map(() => scope),
      )
      return list.length
    })

    expect([ongoing, over, closed]).toEqual([5, 3, 1])
  })

  test('has both forms of bodies, each with its dates and its statistics', () => {
    const [long, year] = [LONG, YEAR].map((id) => {
      const project = parseProjectDetail(bodyOf(calls.detail(id)), { projectId: id, now: NOW })
      const statistics = projectStatsRecord(parseStatistics(bodyOf(calls.statistics(id))))
      return { detail: projectDetailRecord(project, NOW), statistics }
    })

    expect(long).toMatchObject({
      detail: { title: 'Read #every day#', end_date: null, total_members: 115, total_checkins: null },
      statistics: { form: 'nested', total_members: 115, total_checkins: 115, avg_checkins_per_member: null },
    })
    expect(year).toMatchObject({
      detail: { title: '2026 challenge', end_date: '2026-12-31T15:59:59Z', rules: 'Once a day' },
      statistics: { form: 'flat', total_members: 150, continuous_rate: 0.85 },
    })
    expect(year?.statistics.avg_checkins_per_member).toBeGreaterThan(100)
  })

  test('has an empty project: zeros, no topic and no rank', () => {
    expect(projectStatsRecord(parseStatistics(bodyOf(calls.statistics(EMPTY))))).toMatchObject({
      form: 'nested',
      total_members: 0,
      total_checkins: 0,
      completed_members: 0,
    })
    expect(topicsOf(EMPTY)).toEqual({ topics: [], lost: [] })
    expect(boardOf(EMPTY, 'continuous')).toEqual({ rankings: [], userRank: null, lost: [] })
    expect(dayOf(EMPTY, NOW).checkIns).toBe(0)
  })

  test('has a project of each week, which is over at its end and unknown three weeks later', () => {
    const week = idsOf('ongoing')[2] ?? ''

    expect(idsOf('over', NOW + 7 * DAY)).toContain(week)
    expect(idsOf('over', NOW + 21 * DAY)).toContain(week)
    expect(errorOf(calls.detail(week), { now: NOW + 28 * DAY })).toMatchObject({
      reason: 'not-found',
      isExplicit: true,
    })
  })

  test('has a brief project that is unknown from its end on', () => {
    const brief = idsOf('ongoing')[4] ?? ''

    expect(errorOf(calls.statistics(brief), { now: NOW + 3 * HOUR })?.reason).toBe('not-found')
    expect(idsOf('ongoing', NOW + 3 * HOUR)).not.toContain(brief)
    expect(idsOf('ongoing', NOW + 6 * HOUR)).toHaveLength(5)
  })

  test('counts the check-ins of a day over the day in Shanghai, and keeps those of past days', () => {
    const midnight = Date.UTC(2026, 10, 27, 16)
    const counts = [0, 6, 12, 23.9].map((hours) => dayOf(YEAR, midnight + hours * HOUR).checkIns ?? -1)

    expect(counts[0]).toBe(0)
    expect(counts.toSorted((a, b) => a - b)).toEqual(counts)
    expect(counts[3]).toBeGreaterThan(30)
    expect(dayOf(YEAR, midnight + 3 * DAY, '2026-11-28').checkIns).toBeGreaterThanOrEqual(counts[3] ?? 0)
    expect(dayOf(YEAR, midnight, '2026-12-24').checkIns).toBe(0)
    expect(dayOf(LONG, NOW)).toMatchObject({ newMembers: null, activeMembers: null })
  })

  test('ranks members with ties, leaves out those without a day, and limits a board to a hundred', () => {
    const { rankings, userRank, lost } = boardOf(LONG, 'accumulated')
    const record = leaderboardRecord({ rankings, userRank, lost }, { type: 'accumulated', maxItems: 100 })

    expect([lost, record.total, userRank]).toEqual([[], 100, { rank: 6, days: 20 }])
    expect(new Set(rankings.map(({ rank }) => rank)).size).toBeLessThan(100)
    expect(boardOf(YEAR, 'continuous').rankings.length).toBeGreaterThan(90)
    expect(boardOf(idsOf('ongoing')[2] ?? '', 'continuous')).toMatchObject({ userRank: null, lost: [] })
    expect(boardOf(idsOf('ongoing')[4] ?? '', 'accumulated').userRank).toBeNull()
  })

  test('has topics with ids beyond 2^53 as bare numbers, and texts with markup', () => {
    const { topics, lost } = topicsOf(YEAR)

    expect(respond(calls.topics(YEAR)).body).toMatch(/"topic_id":\d{17,18},/)
    expect([topics.length, lost, new Set(topics.map(({ topicId }) => topicId)).size]).toEqual([20, [], 20])
    expect(topics.every(({ topicId }) => !Number.isSafeInteger(Number(topicId)))).toBe(true)
    expect(topics.map(({ content }) => content ?? '').join('\n')).not.toContain('<e ')
    expect(topics.some(({ content }) => content === null)).toBe(true)
    expect(topicsOf(LONG).topics).toHaveLength(20)
  })

  test('signs the addresses of images again every hour', () => {
    const avatar = (now: number) => boardOf(LONG, 'accumulated', now).rankings[0]?.user.avatar

    expect(avatar(NOW + 59 * MINUTE)).toBe(avatar(NOW))
    expect(avatar(NOW + HOUR)).not.toBe(avatar(NOW))
    expect(avatar(NOW)).toMatch(/^https:\/\/images\.test\/.*[?&]e=\d{10}&token=/)
  })

  test.each<[string, Call, string]>([
    ['a list without scope', { path: calls.list('over').path, query: { count: '100' } }, '1002'],
    ['a list without count', { path: calls.list('over').path, query: { scope: 'over' } }, '1002'],
    [
      'a list of another scope',
      { path: calls.list('over').path, query: { scope: 'all', count: '9' } },
      '1004',
    ],
    [
      'more than a hundred projects',
      { path: calls.list('over').path, query: { scope: 'over', count: '101' } },
      '1004',
    ],
    ['topics without count', { path: calls.topics(LONG).path }, '1002'],
    ['a day without date', { path: calls.dailyStatistics(LONG, '2026-11-27').path }, '1002'],
    [
      'a date that is encoded twice',
      {
        path: calls.dailyStatistics(LONG, '2026-11-27').path,
        query: { date: '2026-11-27T00%3A00%3A00.000%2B0800' },
      },
      '1004',
    ],
    [
      'ranks without index',
      { path: calls.rankings(LONG, 'continuous').path, query: { type: 'continuous' } },
      '1002',
    ],
    [
      'ranks of another type',
      { path: calls.rankings(LONG, 'continuous').path, query: { type: 'x', index: '0' } },
      '1004',
    ],
  ])('refuses %s', (_, call, code) => {
    expect(errorOf(call)).toMatchObject({ reason: 'bad-request', message: `zsxq error ${code} (status 200)` })
  })

  test('limits calls that are less than a second apart', () => {
    expect(errorOf(calls.list('over'), { earlier: [NOW - 999] })?.reason).toBe('rate-limited')
    expect(errorOf(calls.list('over'), { earlier: [NOW - 1_000] })).toBeUndefined()
  })

  test('refuses no call, but a share of them where a test asks for it', () => {
    const refused = (share: number) =>
      Array.from({ length: 200 }, (_, index) =>
        errorOf(calls.topics(LONG), {
          now: NOW + index * 997,
          provider: checkInProvider({ refusedShare: share }),
        }),
      ).filter((error) => error?.reason === 'refused').length

    expect([refused(0), refused(1)]).toEqual([0, 200])
    expect(refused(0.25)).toBeGreaterThan(10)
    expect(refused(0.25)).toBeLessThan(190)
  })

  test('has nothing at another path', () => {
    expect(respond({ path: '/v2/groups' })).toMatchObject({ status: 404, body: '<h1>404</h1>' })
    expect(errorOf({ path: '/v2/groups/1/checkins/1/joined_users' })).toMatchObject({ isExplicit: false })
  })
})
