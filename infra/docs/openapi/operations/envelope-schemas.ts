import * as z from 'zod'
import type { EnvelopeName } from '#shared/declare/job-spec.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { time } from './values.ts'

const meta = z.strictObject({ as_of: time, fetched_at: time, degraded: z.boolean() })

/** The schema of a body whose data an envelope wraps; the members of data in the envelope `status` stand beside its own. */
export function envelopeSchema(name: EnvelopeName, data: z.ZodObject): z.ZodObject {
  switch (name) {
    case 'success':
      return z.strictObject({ success: z.literal(true), data, error: z.null(), timestamp: time, meta })
    case 'plain':
      return z.strictObject({ data, meta })
    case 'status':
      return data.extend({ status: z.literal('success'), timestamp: time, meta })
    case 'code':
      return z.strictObject({ code: z.literal(1), msg: z.literal('success'), data, meta })
    case 'message':
      return z.strictObject({ code: z.literal(0), message: z.literal('success'), data, meta })
    default:
      return assertNever(name)
  }
}
