import * as z from 'zod'
import { checkInCount, checkInResponse } from '#functions/runtime/check-in-schemas.ts'

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects/{id}/stats': checkInResponse(
    {
      total_members: checkInCount,
      total_checkins: checkInCount,
      today_checkins: checkInCount.describe('of the present day in Shanghai'),
      continuous_rate: z.number().min(0).max(1).nullable(),
      avg_checkins_per_member: z
        .number()
        .min(0)
        .nullable()
        .describe('two decimals; null where total_checkins is no running total (form nested)'),
      completed_members: checkInCount,
      completion_rate: z.number().min(0).nullable().describe('completed members per member, two decimals'),
    },
    { form: z.enum(['nested', 'flat']).describe('in which of its two forms the provider answered') },
  ),
}
