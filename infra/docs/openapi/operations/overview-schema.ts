import * as z from 'zod'
import { CAUSE_CODES, NEXT_CODES } from '#shared/read/explain/explanation.ts'
import { condition, jobState } from './job-schemas.ts'
import { outcome, runReason } from './run-schemas.ts'
import { nullableTime, time } from './values.ts'

const count = z.int().min(0)

const schedule = z.strictObject({
  expression: z.string().describe('of EventBridge Scheduler'),
  zone: z.string().describe('IANA time zone of the expression'),
  next_runs: z
    .array(time)
    .describe('of the next 24 hours: all of them, or the first one if `repeats_every_seconds` is a number'),
  repeats_every_seconds: count.nullable(),
  clock_changes: z
    .array(z.strictObject({ at: time, shift_minutes: z.int() }))
    .describe('of the zone, within the next 24 hours'),
})

const dataset = z
  .strictObject({
    job: z.string(),
    title: z.string(),
    priority: z.enum(['P0', 'P1', 'P2']),
    state: jobState,
    fresh_until: nullableTime,
    last_success_at: nullableTime,
    fresh_for_seconds: z.number(),
    serve_stale_for_seconds: z.number(),
    consecutive_failures: count,
    conditions: z.array(condition),
    last_run: z.strictObject({ outcome, reason: runReason.nullable(), ended_at: time }).nullable(),
    hours: z
      .array(z.strictObject({ at: time, runs: count, failed: count, missed: count }))
      .describe(
        'runs of the whole plan by clock hour of UTC, the current one first, 24 at most; `missed`: ticks without a run',
      ),
    days: z
      .array(z.strictObject({ date: z.iso.date(), overdue_seconds: count }))
      .describe('by day of UTC, the current one first, 90 at most, since the job is watched'),
    schedule: schedule.nullable().describe('null for a job that is off or runs on demand'),
    cause: z
      .strictObject({ code: z.enum(CAUSE_CODES), text: z.string() })
      .describe('why the data are as old as they are'),
    next: z
      .strictObject({ code: z.enum(NEXT_CODES), text: z.string(), at: nullableTime })
      .describe('what happens next'),
    inputs: z.array(z.string()).describe('the jobs whose data it reads'),
    reads: z.array(z.string()).describe('the paths at which everyone reads it, the most useful first'),
    data_source: z.enum(['live', 'simulated']),
  })
  .meta({ id: 'Dataset' })

/** Every dataset at a glance, for everyone. */
export const overviewSchema = z.strictObject({
  service: z.literal('freshet'),
  version: z.string(),
  datasets: z.array(dataset),
})
