import { describe, expect, it } from 'vitest'
import { parseJson } from '#shared/domain/json.ts'
import { parseProjectDetail, parseProjectList } from '#shared/upstreams/check-ins/projects.ts'

const NOW = Date.UTC(2025, 10, 1)

/** As published in October 2025. */
const NESTED = {
  checkin_id: 2_424_000_001,
  title: 'Seven days',
  text: 'Rules <e type="hashtag" hid="1" title="%23a%23" />',
  checkin_days: 9,
  validity: { long_period: false, expiration_time: '2025-11-03T23:59:59.999+0800' },
  create_time: '2025-10-25T06:54:53.309+0800',
  status: 'ongoing',
  type: 'accumulated',
  joined_count: 115,
  statistics: { joined_count: 115, completed_count: 0, today_checkined_count: 2 },
  joined_users: [{ avatar_url: 'https://images.test/user-1' }],
  user_specific: { joined: false },
}

/** As documented. */
const FLAT = {
  checkin_id: 1_141_152_412,
  name: '2025 challenge',
  description: 'Every day',
  start_time: '2025-01-01T00:00:00.000+0800',
  end_time: '2025-12-31T23:59:59.000+0800',
  background: { image_url: 'https://images.test/cover' },
  users_count: 150,
  checkined_count: 3_500,
  current_continuous_days: 10,
  rules: 'Once a day',
  create_time: '2024-12-20T00:00:00.000+0800',
}

const list = (...checkins: readonly unknown[]) =>
  parseProjectList({ succeeded: true, resp_data: { checkins } }, { now: NOW })
const first = (...checkins: readonly unknown[]) => list(...checkins).projects[0]

describe('a list of projects', () => {
  it('is read in the captured form: counters in statistics, an end by its expiration', () => {
    expect(first(NESTED)).toEqual({
      projectId: '2424000001',
      title: 'Seven days',
      description: 'Rules #a#',
      status: 'ongoing',
      startAt: Date.UTC(2025, 9, 24, 22, 54, 53, 309),
      endAt: Date.UTC(2025, 10, 3, 15, 59, 59, 999),
      createdAt: Date.UTC(2025, 9, 24, 22, 54, 53, 309),
      coverImage: null,
      members: 115,
      checkIns: null,
      continuousDays: null,
      rules: null,
    })
  })

  it('has neither time of a project that would end before its beginning', () => {
    const times = { start_time: '2025-06-01T00:00:00.000+0800', end_time: '2025-05-31T23:59:59.000+0800' }

    expect(first({ ...FLAT, ...times })).toMatchObject({ startAt: null, endAt: null })
  })

  it('is read in the documented form', () => {
    expect(first(FLAT)).toEqual({
      projectId: '1141152412',
      title: '2025 challenge',
      description: 'Every day',
      status: null,
      startAt: Date.UTC(2024, 11, 31, 16),
      endAt: Date.UTC(2025, 11, 31, 15, 59, 59),
      createdAt: Date.UTC(2024, 11, 19, 16),
      coverImage: 'https://images.test/cover',
      members: 150,
      checkIns: 3_500,
      continuousDays: 10,
      rules: 'Once a day',
    })
  })

  it('may be empty', () => {
    expect(list()).toEqual({ projects: [], lost: [] })
  })

  it('has no end of a project that goes on for a long period', () => {
    const validity = { long_period: true, expiration_time: '2025-11-03T23:59:59.999+0800' }

    expect(first({ ...NESTED, validity })?.endAt).toBeNull()
  })

  it('has no time before 2015, and none that is more than ten years ahead', () => {
    const times = { start_time: '1970-01-01T00:00:00.000+0800', end_time: '2099-12-31T00:00:00.000+0800' }

    expect(first({ ...FLAT, ...times })).toMatchObject({ startAt: null, endAt: null })
  })

  it('keeps a genuine 0, and reads an absent counter as null', () => {
    const { users_count: _, ...without } = FLAT

    expect(first({ ...FLAT, users_count: 0, checkined_count: 0 })).toMatchObject({ members: 0, checkIns: 0 })
    expect(first(without)?.members).toBeNull()
  })

  it('keeps the digits of an id beyond 2^53', () => {
    const body = parseJson('{"resp_data":{"checkins":[{"checkin_id":82811825141841812}]}}')

    expect(parseProjectList(body, { now: NOW }).projects[0]?.projectId).toBe('82811825141841812')
  })

  it('does not believe an address that cannot be linked', () => {
    expect(first({ ...FLAT, cover_url: 'javascript:alert(1)' })?.coverImage).toBeNull()
    expect(first({ ...FLAT, cover_url: 'https://user:key@images.test/x' })?.coverImage).toBeNull()
  })

  it('loses a project that cannot be read, without its values in the message', () => {
    const { projects, lost } = list(FLAT, NESTED, { ...FLAT, checkin_id: 'user-1', users_count: 'user-2' })

    expect(projects.map(({ projectId }) => projectId)).toEqual(['1141152412', '2424000001'])
    expect(lost).toEqual([
      {
        name: 'row 3',
        message:
          'projectId: expected an id of 1 to 20 digits, got a text of 6 characters; members: expected a whole number from 0 to 1000000000, got a text of 6 characters',
      },
    ])
  })

  it('loses a second project of the same id', () => {
    expect(list(FLAT, FLAT, NESTED).lost).toEqual([
      { name: 'row 2', message: 'expected one row of each id, got a second' },
    ])
  })

  it('is not believed when more than half of it cannot be read', () => {
    expect(() => list(FLAT, 7, null)).toThrow(
      'expected at most 50 % of 3 projects to be unusable, got 2; row 2: ',
    )
  })

  it.each([[{}], [{ resp_data: {} }], [{ resp_data: { checkins: {} } }], [[]]])('is not %j', (body) => {
    expect(() => parseProjectList(body, { now: NOW })).toThrow()
  })
})

describe('the detail of a project', () => {
  const detail = (data: object, projectId = '1141152412') =>
    parseProjectDetail({ succeeded: true, resp_data: data }, { projectId, now: NOW })

  it('stands in checkin, or beside the other members', () => {
    expect(detail({ is_valid_member: true, checkin: FLAT })).toEqual(first(FLAT))
    expect(detail(FLAT)).toEqual(first(FLAT))
  })

  it('may have nothing but the id', () => {
    expect(detail({ checkin: { checkin_id: 1_141_152_412 } })).toMatchObject({ title: null, startAt: null })
  })

  it('is refused when it is that of another project', () => {
    expect(() => detail({ checkin: NESTED })).toThrow(
      'expected the detail of project 1141152412, got that of 2424000001',
    )
  })

  it('is refused without an id', () => {
    expect(() => detail({ checkin: {} })).toThrow('expected an id')
  })
})
