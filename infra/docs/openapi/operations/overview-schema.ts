import * as z from 'zod'
import { count, day, instant, text } from '#functions/runtime/field-schemas.ts'
import { CAUSE_CODES, NEXT_CODES } from '#shared/read/explain/explanation.ts'
import { jobState, jobStateFields, lastRunFields } from './job-schemas.ts'

const schedule = z.strictObject({
  expression: text('schedule expression of EventBridge Scheduler'),
  zone: text('IANA time zone of the expression'),
  next_runs: z
    .array(z.iso.datetime())
    .describe(
      'runs of the next 24 hours, ISO 8601 in UTC: all of them, or the first one if `repeats_every_seconds` is a number',
    ),
  repeats_every_seconds: count('time between two runs, in seconds; null: `next_runs` has all').nullable(),
  clock_changes: z
    .array(
      z.strictObject({
        at: instant('when the clocks of the zone change'),
        shift_minutes: z.int().describe('by how much, in minutes; above 0 forwards'),
      }),
    )
    .describe('of the zone, within the next 24 hours'),
})

const dataset = z
  .strictObject({
    ...jobStateFields,
    job: text('id of the job'),
    title: text('title of the dataset'),
    priority: z.enum(['P0', 'P1', 'P2']).describe('P0 is the most important'),
    state: jobState.describe('state of the dataset'),
    fresh_for_seconds: z.number().describe('how long data are fresh after their last check, in seconds'),
    serve_stale_for_seconds: z.number().describe('how long they are served as stale after it, in seconds'),
    last_run: z.strictObject(lastRunFields).nullable().describe('the last run that has ended'),
    hours: z
      .array(
        z.strictObject({
          at: instant('beginning of the hour'),
          runs: count('number of runs'),
          failed: count('number of runs that failed'),
          missed: count('number of ticks without a run'),
        }),
      )
      .describe('runs of the whole plan by clock hour of UTC, the current one first, 24 at most'),
    days: z
      .array(
        z.strictObject({
          date: day('day of UTC'),
          overdue_seconds: count('how long the data were overdue on the day, in seconds'),
        }),
      )
      .describe('by day of UTC, the current one first, 90 at most, since the job is watched'),
    schedule: schedule.nullable().describe('null for a job that is off or runs on demand'),
    cause: z
      .strictObject({ code: z.enum(CAUSE_CODES).describe('the cause'), text: text('the cause in words') })
      .describe('why the data are as old as they are'),
    next: z
      .strictObject({
        code: z.enum(NEXT_CODES).describe('the event'),
        text: text('the event in words'),
        at: instant('earliest time of the event').nullable(),
      })
      .describe('what happens next'),
    inputs: z.array(z.string()).describe('the jobs whose data it reads'),
    reads: z.array(z.string()).describe('the paths at which everyone reads it, the most useful first'),
    data_source: z
      .enum(['live', 'simulated'])
      .describe('simulated: made by a generator in place of the provider'),
  })
  .meta({ id: 'Dataset' })

/** Every dataset at a glance, for everyone. */
export const overviewSchema = z.strictObject({
  service: z.literal('freshet').describe('name of the service'),
  version: text('version of the service'),
  datasets: z.array(dataset).describe('every dataset'),
})
