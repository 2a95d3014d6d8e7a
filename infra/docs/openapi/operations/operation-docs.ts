import * as z from 'zod'
import type { ZodOpenApiSchemaObject } from 'zod-openapi'
import type { JsonValue } from '#shared/domain/json.ts'
import { FAILURE_QUEUES } from '#shared/domain/ports/failure-queues.ts'
import type { Operation } from '#shared/http/operation-routes.ts'
import {
  allControlledSchema,
  auditSchema,
  controlledSchema,
  overriddenSchema,
  startedSchema,
  stoppedSchema,
  symbolsSchema,
} from './control-schemas.ts'
import {
  cacheStatsSchema,
  clearedSchema,
  invalidatedCountSchema,
  invalidatedJobsSchema,
  invalidatedSchema,
  purgedSchema,
  rejectedSchema,
} from './data-schemas.ts'
import { failedEventsSchema, redriveSchema } from './dlq-schemas.ts'
import { explanationExample } from './explanation-example.ts'
import {
  explanationSchema,
  jobListSchema,
  jobSchema,
  metricsSchema,
  scheduleListSchema,
} from './job-schemas.ts'
import { cancelSchema, jobLogSchema, runListSchema, runSchema, triggerSchema } from './run-schemas.ts'
import { tickListSchema } from './tick-schemas.ts'
import { upstreamListSchema, upstreamSchema } from './upstream-schemas.ts'

/** The description of an operation. */
export interface OperationDoc {
  readonly summary: string
  /** The body of the response; `data`: what it has in the envelope of the job, which errors have too. */
  readonly response: z.ZodType | { readonly data: z.ZodObject } | 'operator-data'
  /** The body on the paths under `/admin/`, in the documented format of the job log. */
  readonly logResponse?: z.ZodType
  readonly example?: JsonValue
  /** 200 by default. */
  readonly status?: 202
  /** Parameters of the query; none by default. */
  readonly query?: Readonly<Record<string, ZodOpenApiSchemaObject>>
  /** Members of the body; `!` marks required ones. */
  readonly body?: Readonly<Record<string, ZodOpenApiSchemaObject>>
  /** Error responses beside 400, 401, 403, 404, 429 and 500. */
  readonly errors?: Readonly<Record<number, string>>
}

const time: ZodOpenApiSchemaObject = { type: 'string', format: 'date-time', description: 'in UTC' }
const key: ZodOpenApiSchemaObject = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  description: 'a key of the dataset',
}
const symbols: ZodOpenApiSchemaObject = {
  type: 'array',
  maxItems: 200,
  items: { type: 'string', minLength: 2, maxLength: 30 },
}
const duration: ZodOpenApiSchemaObject = { type: 'string', description: 'such as "2 hours" or "30 minutes"' }
const reason: ZodOpenApiSchemaObject = { type: 'string', minLength: 1, maxLength: 200 }
const literalTrue: ZodOpenApiSchemaObject = { const: true }
const limit: ZodOpenApiSchemaObject = { type: 'integer', minimum: 1, maximum: 100, default: 20 }

const UNKNOWN = { 404: 'Unknown name; the detail lists the known ones' }
const CONFLICT = { 409: 'Other changes came first at every attempt', 503: 'The change failed' }
const RUNNING = { 409: 'A run is in progress', 503: 'The change failed; the request may be repeated' }
const FAILED = { 503: 'The change failed; the request may be repeated' }

