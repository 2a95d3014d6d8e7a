import * as z from 'zod'
import { checkInResponse, checkInTime, checkInUser } from '#functions/runtime/check-in-schemas.ts'
import { flag, text } from '#functions/runtime/field-schemas.ts'

const topic = z
  .strictObject({
    topic_id: text('id of the topic, its digits as a text'),
    title: text('title of the topic, or the first 50 characters of its text').nullable(),
    content: text('text of the topic, at most 1,000 characters').nullable(),
    create_time: checkInTime('when the topic was written'),
    user: checkInUser.nullable().describe('who wrote it'),
  })
  .meta({ id: 'CheckInTopic' })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects/{id}/topics': checkInResponse(
    { topics: z.array(topic).max(20).describe('the latest topics, in the order of the provider') },
    { truncated: flag('true: more topics were requested than are ever stored') },
  ),
}
