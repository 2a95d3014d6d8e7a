import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from '#shared/domain/json.ts'
import { recordIdentity, withUsableImages } from '#shared/systems/check-ins/images.ts'
import { leaderboardRecord, projectStatsRecord } from '#shared/systems/check-ins/records.ts'
import { parseRankings } from '#shared/upstreams/check-ins/rankings.ts'
import { parseStatistics } from '#shared/upstreams/check-ins/statistics.ts'
import { checkInText } from '#shared/upstreams/check-ins/texts.ts'
import { parseCheckInTime } from '#shared/upstreams/check-ins/times.ts'
import { parseTopics } from '#shared/upstreams/check-ins/topics.ts'
import { runs } from '#test/support/runs.ts'

const NOW = Date.UTC(2026, 10, 28, 12)
const MANY = { numRuns: runs(5_000, 300) }

/** Texts with many parts of tags. */
const tagged = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '<e ',
      'type="mention" ',
      'title="',
      '%40user-1',
      '%E6',
      '"',
      ' />',
      '>',
      '</e>',
      '<',
      '\n',
      '%',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 60,
})

describe('a text of the check-in provider', () => {
  test('has at most the requested number of characters, no half of one, and no control characters', () => {
    fc.assert(
      fc.property(tagged, fc.integer({ min: 1, max: 50 }), (text, length) => {
        const plain = checkInText(text, length)

        expect(Array.from(plain).length).toBeLessThanOrEqual(length)
        expect(plain.isWellFormed()).toBe(true)
        expect(plain).not.toMatch(/[^\P{Cc}\n\t]/u)
        expect(plain).toBe(plain.trim())
      }),
      MANY,
    )
  })

  test('has none of the attributes of a tag but its title', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.bigInt({ min: 1n, max: 10n ** 17n }), (title, id) => {
        const tag = `<e type="mention" uid="ID${id}" title="${encodeURIComponent(title.toWellFormed())}" />`

        expect(checkInText(`a${tag}b`, 1_000)).not.toContain(`ID${id}`)
      }),
      MANY,
    )
  })
})

describe('a time of the check-in provider', () => {
  test('is the same moment with any offset, with and without a colon', () => {
    const offsets = fc.record({
      sign: fc.constantFrom('+', '-'),
      hours: fc.integer({ min: 0, max: 14 }),
      minutes: fc.constantFrom(0, 30, 45),
      colon: fc.constantFrom('', ':'),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2015), max: Date.UTC(2036) }),
        offsets,
        (at, { sign, hours, minutes, colon }) => {
          const offsetMs = (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
          const local = new Date(at + offsetMs).toISOString().slice(0, -1)
          const digits = (value: number) => String(value).padStart(2, '0')

          expect(parseCheckInTime(`${local}${sign}${digits(hours)}${colon}${digits(minutes)}`)).toBe(at)
          expect(parseCheckInTime(new Date(at + 8 * 3_600_000).toISOString().slice(0, -1))).toBe(at)
        },
      ),
      MANY,
    )
  })
})

const counter = fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined })

describe('the statistics of a project', () => {
  test('have an average only of a flat form with members, within half a hundredth of the quotient', () => {
    fc.assert(
      fc.property(counter, counter, fc.boolean(), (joined_count, checkined_count, isNested) => {
        fc.pre(joined_count !== undefined || checkined_count !== undefined)
        const counters = { joined_count, checkined_count }
        const resp_data = isNested ? { statistics: counters } : counters

        const { avg_checkins_per_member: average, ...rest } = projectStatsRecord(
          parseStatistics({ resp_data }),
        )

        expect(rest).toMatchObject({
          total_members: joined_count ?? null,
          total_checkins: checkined_count ?? null,
        })
        if (isNested || !joined_count || checkined_count === undefined) expect(average).toBeNull()
        else expect(Math.abs((average ?? Number.NaN) - checkined_count / joined_count)).toBeLessThan(0.00501)
      }),
      MANY,
    )
  })
})

describe('a leaderboard', () => {
  const rows = fc.uniqueArray(
    fc.record({
      user: fc.record({ user_id: fc.integer({ min: 1, max: 60 }) }),
      rankings: fc.integer({ min: 0, max: 5 }),
      checkined_days: fc.integer({ min: 0, max: 3 }),
    }),
    { selector: ({ user }) => user.user_id, maxLength: 40 },
  )

  test('has each member with a rank once, in one order whatever that of the answer is', () => {
    const options = { type: 'continuous', maxItems: 100 } as const
    const board = (ranking_list: readonly unknown[]) =>
      leaderboardRecord(parseRankings({ resp_data: { ranking_list } }), options)
    fc.assert(
      fc.property(rows, (list) => {
        const { rankings, total } = board(list)
        const ranks = rankings.map(({ rank }) => rank)

        expect(board(list.toReversed()).rankings).toEqual(rankings)
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
        expect(total).toBe(list.filter((row) => row.rankings > 0).length)
      }),
      MANY,
    )
  })
})

describe('the topics of any JSON', () => {
  test('are read, lost or refused, and no message has a text of the body', () => {
    const topic = fc.record(
      {
        topic_uid: fc.jsonValue(),
        create_time: fc.jsonValue(),
        title: fc.jsonValue(),
        owner: fc.jsonValue(),
        talk: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(topic, { maxLength: 5 }), (list) => {
        const topics = parseJson(
          JSON.stringify(list, (_, value) => (typeof value === 'string' ? 'MEMBER' : value)),
        )
        try {
          const { lost } = parseTopics({ resp_data: { topics } }, { now: NOW })
          expect(JSON.stringify(lost)).not.toContain('MEMBER')
        } catch (error) {
          expect(String(error)).toMatch(/^TypeError: expected at most 50 %/)
          expect(String(error)).not.toContain('MEMBER')
        }
      }),
      MANY,
    )
  })
})

describe('the images of a record', () => {
  test('change its identity by their signature never, and are served until they expire', () => {
    fc.assert(
      fc.property(
        fc.webUrl(),
        fc.integer({ min: 1, max: 4e9 }),
        fc.integer({ min: 0, max: 4e9 }),
        fc.string(),
        (image, expiryS, nowS, signature) => {
          const url = new URL(image)
          url.searchParams.set('e', String(expiryS))
          url.searchParams.set('token', signature)
          const record = { avatar: url.href }
          const bare = new URL(image)

          expect(recordIdentity(record)).toEqual(recordIdentity({ avatar: bare.href }))
          expect(withUsableImages(record, nowS * 1_000).avatar).toBe(expiryS > nowS ? url.href : null)
        },
      ),
      MANY,
    )
  })
})
