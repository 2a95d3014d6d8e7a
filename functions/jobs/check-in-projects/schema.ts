import * as z from 'zod'
import {
  checkInCount,
  checkInImage,
  checkInResponse,
  checkInTime,
} from '#functions/runtime/check-in-schemas.ts'
import { optionalRecordMeta } from '#functions/runtime/record-schemas.ts'

const project = z
  .strictObject({
    project_id: z.string(),
    title: z.string().nullable(),
    description: z.string().nullable().describe('at most 1,000 characters'),
    status: z.enum(['not_started', 'ongoing', 'closed', 'over']).nullable(),
    start_date: checkInTime,
    end_date: checkInTime.describe('null also for a project without an end'),
    cover_image: checkInImage,
    total_members: checkInCount,
    total_checkins: checkInCount,
  })
  .meta({ id: 'CheckInProject' })

const detail = project
  .extend({
    continuous_days: checkInCount,
    rules: z.string().nullable().describe('at most 1,000 characters'),
    created_at: checkInTime,
  })
  .meta({ id: 'CheckInProjectDetail' })

const missing = z.array(z.string()).max(20).describe('projects of ids that are not stored')

const details = z.strictObject({
  code: z.literal(0),
  message: z.literal('success'),
  data: z.strictObject({
    projects: z.array(detail).max(20),
    cached_at: checkInTime.describe('of the oldest; null without a project'),
  }),
  meta: optionalRecordMeta.extend({ missing }),
})

/** A response without times: it depends on nothing that is stored. */
function plainResponse(data: z.ZodRawShape) {
  return z.strictObject({ code: z.literal(0), message: z.literal('success'), data: z.strictObject(data) })
}

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects': z.union([checkInResponse({ projects: z.array(project).max(100) }), details]),
  '/api/health': plainResponse({
    status: z.literal('ok'),
    service: z.literal('freshet'),
    version: z.string(),
  }),
  '/api/ping': plainResponse({ pong: z.literal(true) }),
  '/api/projects/{id}': checkInResponse(detail.shape),
}
