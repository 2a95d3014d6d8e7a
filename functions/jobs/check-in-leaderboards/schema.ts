import * as z from 'zod'
import { checkInResponse, checkInUser } from '#functions/runtime/check-in-schemas.ts'
import { count, text } from '#functions/runtime/field-schemas.ts'

const days = count('number of days with a check-in: in a row, or in all')
const rank = z.int().min(1).describe('1 is the first; ties share it')

const user = checkInUser.extend({ alias: text('name of the member in the group').nullable() }).meta({
  id: 'RankedCheckInUser',
  description: 'a member of the group',
})

const ranking = z.strictObject({ rank, user, days }).meta({ id: 'CheckInRanking' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects/{id}/leaderboard': checkInResponse({
    type: z
      .enum(['continuous', 'accumulated'])
      .describe('continuous: by days in a row; accumulated: by days in all'),
    rankings: z.array(ranking).max(100).describe('by rank, then days, then user'),
    total: z.int().min(0).max(100).describe('number of ranks that are stored, at most 100'),
    user_rank: z
      .strictObject({ rank, days })
      .nullable()
      .describe("that of the token's owner, for operators only"),
  }),
}
