import * as z from 'zod'
import { checkInCount, checkInResponse } from '#functions/runtime/check-in-schemas.ts'

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects/{id}/daily-stats': checkInResponse({
    date: z.iso.date().describe('the present day in Shanghai'),
    total_checkins: checkInCount,
    new_members: checkInCount,
    active_members: checkInCount,
  }),
}
