import { describe, expect, it } from 'vitest'
import { parseDailyStatistics, parseStatistics } from '#shared/upstreams/check-ins/statistics.ts'

const statistics = (resp_data: unknown) => parseStatistics({ succeeded: true, resp_data })

describe('the statistics of a project', () => {
  it('in the nested form have no rate and no count of the day', () => {
    expect(statistics({ statistics: { joined_count: 34, completed_count: 0, checkined_count: 33 } })).toEqual(
      {
        form: 'nested',
        members: 34,
        checkIns: 33,
        completedMembers: 0,
        todayCheckIns: null,
        continuousRate: null,
      },
    )
  })

  it('in the flat form have no completed members', () => {
    expect(
      statistics({ users_count: 150, checkined_count: 3_500, today_count: 120, continuous_rate: 0.85 }),
    ).toEqual({
      form: 'flat',
      members: 150,
      checkIns: 3_500,
      completedMembers: null,
      todayCheckIns: 120,
      continuousRate: 0.85,
    })
  })

  it('of an empty project are zeros, not null', () => {
    const empty = { joined_count: 0, completed_count: 0, checkined_count: 0, ranking_list: [] }

    expect(statistics({ statistics: empty })).toMatchObject({ members: 0, checkIns: 0, completedMembers: 0 })
  })

  it('read the nested member first, and the count of the day under both of its names', () => {
    expect(
      statistics({
        joined_count: 1,
        statistics: { joined_count: 2, today_checkined_count: 3 },
        today_count: 4,
      }),
    ).toMatchObject({ members: 2, todayCheckIns: 3 })
  })

  it.each([1.01, -0.1, 85])('have no continuous rate of %d', (continuous_rate) => {
    expect(statistics({ users_count: 1, continuous_rate }).continuousRate).toBeNull()
  })

  it.each([
    [{ users_count: -1 }],
    [{ users_count: 1.5 }],
    [{ users_count: '1' }],
    [{ users_count: 2e9 }],
    [{ users_count: 1, continuous_rate: '0.85' }],
    [{}],
    [{ statistics: {} }],
    [{ today_count: 3 }],
    [[]],
    [null],
  ])('are not %j', (data) => {
    expect(() => statistics(data)).toThrow()
  })
})

describe('the statistics of a day', () => {
  const daily = (resp_data: unknown, date = '2025-12-10') =>
    parseDailyStatistics({ succeeded: true, resp_data }, { date })

  it('are those of the requested day when the answer has no date', () => {
    expect(daily({ checkined_count: 3 })).toEqual({
      date: '2025-12-10',
      checkIns: 3,
      newMembers: null,
      activeMembers: null,
    })
  })

  it('are read in the documented form', () => {
    expect(daily({ date: '2025-01-15', count: 120, new_users: 5, active_users: 115 }, '2025-01-15')).toEqual({
      date: '2025-01-15',
      checkIns: 120,
      newMembers: 5,
      activeMembers: 115,
    })
  })

  it('are those of a day in Shanghai when the answer has a time', () => {
    expect(daily({ date: '2025-12-09T16:00:00Z', count: 0 }).checkIns).toBe(0)
  })

  it('are refused when they are those of another day', () => {
    expect(() => daily({ date: '2025-12-09', count: 1 })).toThrow(
      'expected the statistics of 2025-12-10, got those of 2025-12-09',
    )
  })

  it.each([[{}], [{ date: '2025-12-10' }], [{ count: '3' }], [{ date: 7, count: 3 }]])(
    'are not %j',
    (data) => {
      expect(() => daily(data)).toThrow()
    },
  )
})