/** Every operation of the API of operators. */
export const operationDocs: Readonly<Record<Operation, OperationDoc>> = {
  'list-jobs': {
    summary: 'Every job: state, next runs, control',
    response: jobListSchema,
  },
  'show-job': {
    summary: 'One job',
    response: jobSchema,
  },
  explain: {
    summary: 'Why the data of a job, or of one key, are as old as they are, and what happens next and when',
    response: explanationSchema,
    query: { key },
    example: explanationExample,
  },
  'list-ticks': {
    summary:
      'Every tick of a range, oldest first, with the reason if it will be skipped: by default of all jobs in the next 24 hours',
    response: tickListSchema,
    query: {
      from: { ...time, description: 'not in the past; now by default' },
      to: { ...time, description: 'at most 366 days from now; a day after from by default' },
      job: { type: 'string', description: 'only ticks of this job: its id or a trigger name' },
    },
    errors: UNKNOWN,
  },
  'list-runs': {
    summary: 'Runs of a job, newest first',
    response: runListSchema(runSchema),
    logResponse: runListSchema(jobLogSchema),
    query: { limit, from: time, to: time, outcome: { type: 'string' } },
  },
  'show-run': { summary: 'One run', response: runSchema, logResponse: jobLogSchema },
  cancel: {
    summary: 'Cancels a task that has not started to publish its result',
    response: cancelSchema,
    errors: { 409: 'The task has ended', ...FAILED },
  },
  trigger: {
    summary:
      'Requests a run now; the same Idempotency-Key returns the same run. With wait, `run` is the run once it has ended within that time, else null',
    response: triggerSchema,
    status: 202,
    query: { wait: { type: 'integer', minimum: 1, maximum: 20, description: 'seconds' } },
    body: { key, reason },
    errors: { ...RUNNING, 422: 'The Idempotency-Key belongs to another request' },
  },
  pause: {
    summary: 'Pauses a job until a time, or for a time: exactly one of until and for',
    response: controlledSchema,
    body: { until: time, for: duration, 'reason!': reason },
    errors: CONFLICT,
  },
  'pause-all': {
    summary: 'Pauses every job that is not off: exactly one of until and for',
    response: allControlledSchema,
    body: { until: time, for: duration, 'reason!': reason },
    errors: CONFLICT,
  },
  'resume-all': {
    summary: 'Ends the pause of every job that is not off',
    response: allControlledSchema,
    body: { reason },
    errors: CONFLICT,
  },
  resume: { summary: 'Ends a pause', response: controlledSchema, body: { reason }, errors: CONFLICT },
  skip: {
    summary: 'Skips one scheduled tick',
    response: controlledSchema,
    body: { 'tick!': time, 'reason!': reason },
    errors: CONFLICT,
  },
  override: {
    summary: 'Replaces the overrides of a declaration; an empty object clears them',
    response: overriddenSchema,
    body: {
      every: duration,
      items: { type: 'array', items: key, minItems: 1, maxItems: 1_000, uniqueItems: true },
      settings: {
        type: 'object',
        additionalProperties: { type: 'string', maxLength: 8_192 },
        description: 'as text, as in the environment; a change requests one run',
      },
      reason,
    },
    errors: CONFLICT,
  },
  invalidate: {
    summary: 'Marks stored data as stale; exactly one of key, prefix and all',
    response: invalidatedSchema,
    body: { key, prefix: key, all: literalTrue, reason },
    errors: FAILED,
  },
  purge: {
    summary:
      'Deletes stored data with their history; exactly one of key and all, with the job’s id as confirmation',
    response: purgedSchema,
    body: { key, all: literalTrue, 'confirm!': { type: 'string' }, reason },
    errors: RUNNING,
  },
  'list-rejected': {
    summary: 'The newest rejected body of each key',
    response: rejectedSchema,
    query: { limit },
  },
  'list-upstreams': { summary: 'Every provider and its budget', response: upstreamListSchema },
  'reset-upstream': {
    summary: 'Ends the cool-down of a provider',
    response: upstreamSchema,
    body: { reason },
    errors: FAILED,
  },
  'list-failed-events': {
    summary:
      'The messages of the failure queues, newest first, up to a hundred of each: what each event was about, and why it failed',
    response: failedEventsSchema,
  },
  'redrive-failed-events': {
    summary:
      'Requests again what failed events asked for, and deletes their messages: of both queues, or of one; of all jobs, or of one',
    response: redriveSchema,
    body: {
      queue: { enum: [...FAILURE_QUEUES] },
      job: { type: 'string', description: 'its id or a trigger name' },
    },
    errors: { ...UNKNOWN, ...FAILED },
  },
  'list-audit': {
    summary: 'Audit entries, newest first',
    errors: UNKNOWN,
    response: auditSchema,
    query: {
      limit,
      from: time,
      to: time,
      job: {
        type: 'string',
        description: 'only changes of this job and of its runs: its id or a trigger name',
      },
      action: { type: 'string', description: 'only changes of this kind, such as pause' },
      actor: { type: 'string', description: 'only changes by this operator' },
    },
  },
  'list-metrics': {
    summary: 'The documented figures of every job, by its id',
    response: z.record(z.string(), metricsSchema),
  },
  'show-metrics': { summary: 'The documented figures of one job', response: metricsSchema },
  'list-schedules': { summary: 'Every job with a schedule', response: scheduleListSchema },
  'invalidate-dataset': {
    summary: 'Marks a dataset as stale, or one key of it',
    response: invalidatedCountSchema,
    body: { 'dataset!': { type: 'string', minLength: 1, maxLength: 100 }, key },
    errors: { ...UNKNOWN, ...FAILED },
  },
  'start-schedule': {
    summary: 'Starts the schedule of a job, and runs it once now',
    response: { data: startedSchema },
    body: {
      symbols: {
        type: 'array',
        items: key,
        minItems: 1,
        maxItems: 200,
        description: 'all listed symbols by default',
      },
      interval_minutes: { enum: [5, 10, 15, 20, 30, 60], default: 5 },
    },
    errors: { ...CONFLICT, 409: 'Other changes came first at every attempt, or the schedule is off' },
  },
  'stop-schedule': {
    summary: 'Stops the schedule of a job',
    response: { data: stoppedSchema },
    body: { reason },
    errors: CONFLICT,
  },
  'clear-cache': {
    summary: 'Marks all keys as stale',
    response: { data: clearedSchema },
    errors: FAILED,
  },
  'clear-cache-key': {
    summary: 'Marks one key as stale',
    response: { data: clearedSchema },
    errors: FAILED,
  },
  'clear-cache-prefix': {
    summary: 'Marks all keys that belong to an id as stale, in several datasets',
    response: { data: invalidatedCountSchema },
    errors: FAILED,
  },
  'show-cache-stats': {
    summary:
      'What is stored, how often refreshes succeed, and how often reads are answered from what is stored',
    response: { data: cacheStatsSchema },
  },
  'change-symbols': {
    summary:
      'Replaces the list of refreshed symbols, and requests one run; an empty object restores the configured list',
    response: { data: symbolsSchema },
    body: {
      include: { ...symbols, description: 'refreshed whatever their volume; as configured by default' },
      exclude: { ...symbols, description: 'not refreshed; as configured by default' },
      size: { type: 'integer', minimum: 1, maximum: 200, description: 'as configured by default' },
    },
    errors: CONFLICT,
  },
  'show-operator-data': {
    summary: 'The data that operators have stored, or those of the configuration',
    response: 'operator-data',
  },
  'replace-operator-data': {
    summary: 'Replaces the data, and returns them with what they mean for the jobs',
    response: 'operator-data',
    errors: {
      409: 'Another change came first',
      413: 'The body is larger than 160 KB',
      422: 'The data contradict themselves',
      ...FAILED,
    },
  },
  'erase-operator-data': {
    summary: 'Erases the data: those of the configuration apply again',
    response: 'operator-data',
    errors: { 409: 'Another change came first', ...FAILED },
  },
  'clear-datasets': {
    summary: 'Marks every dataset as stale; nothing is deleted',
    response: invalidatedJobsSchema,
    body: { 'confirm!': { const: 'clear' } },
    errors: FAILED,
  },
}
