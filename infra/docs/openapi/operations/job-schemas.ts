import * as z from 'zod'
import { count, instant, text } from '#functions/runtime/field-schemas.ts'
import { CONDITIONS, type Condition } from '#shared/domain/conditions.ts'
import { CAUSE_CODES, DATA_STATES, NEXT_CODES } from '#shared/read/explain/explanation.ts'
import type { JobHealth } from '#shared/read/health.ts'
import { controlSchema } from './control-schemas.ts'
import { outcome, runReason } from './run-schemas.ts'
import { nullableText, nullableTime, time, valuesOf } from './values.ts'

export const jobState = valuesOf<JobHealth['state']>({
  off: true,
  paused: true,
  pending: true,
  'on-demand': true,
  fresh: true,
  overdue: true,
})

/** Members of the last run of a job. */
export const lastRunFields = {
  outcome: outcome.describe('how it ended'),
  reason: runReason.describe('why it failed or was skipped').nullable(),
  ended_at: instant('when it ended'),
}

const lastRun = z
  .strictObject({ run_id: text('id of the run'), ...lastRunFields })
  .nullable()
  .describe('the last run that has ended')

/** An alarm condition that a job can be in. */
const condition = z.enum([
  ...CONDITIONS,
  'overdue',
  'failing',
  'failed-tasks',
  'timed-out-tasks',
  'dataset-growth',
] satisfies readonly Condition[])

const overdueSeconds = count('how long the data have been overdue, in seconds; 0 if they are not')

/** Members about the state of a job. */
export const jobStateFields = {
  fresh_until: instant('until when the data are fresh').nullable(),
  last_success_at: instant('when a run last succeeded').nullable(),
  consecutive_failures: count('number of failed runs since the last success'),
  conditions: z.array(condition).describe('what is wrong with the job'),
}

/** One job: state, next runs, control, declaration. */
export const jobSchema = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    priority: z.enum(['P0', 'P1', 'P2']),
    state: jobState,
    off: nullableText.describe('why it is off'),
    overdue_seconds: overdueSeconds,
    fresh_until: nullableTime,
    last_success_at: nullableTime,
    consecutive_failures: z.int(),
    is_running: z.boolean(),
    last_run: lastRun,
    usage: z.strictObject({
      runs: z.int(),
      failed: z.int(),
      success_ratio: z.number().nullable(),
      average_seconds: z.number().nullable(),
      p95_seconds: z.number().nullable(),
    }),
    next_runs: z.array(
      z.strictObject({ tick: time, skipped: z.enum(['paused', 'skipped-by-operator']).nullable() }),
    ),
    control: controlSchema,
    overridable: z.array(z.string()).describe('what operators may override'),
    schedule: z.union([
      z.strictObject({ expression: z.string(), zone: z.string() }),
      z.strictObject({ on: z.literal('demand') }),
    ]),
    inputs: z.array(z.string()),
    follows: z.array(z.string()),
    freshness: z.strictObject({
      fresh_for_seconds: z.number(),
      serve_stale_for_seconds: z.number(),
      keep_for_seconds: z.number(),
    }),
    stored: z.enum(['items', 'snapshot']),
    upstream: z.string().optional().describe('its first provider; absent of a job that has none'),
    trigger_names: z.array(z.string()),
  })
  .meta({ id: 'Job' })

/** Every job. */
export const jobListSchema = z.strictObject({ version: z.string(), jobs: z.array(jobSchema) })

/** The state of every job, for everyone. */
export const healthSchema = z.strictObject({
  status: z.enum(['ok', 'overdue']).describe('overdue: the data of a job are'),
  service: z.literal('freshet').describe('name of the service'),
  version: text('version of the service'),
  jobs: z
    .array(
      z
        .strictObject({
          ...jobStateFields,
          job: text('id of the job'),
          status: jobState.describe('state of the job'),
          overdue_seconds: overdueSeconds,
          last_run: lastRun,
        })
        .meta({ id: 'JobHealth' }),
    )
    .describe('every job'),
})

/** The jobs with a schedule, in the documented format. */
export const scheduleListSchema = z.strictObject({
  jobs: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      next_run_time: nullableTime,
      trigger: z.string(),
      timezone: z.string(),
      status: z.enum(['paused', 'active']),
    }),
  ),
})

/** The documented figures of one job; times in seconds. */
export const metricsSchema = z
  .strictObject({
    total_executions: z.int(),
    successful_executions: z.int(),
    failed_executions: z.int(),
    total_duration: z.number(),
    average_duration: z.number(),
    last_execution: nullableTime,
  })
  .meta({ id: 'JobMetrics' })

const sentence = z.string().describe('one plain sentence')

const line = {
  job: z.string(),
  key: nullableText.describe('the key that is explained; null: all data of the job'),
  state: z.enum(DATA_STATES),
  cause: z.strictObject({ code: z.enum(CAUSE_CODES), text: sentence }),
  next: z.strictObject({
    code: z.enum(NEXT_CODES),
    at: nullableTime.describe(
      'the event does not come earlier; of run-ends, not later; null if it has no time',
    ),
    text: sentence,
  }),
  facts: z.array(
    z.strictObject({
      name: z.string(),
      value: z.string(),
      link: nullableText.describe('a path of this API that has more'),
    }),
  ),
}

/** Why data are as old as they are, and what happens next. */
export const explanationSchema = z
  .strictObject({
    ...line,
    get inputs(): z.ZodArray<z.ZodType> {
      return z.array(explanationSchema)
    },
  })
  .meta({ id: 'Explanation' })
