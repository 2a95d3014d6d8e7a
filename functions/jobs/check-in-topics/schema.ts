import * as z from 'zod'
import { checkInResponse, checkInTime, checkInUser } from '#functions/runtime/check-in-schemas.ts'

const topic = z
  .strictObject({
    topic_id: z.string(),
    title: z.string().nullable().describe('or the first 50 characters of the text'),
    content: z.string().nullable().describe('at most 1,000 characters'),
    create_time: checkInTime,
    user: checkInUser.nullable(),
  })
  .meta({ id: 'CheckInTopic' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects/{id}/topics': checkInResponse(
    { topics: z.array(topic).max(20) },
    { truncated: z.boolean().describe('more topics were requested than are ever stored') },
  ),
}
