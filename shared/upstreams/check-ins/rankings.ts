import * as z from 'zod/mini'
import { rowList } from '../fields.ts'
import { expectFewLost, type LostRow, readPrivateRows } from '../rows.ts'
import { dayCount, firstOf, memberAt, wholeNumber } from './fields.ts'
import { type CheckInUser, checkInUser } from './users.ts'

/** A rank from 1 on, which ties share. */
interface Rank {
  readonly rank: number
  readonly days: number
}

/** A member with a rank. */
interface RankedUser extends Rank {
  readonly user: CheckInUser
}

/** A leaderboard. */
export interface Rankings {
  /** By rank, then days descending, then id. */
  readonly rankings: readonly RankedUser[]
  /** That of the token's owner; `null` without a rank. */
  readonly userRank: Rank | null
  readonly lost: readonly LostRow[]
}

/** An answer with more unusable ranks is not believed. */
const MAX_LOST_SHARE = 0.5

const body = z.object({
  resp_data: z.object({ ranking_list: rowList(), user_specific: z.optional(z.unknown()) }),
})

const rankFields = { rank: wholeNumber(), days: dayCount() }

const rankMembers = (raw: unknown) => ({
  rank: firstOf(raw, 'rankings', 'rank'),
  days: firstOf(raw, 'checkined_days', 'days'),
})

const rankRow = z.pipe(
  z.transform((raw: unknown) => ({ ...rankMembers(raw), user: firstOf(raw, 'user') })),
  z.object({ ...rankFields, user: checkInUser() }),
) as z.ZodMiniType<RankedUser>

const ownRank = z.pipe(z.transform(rankMembers), z.object(rankFields)) as z.ZodMiniType<Rank>

/**
 * Parses a leaderboard. A row with the rank 0 is that of a member without a rank, and is left out.
 *
 * @throws {TypeError} when more than half of the rows are lost
 * @throws {z.core.$ZodError} for a body of another form
 */
export function parseRankings(answer: unknown): Rankings {
  const { ranking_list: list, user_specific: own } = body.parse(answer).resp_data
  const { rows, lost } = readPrivateRows(list, rankRow, ({ user }) => String(user.userId))
  expectFewLost('ranks', lost, { total: list.length, maxShare: MAX_LOST_SHARE })
  const { rank: userRank, fault } = userRankOf(own)
  return {
    rankings: rows.filter(({ rank }) => rank > 0).toSorted(byRank),
    userRank,
    lost: fault === undefined ? lost : [...lost, fault],
  }
}

/** `{joined: false}` and the rank 0 mean that the token's owner has none. */
function userRankOf(own: unknown): { readonly rank: Rank | null; readonly fault?: LostRow } {
  if (own === undefined || own === null || memberAt(own, 'joined') === false) return { rank: null }
  const { rank, days } = rankMembers(own)
  if (rank === undefined && days === undefined) return { rank: null }
  const parsed = ownRank.safeParse(own)
  if (parsed.success) return { rank: parsed.data.rank > 0 ? parsed.data : null }
  return {
    rank: null,
    fault: { name: 'user_specific', message: 'expected a rank and days, got something else' },
  }
}

function byRank(a: RankedUser, b: RankedUser): number {
  return a.rank - b.rank || b.days - a.days || compareIds(a.user.userId, b.user.userId)
}

function compareIds(a: number | string, b: number | string): number {
  const difference = BigInt(a) - BigInt(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
