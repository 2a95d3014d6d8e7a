import * as z from 'zod'
import { enveloped, envelopeMembers, responseMeta } from '#functions/runtime/envelope-schemas.ts'
import type { EnvelopeName } from '#shared/declare/job-spec.ts'

/** The schema of a body whose data an envelope wraps; the members of data in the envelope `status` stand beside its own. */
export function envelopeSchema(name: EnvelopeName, data: z.ZodObject): z.ZodObject {
  return name === 'status'
    ? z.strictObject({ ...data.shape, ...envelopeMembers.status, meta: responseMeta })
    : enveloped(name, data)
}
