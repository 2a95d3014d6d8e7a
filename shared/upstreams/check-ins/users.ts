import * as z from 'zod/mini'
import { firstOf, imageOrNull, lineOrNull, userId } from './fields.ts'

/** A member of the group: personal data. What the provider does not have is `null`. */
export interface CheckInUser {
  readonly userId: number | string
  readonly name: string | null
  readonly alias: string | null
  /** The address of an image, which may be signed and expire. */
  readonly avatar: string | null
}

/** A member of the group. Its messages have none of its values. */
export const checkInUser = (): z.ZodMiniType<CheckInUser> =>
  z.pipe(
    z.transform((raw: unknown) => ({
      userId: firstOf(raw, 'user_id'),
      name: firstOf(raw, 'name'),
      alias: firstOf(raw, 'alias'),
      avatar: firstOf(raw, 'avatar_url', 'avatar'),
    })),
    z.object({ userId: userId(), name: lineOrNull(), alias: lineOrNull(), avatar: imageOrNull() }),
  ) as z.ZodMiniType<CheckInUser>
