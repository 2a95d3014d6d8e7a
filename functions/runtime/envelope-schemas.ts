import * as z from 'zod'
import type { EnvelopeName } from '#shared/declare/job-spec.ts'
import { degraded, instant } from './field-schemas.ts'

/** `meta` of a response: the times of the data. */
export const responseMeta = z
  .strictObject({
    as_of: instant('time of the data at their source, that of the oldest part'),
    fetched_at: instant('when these data were published'),
    degraded,
  })
  .describe('times and state of the data')

/** `meta` of a response that may have no data, and then no times. */
export const optionalMeta = responseMeta
  .extend({
    as_of: responseMeta.shape.as_of.nullable(),
    fetched_at: responseMeta.shape.fetched_at.nullable(),
  })
  .describe('times and state of the data; without data the times are null')

/** The members of a body beside its data, by the name of its envelope. */
export const envelopeMembers = {
  success: {
    success: z.literal(true).describe('the request succeeded'),
    error: z.null().describe('there is no error'),
    timestamp: instant('when this body was published'),
  },
  plain: {},
  status: {
    status: z.literal('success').describe('the request succeeded'),
    timestamp: instant('when this body was published, or computed for the request'),
  },
  code: {
    code: z.literal(1).describe('the request succeeded'),
    msg: z.literal('success').describe('the request succeeded'),
  },
  message: {
    code: z.literal(0).describe('the request succeeded'),
    message: z.literal('success').describe('the request succeeded'),
  },
} as const satisfies Readonly<Record<EnvelopeName, z.ZodRawShape>>

/**
 * The schema of a body with its data in an envelope, and `meta` beside it. The envelope `status` has no member for data:
 * its bodies are `z.strictObject({ ...envelopeMembers.status, ...members, meta: responseMeta })`.
 */
export function enveloped<N extends Exclude<EnvelopeName, 'status'>, D extends z.ZodType>(name: N, data: D) {
  return z.strictObject({ ...envelopeMembers[name], data, meta: responseMeta })
}
