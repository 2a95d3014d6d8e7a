import * as z from 'zod'
import { nullableText, time } from './values.ts'

const pause = z.strictObject({ until: time, reason: z.string(), by: z.string() })
const skip = z.strictObject({ tick: time, reason: z.string(), by: z.string() })

const overrides = z.strictObject({
  every: nullableText.describe('a duration such as 30 minutes'),
  items: z.array(z.string()).nullable(),
  settings: z.record(z.string(), z.string()).nullable(),
})

/** The decisions of operators about a job. */
export const controlSchema = z
  .strictObject({ pause: pause.nullable(), skip: skip.nullable(), overrides: overrides.nullable() })
  .meta({ id: 'JobControl' })

/** The run that a change has requested. */
export const requestedRun = nullableText.describe('the run that was requested; null: none')

/** A job with its changed control. */
export const controlledSchema = z
  .strictObject({ job: z.string(), control: controlSchema })
  .meta({ id: 'ControlledJob' })

/** Every job with its changed control. */
export const allControlledSchema = z.strictObject({ jobs: z.array(controlledSchema) })

/** A job with its changed overrides. */
export const overriddenSchema = z.strictObject({
  job: z.string(),
  control: controlSchema,
  run_id: requestedRun.optional(),
})

/** `data` of a schedule that was started. */
export const startedSchema = z.strictObject({
  status: z.enum(['started', 'running']),
  symbols_count: z.int(),
  interval_minutes: z.number(),
  cache_stats: z.strictObject({
    available: z.boolean(),
    cached_symbols: z.int(),
    cache_ttl_seconds: z.number(),
    cache_ttl_minutes: z.number(),
  }),
})

/** `data` of a schedule that was stopped. */
export const stoppedSchema = z.strictObject({ status: z.literal('stopped') })

/** `data` of a changed list of symbols. */
export const symbolsSchema = z.strictObject({
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  size: z.int(),
  run_id: requestedRun,
})

/** Changes by operators, newest first. */
export const auditSchema = z.strictObject({
  entries: z.array(
    z
      .strictObject({
        id: z.string(),
        at: time,
        actor: z.string(),
        action: z.string().describe('such as pause; with -failed: it has failed'),
        subject: z.string().describe('such as job:hama, run:…, upstream:…, data:…'),
        reason: nullableText.describe('in the operator’s own words'),
        before: z.record(z.string(), z.unknown()).nullable(),
        after: z.record(z.string(), z.unknown()).nullable(),
      })
      .meta({ id: 'AuditEntry' }),
  ),
  searched_to: time
    .optional()
    .describe('only entries since this time were searched: the request would have taken too long'),
})
