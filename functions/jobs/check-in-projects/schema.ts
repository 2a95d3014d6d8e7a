import * as z from 'zod'
import {
  checkInCount,
  checkInImage,
  checkInResponse,
  checkInTime,
} from '#functions/runtime/check-in-schemas.ts'
import { envelopeMembers, optionalMeta } from '#functions/runtime/envelope-schemas.ts'
import { text } from '#functions/runtime/field-schemas.ts'

const project = z
  .strictObject({
    project_id: text('id of the project, its digits as a text'),
    title: text('title of the project').nullable(),
    description: text('what the project is about, at most 1,000 characters').nullable(),
    status: z
      .enum(['not_started', 'ongoing', 'closed', 'over'])
      .describe('whether members can check in: only while it is ongoing')
      .nullable(),
    start_date: checkInTime('when the project begins'),
    end_date: checkInTime('when the project ends (null also for one without an end)'),
    cover_image: checkInImage('the image of the project'),
    total_members: checkInCount('number of members of the project'),
    total_checkins: checkInCount('number of check-ins, as the provider counts them'),
  })
  .meta({ id: 'CheckInProject' })

const detail = project
  .extend({
    continuous_days: checkInCount('number of days in a row with a check-in, as the provider counts them'),
    rules: text('rules of the project, at most 1,000 characters').nullable(),
    created_at: checkInTime('when the project was created'),
  })
  .meta({ id: 'CheckInProjectDetail' })

const details = z.strictObject({
  ...envelopeMembers.message,
  data: z
    .strictObject({
      projects: z.array(detail).max(20).describe('the projects that are stored, in the requested order'),
      cached_at: checkInTime('when the oldest of them was published (null without a project)'),
    })
    .describe('the requested projects'),
  meta: optionalMeta
    .extend({ missing: z.array(z.string()).max(20).describe('requested ids whose projects are not stored') })
    .describe('times of the data, and what is missing'),
})

/** A response without times: it depends on nothing that is stored. */
function plainResponse(data: z.ZodRawShape) {
  return z.strictObject({
    ...envelopeMembers.message,
    data: z.strictObject(data).describe('that the API responds'),
  })
}

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/projects': z.union([
    checkInResponse({ projects: z.array(project).max(100).describe('the projects of the scope') }),
    details,
  ]),
  '/api/health': plainResponse({
    status: z.literal('ok').describe('the API responds; the state of each job is in /health'),
    service: z.literal('freshet').describe('name of the service'),
    version: text('version of the service'),
  }),
  '/api/ping': plainResponse({ pong: z.literal(true).describe('the API responds') }),
  '/api/projects/{id}': checkInResponse(detail.shape),
}
