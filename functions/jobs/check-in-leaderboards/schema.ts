import * as z from 'zod'
import { checkInResponse, checkInUser } from '#functions/runtime/check-in-schemas.ts'

const days = z.int().min(0)
const rank = z.int().min(1).describe('ties share it')

const ranking = z
  .strictObject({
    rank,
    user: checkInUser.extend({ alias: z.string().nullable() }).meta({ id: 'RankedCheckInUser' }),
    days,
  })
  .meta({ id: 'CheckInRanking' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects/{id}/leaderboard': checkInResponse({
    type: z.enum(['continuous', 'accumulated']),
    rankings: z.array(ranking).max(100).describe('by rank, then days, then user'),
    total: z.int().min(0).max(100).describe('number of ranks that are stored'),
    user_rank: z
      .strictObject({ rank, days })
      .nullable()
      .describe("that of the token's owner, for operators only"),
  }),
}
