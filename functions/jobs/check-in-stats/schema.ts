import * as z from 'zod'
import { checkInCount, checkInResponse } from '#functions/runtime/check-in-schemas.ts'
import { fraction } from '#functions/runtime/field-schemas.ts'

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects/{id}/stats': checkInResponse(
    {
      total_members: checkInCount('number of members of the project'),
      total_checkins: checkInCount(
        'number of check-ins as the provider counts them; since the start in the form flat only',
      ),
      today_checkins: checkInCount('number of check-ins of the present day in Shanghai'),
      continuous_rate: fraction('rate of continuous check-ins, as the provider computes it').nullable(),
      avg_checkins_per_member: z
        .number()
        .min(0)
        .describe(
          'check-ins per member, two decimals; null where total_checkins is no running total (form nested)',
        )
        .nullable(),
      completed_members: checkInCount('number of members who have completed the project'),
      completion_rate: fraction('completed members per member, two decimals').nullable(),
    },
    { form: z.enum(['nested', 'flat']).describe('in which of its two forms the provider answered') },
  ),
}
