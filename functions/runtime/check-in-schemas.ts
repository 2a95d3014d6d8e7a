import * as z from 'zod'
import { recordMeta } from './record-schemas.ts'

/** A number of members or check-ins. */
export const checkInCount = z.int().min(0).nullable()

/** A time in UTC. */
export const checkInTime = z.iso.datetime().nullable()

/** An image; `null` also once its signed address has expired. */
export const checkInImage = z.url().nullable()

/** A member as the author of a topic. */
export const checkInUser = z
  .strictObject({
    user_id: z.union([z.int(), z.string()]).describe('a text beyond 2^53'),
    name: z.string().nullable(),
    avatar: checkInImage,
  })
  .meta({ id: 'CheckInUser' })

/**
 * The documented envelope of check-in data.
 *
 * @param data - members of the data, without `cached_at`
 * @param meta - further members of `meta`
 */
export function checkInResponse(data: z.ZodRawShape, meta: z.ZodRawShape = {}) {
  return z.strictObject({
    code: z.literal(0),
    message: z.literal('success'),
    data: z.strictObject({ ...data, cached_at: z.iso.datetime().describe('when the data were published') }),
    meta: recordMeta.extend(meta),
  })
}
