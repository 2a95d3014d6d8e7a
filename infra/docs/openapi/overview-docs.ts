import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject, ZodOpenApiSchemaObject } from 'zod-openapi'
import { CAUSE_CODES, NEXT_CODES } from '#shared/read/explain/explanation.ts'
import { operatorErrors, tooLongHeaders } from './operator-paths.ts'

const string: ZodOpenApiSchemaObject = { type: 'string' }
const instant: ZodOpenApiSchemaObject = { type: 'string', format: 'date-time' }
const optionalInstant: ZodOpenApiSchemaObject = { type: ['string', 'null'], format: 'date-time' }
const count: ZodOpenApiSchemaObject = { type: 'integer', minimum: 0 }

/** An object that has all of these members, and no others. */
function object(
  properties: Record<string, ZodOpenApiSchemaObject>,
  description?: string,
): ZodOpenApiSchemaObject {
  return {
    type: 'object',
    required: Object.keys(properties),
    properties,
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  }
}

function list(items: ZodOpenApiSchemaObject, description: string): ZodOpenApiSchemaObject {
  return { type: 'array', items, description }
}

const schedule = object({
  expression: { type: 'string', description: 'of EventBridge Scheduler' },
  zone: { type: 'string', description: 'IANA time zone of the expression' },
  next_runs: list(instant, 'of the next 24 hours: all, or the first if `repeats_every_seconds` is a number'),
  repeats_every_seconds: { type: ['integer', 'null'] },
  clock_changes: list(object({ at: instant, shift_minutes: { type: 'integer' } }), 'of the next 24 hours'),
})

const dataset = object({
  job: string,
  title: string,
  priority: { enum: ['P0', 'P1', 'P2'] },
  state: { enum: ['off', 'paused', 'pending', 'on-demand', 'fresh', 'overdue'] },
  fresh_until: optionalInstant,
  last_success_at: optionalInstant,
  fresh_for_seconds: { type: 'number' },
  serve_stale_for_seconds: { type: 'number' },
  consecutive_failures: count,
  conditions: list(string, 'alarm conditions that the job is in'),
  last_run: {
    oneOf: [
      object({ outcome: string, reason: { type: ['string', 'null'] }, ended_at: instant }),
      { type: 'null' },
    ],
  },
  hours: list(
    object({ at: instant, runs: count, failed: count, missed: count }),
    'runs of the whole plan by clock hour of UTC, the current one first, 24 at most; `missed`: ticks without a run',
  ),
  days: list(
    object({ date: { type: 'string', format: 'date' }, overdue_seconds: count }),
    'by day of UTC, the current one first, 90 at most, since the job is watched',
  ),
  schedule: { oneOf: [schedule, { type: 'null' }] },
  cause: object({ code: { enum: [...CAUSE_CODES] }, text: string }, 'why the data are as old as they are'),
  next: object({ code: { enum: [...NEXT_CODES] }, text: string, at: optionalInstant }, 'what happens next'),
  data_source: { enum: ['live', 'simulated'] },
})

/** The overview of all datasets. */
export function overviewItem(item: ZodOpenApiOperationObject): ZodOpenApiOperationObject {
  const { 200: ok, ...errors } = item.responses as Record<string, ZodOpenApiResponseObject>
  const schema = object({
    service: { const: 'freshet' },
    version: string,
    datasets: { type: 'array', items: dataset },
  })
  return {
    ...item,
    responses: {
      ...errors,
      200: { ...ok, content: { 'application/json': { schema } } } as ZodOpenApiResponseObject,
    },
  }
}

/** A file of the page, which is for browsers. */
export function pageItem(path: string): ZodOpenApiOperationObject {
  const isIndex = path === '/'
  const content = isIndex ? { 'text/html': {} } : { 'text/javascript': {}, 'text/css': {} }
  return {
    summary: isIndex ? 'The page for browsers' : 'A file of the page',
    tags: ['system'],
    ...(isIndex ? {} : { parameters: [{ name: 'file', in: 'path', required: true, schema: string }] }),
    responses: {
      200: { description: 'The file', content },
      304: { description: 'The copy with the ETag of `If-None-Match` is current' },
      404: { description: 'No such file', content: { 'application/problem+json': {} } },
      429: operatorErrors[429],
      431: tooLongHeaders,
      500: operatorErrors[500],
    },
  }
}
