import * as z from 'zod'
import { envelopeMembers, responseMeta } from './envelope-schemas.ts'
import { count, instant, text } from './field-schemas.ts'

/** A number of members or check-ins; `null` if the provider did not send it. */
export const checkInCount = (about: string) => count(about).nullable()

/** A time in UTC. */
export const checkInTime = (about: string) => instant(about).nullable()

/** An image; `null` also once its signed address has expired. */
export const checkInImage = (about: string) =>
  z.url().describe(`address of ${about}; null without one, and once its signature has expired`).nullable()

/** A member as the author of a topic. */
export const checkInUser = z
  .strictObject({
    user_id: z.union([z.int(), z.string()]).describe('id of the member: a number, or a text beyond 2^53'),
    name: text('name of the member').nullable(),
    avatar: checkInImage('the image of the member'),
  })
  .meta({ id: 'CheckInUser', description: 'a member of the group' })

/**
 * The documented envelope of check-in data.
 *
 * @param data - members of the data, without `cached_at`
 * @param meta - further members of `meta`
 */
export function checkInResponse(data: z.ZodRawShape, meta: z.ZodRawShape = {}) {
  return z.strictObject({
    ...envelopeMembers.message,
    data: z
      .strictObject({ ...data, cached_at: instant('when the data were published') })
      .describe('what was requested'),
    meta: responseMeta.extend(meta).describe('times and state of the data'),
  })
}
