import { describe, expect, it } from 'vitest'
import { parseJson } from '#shared/domain/json.ts'
import { parseRankings } from '#shared/upstreams/check-ins/rankings.ts'

const user = (id: number | string) => ({
  user_id: id,
  name: `user-${id}`,
  alias: '',
  avatar_url: `https://images.test/${id}?e=1764518399&token=a:b=`,
})
const row = (id: number, rankings: unknown, checkined_days: unknown = 2) => ({
  user: user(id),
  rankings,
  checkined_days,
})

const parse = (ranking_list: unknown, user_specific?: unknown) =>
  parseRankings({ succeeded: true, resp_data: { ranking_list, user_specific } })

describe('a leaderboard', () => {
  it('has users with their signed images, and null for an empty alias', () => {
    expect(parse([row(1, 1)]).rankings).toEqual([
      {
        rank: 1,
        days: 2,
        user: {
          userId: 1,
          name: 'user-1',
          alias: null,
          avatar: 'https://images.test/1?e=1764518399&token=a:b=',
        },
      },
    ])
  })

  it('is read in the documented form too', () => {
    const documented = { rank: 3, days: 4, user: { user_id: '5', name: 'user-5', avatar: 'ftp://x.test/' } }

    expect(parse([documented]).rankings[0]).toEqual({
      rank: 3,
      days: 4,
      user: { userId: 5, name: 'user-5', alias: null, avatar: null },
    })
  })

  it('is in order of rank, then days descending, then id, and keeps the ranks of ties', () => {
    const { rankings } = parse([row(9, 2), row(20, 1, 5), row(3, 2), row(10, 1, 7), row(4, 2, 3)])

    expect(rankings.map(({ rank, days, user: { userId } }) => [rank, days, userId])).toEqual([
      [1, 7, 10],
      [1, 5, 20],
      [2, 3, 4],
      [2, 2, 3],
      [2, 2, 9],
    ])
  })

  it('loses a row with more days than a project can have', () => {
    expect(parse([row(1, 1, 10_000), row(2, 2, 10_001)])).toMatchObject({
      rankings: [{ days: 10_000 }],
      lost: [{ name: 'row 2' }],
    })
  })

  it('leaves out a member with the rank 0, which is none', () => {
    expect(parse([row(1, 0, 0), row(2, 1)])).toMatchObject({ rankings: [{ rank: 1 }], lost: [] })
  })

  it('keeps the digits of an id beyond 2^53 as text, and orders by its value', () => {
    const big = '{"user":{"user_id":82811825141841812,"name":"a"},"rankings":1,"checkined_days":1}'
    const small = '{"user":{"user_id":9,"name":"b"},"rankings":1,"checkined_days":1}'
    const { rankings } = parseRankings(parseJson(`{"resp_data":{"ranking_list":[${big},${small}]}}`))

    expect(rankings.map((each) => each.user.userId)).toEqual([9, '82811825141841812'])
  })

  it.each([
    [
      { rankings: 6, checkined_days: 20 },
      { rank: 6, days: 20 },
    ],
    [
      { rank: 6, days: 20 },
      { rank: 6, days: 20 },
    ],
    [{ user: user(1), rankings: 0, checkined_days: 0 }, null],
    [{ joined: false }, null],
    [{ joined: false, rankings: 4, checkined_days: 4 }, null],
    [{}, null],
    [null, null],
    [undefined, null],
  ])('whose own rank is %j has the rank %j of the token owner', (own, userRank) => {
    expect(parse([], own)).toEqual({ rankings: [], userRank, lost: [] })
  })

  it('reports an own rank that cannot be read, and keeps the rest', () => {
    expect(parse([row(1, 1)], { rankings: 'first', checkined_days: 3 })).toMatchObject({
      rankings: [{ rank: 1 }],
      userRank: null,
      lost: [{ name: 'user_specific', message: 'expected a rank and days, got something else' }],
    })
  })

  it('loses a row that cannot be read or comes twice, without any data of the member in its message', () => {
    const bent = { ...row(7, 'user-7', 'user-7'), user: { ...user(7), user_id: 'user-7', name: ['user-7'] } }
    const { rankings, lost } = parse([row(1, 1), bent, row(1, 2), row(3, 3), row(4, 4)])

    expect(rankings).toHaveLength(3)
    expect(lost.map(({ name }) => name)).toEqual(['row 2', 'row 3'])
    expect(lost[0]?.message).toBe(
      'rank: expected a whole number from 0 to 1000000000, got a text of 6 characters; days: expected a whole number from 0 to 10000, got a text of 6 characters; user.userId: expected an id of 1 to 20 digits, got a text of 6 characters; user.name: expected a text, got a list',
    )
    expect(JSON.stringify(lost)).not.toMatch(/user-|images/)
  })

  it('is not believed when more than half of it cannot be read', () => {
    expect(() => parse([row(1, 1), {}, 'user-2'])).toThrow(
      /^expected at most 50 % of 3 ranks to be unusable, got 2/,
    )
  })

  it.each([[{}], ['x'], [null], [undefined]])('is not %j', (list) => {
    expect(() => parse(list)).toThrow()
  })
})
