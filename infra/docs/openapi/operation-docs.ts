import type { ZodOpenApiSchemaObject } from 'zod-openapi'
import type { Operation } from '#shared/http/operation-routes.ts'

/** What the document says of an operation. */
export interface OperationDoc {
  readonly summary: string
  /** Members that every answer has. */
  readonly responseMembers: readonly string[]
  /** 200 unless said. */
  readonly status?: 202
  /** Of the query; none unless said. */
  readonly query?: Readonly<Record<string, ZodOpenApiSchemaObject>>
  /** Members of the body; those that end in `!` must be there. */
  readonly body?: Readonly<Record<string, ZodOpenApiSchemaObject>>
  /** Further refusals beside 400, 401, 403, 404, 429 and 500. */
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
const CONFLICT = { 409: 'Another change came first again and again', 503: 'The change failed' }
const RUNNING = { 409: 'A run is under way', 503: 'The change failed; it may be asked for again' }
const FAILED = { 503: 'The change failed; it may be asked for again' }

/** Every operation of the operators' API, in the document's words. */
export const operationDocs: Readonly<Record<Operation, OperationDoc>> = {
  'list-jobs': {
    summary: 'Every job: how it stands, what comes next, what was decided',
    responseMembers: ['version', 'jobs'],
  },
  'show-job': {
    summary: 'One job',
    responseMembers: ['id', 'title', 'state', 'next_runs', 'control', 'last_run', 'usage'],
  },
  'list-runs': {
    summary: 'Runs of a job, the newest first',
    responseMembers: ['job', 'runs'],
    query: { limit, from: time, to: time, outcome: { type: 'string' } },
  },
  'show-run': { summary: 'One run', responseMembers: ['run_id'] },
  cancel: {
    summary: 'Cancels a task, unless it publishes its result already',
    responseMembers: ['task_id', 'run_id', 'status'],
    errors: { 409: 'The task has ended', ...FAILED },
  },
  trigger: {
    summary: 'Asks for a run now; the same Idempotency-Key gives the same run',
    responseMembers: ['success', 'message', 'run_id', 'job', 'status_url'],
    status: 202,
    body: { key, reason },
    errors: { ...RUNNING, 422: 'The Idempotency-Key was used for something else' },
  },
  pause: {
    summary: 'Pauses a job until a time',
    responseMembers: control,
    body: { 'until!': time, 'reason!': reason },
    errors: CONFLICT,
  },
  resume: { summary: 'Ends a pause', responseMembers: control, body: {}, errors: CONFLICT },
  skip: {
    summary: 'Leaves one scheduled moment out',
    responseMembers: control,
    body: { 'tick!': time, 'reason!': reason },
    errors: CONFLICT,
  },
  override: {
    summary: 'Replaces what holds in place of the declaration; an empty object clears it',
    responseMembers: control,
    body: {
      every: { type: 'string', description: 'a duration such as "30 minutes"' },
      items: { type: 'array', items: key, minItems: 1, maxItems: 1_000, uniqueItems: true },
      settings: {
        type: 'object',
        additionalProperties: { type: 'string', maxLength: 8_192 },
        description: 'as they would be written in the environment; one run is asked for',
      },
    },
    errors: CONFLICT,
  },
  invalidate: {
    summary: 'Marks what is stored as stale; exactly one of key, prefix and all',
    responseMembers: ['job', 'invalidated'],
    body: { key, prefix: key, all: literalTrue },
    errors: FAILED,
  },
  purge: {
    summary: 'Deletes what is stored; exactly one of key and all, with the job’s id as confirmation',
    responseMembers: ['job', 'purged'],
    body: { key, all: literalTrue, 'confirm!': { type: 'string' } },
    errors: RUNNING,
  },
  'list-rejected': {
    summary: 'The newest body of each key that was not believed',
    responseMembers: ['job', 'count', 'rejected'],
    query: { limit },
  },
  'list-upstreams': { summary: 'Every provider, and how its budget stands', responseMembers: ['upstreams'] },
  'reset-upstream': {
    summary: 'Lets a provider be called again',
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
    },
  },
  'list-metrics': { summary: 'The documented figures of every job, by its id', responseMembers: [] },
  'show-metrics': { summary: 'The documented figures of one job', responseMembers: metricMembers },
  'list-schedules': { summary: 'Every job that has a schedule', responseMembers: ['jobs'] },
  'invalidate-dataset': {
    summary: 'Marks a dataset as stale, or one key of it',
    responseMembers: ['invalidated'],
    body: { 'dataset!': { type: 'string', minLength: 1, maxLength: 100 }, key },
    errors: FAILED,
  },
  'start-schedule': {
    summary: 'Runs a job on its schedule, and once now',
    responseMembers: ['code', 'msg', 'data'],
    body: {
      symbols: {
        type: 'array',
        items: key,
        minItems: 1,
        maxItems: 200,
        description: 'the universe unless said',
      },
      interval_minutes: { enum: [5, 10, 15, 20, 30, 60], default: 5 },
    },
    errors: { ...CONFLICT, 409: 'Another change came first again and again, or the schedule is off' },
  },
  'stop-schedule': {
    summary: 'Runs a job on its schedule no more',
    responseMembers: ['code', 'msg', 'data'],
    body: { reason },
    errors: CONFLICT,
  },
  'clear-cache': { summary: 'Marks all as stale', responseMembers: ['code', 'msg', 'data'], errors: FAILED },
  'clear-cache-key': {
    summary: 'Marks one key as stale',
    responseMembers: ['code', 'msg', 'data'],
    errors: FAILED,
  },
  'change-symbols': {
    summary: 'Replaces which symbols are refreshed, and asks for one run; an empty object is as configured',
    responseMembers: ['code', 'msg', 'data'],
    body: {
      include: { ...symbols, description: 'refreshed whatever their trade; as configured unless said' },
      exclude: { ...symbols, description: 'not refreshed; as configured unless said' },
      size: { type: 'integer', minimum: 1, maximum: 200, description: 'as configured unless said' },
    },
    errors: CONFLICT,
  },
  'clear-datasets': {
    summary: 'Marks every dataset as stale; nothing is deleted',
    responseMembers: ['invalidated'],
    body: { 'confirm!': { const: 'clear' } },
    errors: FAILED,
  },
}
