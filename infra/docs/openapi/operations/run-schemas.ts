import * as z from 'zod'
import type { FailReason } from '#shared/domain/errors.ts'
import type { SkipReason } from '#shared/domain/outcome.ts'
import type { Cause, RunRecord } from '#shared/domain/records/run-record.ts'
import { nullableText, nullableTime, time, valuesOf } from './values.ts'

const OUTCOMES: Readonly<Record<RunRecord['status'], true>> = {
  running: true,
  succeeded: true,
  partial: true,
  unchanged: true,
  skipped: true,
  failed: true,
  abandoned: true,
  missed: true,
}

const FAIL_REASONS: Readonly<Record<FailReason, true>> = {
  timeout: true,
  network: true,
  certificate: true,
  'upstream-fault': true,
  'rate-limited': true,
  'quota-exhausted': true,
  'bad-request': true,
  auth: true,
  'forbidden-region': true,
  'not-found': true,
  refused: true,
  malformed: true,
  rejected: true,
  secret: true,
  store: true,
  'too-large': true,
  cancelled: true,
  start: true,
  defect: true,
}

const SKIP_REASONS: Readonly<Record<SkipReason, true>> = {
  duplicate: true,
  paused: true,
  'skipped-by-operator': true,
  superseded: true,
  'upstream-cooling': true,
  'upstream-busy': true,
  overlap: true,
  coalesced: true,
  'nothing-to-do': true,
  'not-configured': true,
}

const CAUSES: Readonly<Record<Cause, true>> = {
  tick: true,
  'input-refreshed': true,
  'stale-read': true,
  'cold-read': true,
  operator: true,
  'first-run': true,
  submission: true,
}

/** How a run ended, or that it has not. */
export const outcome = valuesOf(OUTCOMES)

/** Why a run or a key failed. */
export const failReason = valuesOf(FAIL_REASONS)

/** Why a run failed or was skipped. */
export const runReason = valuesOf({ ...FAIL_REASONS, ...SKIP_REASONS })

/** One run. */
export const runSchema = z
  .strictObject({
    run_id: z.string(),
    job: z.string(),
    cause: valuesOf(CAUSES),
    tick: nullableTime,
    key: nullableText.describe('the one requested key'),
    input: nullableText.describe('the run of an input that caused this one'),
    outcome,
    is_lease_expired: z.boolean().describe('true: it is running by its record, and has lost its process'),
    reason: runReason.nullable(),
    message: nullableText,
    started_at: time,
    ended_at: nullableTime,
    duration_seconds: z.number().nullable(),
    progress: z
      .strictObject({ planned: z.int(), done: z.int(), failed: z.int() })
      .nullable()
      .describe('numbers of requests, of a run that has gone on for some seconds'),
    counts: z
      .strictObject({
        planned: z.int(),
        published: z.int(),
        unchanged: z.int(),
        superseded: z.int(),
        failed: z.int(),
      })
      .nullable()
      .describe('numbers of keys'),
    lost: z
      .strictObject({ count: z.int(), names: z.array(z.string()) })
      .nullable()
      .describe('failed keys and lost rows, with the names of the first ten'),
    attempts: z.int().nullable(),
    duplicates: z.int().describe('further deliveries of the same tick'),
  })
  .meta({ id: 'Run' })

/** One run in the documented format of the job log. */
export const jobLogSchema = z
  .strictObject({
    run_id: z.string(),
    job_name: z.string(),
    scheduled_time: nullableTime,
    start_time: time,
    end_time: nullableTime,
    status: z.enum(['running', 'success', 'partial', 'failed', 'timed_out', 'skipped']),
    error: nullableText,
    metrics: z.strictObject({
      symbols_count: z.int(),
      success_count: z.int(),
      failed_count: z.int(),
      skipped_count: z.int(),
    }),
    duration: z.number().nullable().describe('seconds'),
  })
  .meta({ id: 'JobLogEntry' })

/** A list of runs, newest first. */
export function runListSchema(run: z.ZodType) {
  return z.strictObject({
    job: z.string(),
    runs: z.array(run),
    searched_to: time
      .optional()
      .describe('only runs since this time were searched: the request would have taken too long'),
  })
}

/** A run that was requested. */
export const triggerSchema = z.strictObject({
  success: z.literal(true),
  message: z.string(),
  run_id: z.string(),
  job: z.string(),
  status_url: z.string().describe('path of the run'),
  run: runSchema.nullable().optional().describe('with wait: the run once it has ended, else null'),
})

/** A task that was cancelled. */
export const cancelSchema = z.strictObject({
  task_id: z.string(),
  run_id: z.string(),
  status: z.literal('cancelled'),
})
