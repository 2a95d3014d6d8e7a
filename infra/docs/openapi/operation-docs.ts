import type { ZodOpenApiSchemaObject } from 'zod-openapi'
import type { JsonValue } from '#shared/domain/json.ts'
import type { Operation } from '#shared/http/operation-routes.ts'
import { explanationExample, explanationSchema } from './explanation-docs.ts'

/** The description of an operation. */
export interface OperationDoc {
  readonly summary: string
  /** Members of every response; `envelope`: responses and errors are in that of the job. */
  readonly responseMembers: readonly string[] | 'envelope'
  /** The whole schema of the response, where clients read more than its members' names. */
  readonly schema?: ZodOpenApiSchemaObject
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

const control = ['job', 'control'] as const
const metricMembers = [
  'total_executions',
  'successful_executions',
  'failed_executions',
  'total_duration',
  'average_duration',
  'last_execution',
]
const CONFLICT = { 409: 'Other changes came first at every attempt', 503: 'The change failed' }
const RUNNING = { 409: 'A run is in progress', 503: 'The change failed; the request may be repeated' }
const FAILED = { 503: 'The change failed; the request may be repeated' }

/** Every operation of the API of operators. */
export const operationDocs: Readonly<Record<Operation, OperationDoc>> = {
  'list-jobs': {
    summary: 'Every job: state, next runs, control',
    responseMembers: ['version', 'jobs'],
  },
  'show-job': {
    summary: 'One job',
    responseMembers: ['id', 'title', 'state', 'next_runs', 'control', 'last_run', 'usage'],
  },
  explain: {
    summary: 'Why the data of a job, or of one key, are as old as they are, and what happens next and when',
    responseMembers: ['job', 'key', 'state', 'cause', 'next', 'facts', 'inputs'],
    query: { key },
    schema: explanationSchema,
    example: explanationExample,
  },
  'list-runs': {
    summary: 'Runs of a job, newest first',
    responseMembers: ['job', 'runs'],
    query: { limit, from: time, to: time, outcome: { type: 'string' } },
  },
  'show-run': { summary: 'One run', responseMembers: ['run_id'] },
  cancel: {
    summary: 'Cancels a task that has not started to publish its result',
    responseMembers: ['task_id', 'run_id', 'status'],
    errors: { 409: 'The task has ended', ...FAILED },
  },
  trigger: {
    summary:
      'Requests a run now; the same Idempotency-Key returns the same run. With wait, `run` is the run once it has ended within that time, else null',
    responseMembers: ['success', 'message', 'run_id', 'job', 'status_url'],
    status: 202,
    query: { wait: { type: 'integer', minimum: 1, maximum: 20, description: 'seconds' } },
    body: { key, reason },
    errors: { ...RUNNING, 422: 'The Idempotency-Key belongs to another request' },
  },
  pause: {
    summary: 'Pauses a job until a time, or for a time: exactly one of until and for',
    responseMembers: control,
    body: { until: time, for: duration, 'reason!': reason },
    errors: CONFLICT,
  },
  'pause-all': {
    summary: 'Pauses every job that is not off: exactly one of until and for',
    responseMembers: ['jobs'],
    body: { until: time, for: duration, 'reason!': reason },
    errors: CONFLICT,
  },
  'resume-all': {
    summary: 'Ends the pause of every job that is not off',
    responseMembers: ['jobs'],
    body: {},
    errors: CONFLICT,
  },
  resume: { summary: 'Ends a pause', responseMembers: control, body: {}, errors: CONFLICT },
  skip: {
    summary: 'Skips one scheduled tick',
    responseMembers: control,
    body: { 'tick!': time, 'reason!': reason },
    errors: CONFLICT,
  },
  override: {
    summary: 'Replaces the overrides of a declaration; an empty object clears them',
    responseMembers: control,
    body: {
      every: duration,
      items: { type: 'array', items: key, minItems: 1, maxItems: 1_000, uniqueItems: true },
      settings: {
        type: 'object',
        additionalProperties: { type: 'string', maxLength: 8_192 },
        description: 'as text, as in the environment; a change requests one run',
      },
    },
    errors: CONFLICT,
  },
  invalidate: {
    summary: 'Marks stored data as stale; exactly one of key, prefix and all',
    responseMembers: ['job', 'invalidated'],
    body: { key, prefix: key, all: literalTrue },
    errors: FAILED,
  },
  purge: {
    summary:
      'Deletes stored data with their history; exactly one of key and all, with the job’s id as confirmation',
    responseMembers: ['job', 'purged'],
    body: { key, all: literalTrue, 'confirm!': { type: 'string' } },
    errors: RUNNING,
  },
  'list-rejected': {
    summary: 'The newest rejected body of each key',
    responseMembers: ['job', 'count', 'rejected'],
    query: { limit },
  },
  'list-upstreams': { summary: 'Every provider and its budget', responseMembers: ['upstreams'] },
  'reset-upstream': {
    summary: 'Ends the cool-down of a provider',
    responseMembers: ['name', 'breaker', 'cool_down', 'full_minute', 'calls'],
    body: {},
    errors: FAILED,
  },
  'list-audit': {
    summary: 'Audit entries, newest first',
    responseMembers: ['entries'],
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
  'list-metrics': { summary: 'The documented figures of every job, by its id', responseMembers: [] },
  'show-metrics': { summary: 'The documented figures of one job', responseMembers: metricMembers },
  'list-schedules': { summary: 'Every job with a schedule', responseMembers: ['jobs'] },
  'invalidate-dataset': {
    summary: 'Marks a dataset as stale, or one key of it',
    responseMembers: ['invalidated'],
    body: { 'dataset!': { type: 'string', minLength: 1, maxLength: 100 }, key },
    errors: FAILED,
  },
  'start-schedule': {
    summary: 'Starts the schedule of a job, and runs it once now',
    responseMembers: 'envelope',
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
    responseMembers: 'envelope',
    body: { reason },
    errors: CONFLICT,
  },
  'clear-cache': {
    summary: 'Marks all keys as stale',
    responseMembers: 'envelope',
    errors: FAILED,
  },
  'clear-cache-key': {
    summary: 'Marks one key as stale',
    responseMembers: 'envelope',
    errors: FAILED,
  },
  'clear-cache-prefix': {
    summary: 'Marks all keys that belong to an id as stale, in several datasets',
    responseMembers: 'envelope',
    errors: FAILED,
  },
  'show-cache-stats': {
    summary:
      'What is stored, how often refreshes succeed, and how often reads are answered from what is stored',
    responseMembers: 'envelope',
  },
  'change-symbols': {
    summary:
      'Replaces the list of refreshed symbols, and requests one run; an empty object restores the configured list',
    responseMembers: 'envelope',
    body: {
      include: { ...symbols, description: 'refreshed whatever their volume; as configured by default' },
      exclude: { ...symbols, description: 'not refreshed; as configured by default' },
      size: { type: 'integer', minimum: 1, maximum: 200, description: 'as configured by default' },
    },
    errors: CONFLICT,
  },
  'show-operator-data': {
    summary: 'The data that operators have stored, or those of the configuration',
    responseMembers: ['changed_at'],
  },
  'replace-operator-data': {
    summary: 'Replaces the data, and returns them with what they mean for the jobs',
    responseMembers: ['changed_at'],
    errors: {
      409: 'Another change came first',
      413: 'The body is larger than 160 KB',
      422: 'The data contradict themselves',
      ...FAILED,
    },
  },
  'erase-operator-data': {
    summary: 'Erases the data: those of the configuration apply again',
    responseMembers: ['changed_at'],
    errors: { 409: 'Another change came first', ...FAILED },
  },
  'clear-datasets': {
    summary: 'Marks every dataset as stale; nothing is deleted',
    responseMembers: ['invalidated'],
    body: { 'confirm!': { const: 'clear' } },
    errors: FAILED,
  },
}
