import { checkInCount, checkInResponse } from '#functions/runtime/check-in-schemas.ts'
import { day } from '#functions/runtime/field-schemas.ts'

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects/{id}/daily-stats': checkInResponse({
    date: day('the present day in Shanghai'),
    total_checkins: checkInCount('number of check-ins of the day'),
    new_members: checkInCount('number of members who joined on the day'),
    active_members: checkInCount('number of members who checked in on the day'),
  }),
}
