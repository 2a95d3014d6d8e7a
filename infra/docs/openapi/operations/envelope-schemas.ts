import * as z from 'zod'
import { enveloped, envelopeMembers, responseMeta } from '#functions/runtime/envelope-schemas.ts'
import type { EnvelopeName } from '#shared/declare/job-spec.ts'

/** The schema of a body in an envelope; in the envelope `status`, the members of the data are at the level of its own. */
export function envelopeSchema(name: EnvelopeName, data: z.ZodObject): z.ZodObject {
  return name === 'status'
    ? z.strictObject({ ...data.shape, ...envelopeMembers.status, meta: responseMeta })
    : enveloped(name, data)
}
