import type { z } from 'zod'
import type { ZodOpenApiHeadersObject, ZodOpenApiOperationObject } from 'zod-openapi'
import type { Job } from '#shared/declare/job.ts'
import type { Route, SubmitRoute } from '#shared/declare/route.ts'
import { durationText, milliseconds } from '#shared/domain/duration.ts'
import { livePath } from '#shared/http/routes.ts'
import {
  datasetHeaders,
  errorFormatOf,
  errorResponse,
  location,
  noStore,
  uncachedHeaders,
} from './components.ts'
import { operatorErrors, tooLongHeaders } from './operator-paths.ts'
import { parametersOf } from './parameters.ts'

/** The schemas of the jobs' routes, by path. */
export type JobSchemas = ReadonlyMap<string, z.ZodType>

/** Loads `schema.ts` of each job's folder. @throws when a folder has none */
export async function jobSchemas(jobs: readonly Pick<Job, 'id'>[]): Promise<JobSchemas> {
  const loaded = jobs.map(async ({ id }) => {
    const file = new URL(`../../../functions/jobs/${id}/schema.ts`, import.meta.url)
    const { schemas } = (await import(file.href)) as { schemas: Readonly<Record<string, z.ZodType>> }
    return Object.entries(schemas)
  })
  return new Map((await Promise.all(loaded)).flat())
}

const notModifiedResponse = {
  description: 'The copy with the ETag of `If-None-Match` is current',
  headers: datasetHeaders({ isView: false }),
}

/**
 * The parameters and responses of a read of a dataset.
 *
 * @throws {TypeError} when the job's `schema.ts` has no schema of the route; the message names the job
 */
export function readItem(job: Job, route: Route, schemas: JobSchemas): ZodOpenApiOperationObject {
  const { format, errors, ok } = commonParts(job, route, schemas)
  const isOpen = route.access === 'public'
  return {
    summary: route.about,
    tags: [isOpen ? 'datasets' : 'operators'],
    parameters: parametersOf(route),
    ...(route.method === 'POST' ? { requestBody: requestBody(requestSchema(route, schemas)) } : {}),
    responses: {
      200: ok,
      ...bodyOrCopy(route, format),
      ...errors,
      401: errorResponse(
        isOpen ? 'No valid credential, in a stage that requires one' : 'No valid credential',
        ['gateway'],
      ),
      403: errorResponse('A live read was requested: it has a path for operators', [format, 'gateway']),
      429: errorResponse(
        'Too many requests, or too many reads of datasets without a value',
        [format, 'gateway'],
        true,
      ),
      500: operatorErrors[500],
      503: errorResponse(
        'There is no stored value to serve, or the table cannot be reached',
        [format, 'gateway'],
        true,
      ),
    },
  }
}

/** The parameters and responses of a live read. */
export function liveItem(job: Job, route: Route, schemas: JobSchemas): ZodOpenApiOperationObject {
  const { format, errors, ok } = commonParts(job, route, schemas)
  const spacing =
    route.live?.spacing === undefined ? undefined : durationText(milliseconds(route.live.spacing))
  return {
    summary: `${route.about}: with a run now, at most one ${spacing === undefined ? 'per interval of the job' : `in ${spacing} for a key`}`,
    tags: ['operators'],
    parameters: parametersOf(route),
    ...(route.method === 'POST'
      ? { requestBody: requestBody(schemas.get(`POST ${livePath(route)}`) ?? requestSchema(route, schemas)) }
      : {}),
    responses: {
      200: ok,
      ...bodyOrCopy(route, format),
      400: errorResponse('Invalid request: expected and got', ['problem', format, 'gateway']),
      ...errors,
      ...operatorErrors,
      ...(spacing === undefined
        ? {}
        : {
            429: errorResponse(
              'Too many requests, or the last live read is too recent',
              [format, 'gateway'],
              true,
            ),
          }),
      503: errorResponse(
        'The run failed, or has not ended within 8 seconds',
        ['problem', format, 'gateway'],
        true,
      ),
    },
  }
}

function commonParts(job: Job, route: Route, schemas: JobSchemas) {
  const format = errorFormatOf(job.envelope)
  const schema = schemas.get(route.path)
  if (!schema) {
    const message = `expected a schema of its body, schemas[path] in the schema.ts of ${job.id}; got none`
    throw new TypeError(`${route.path}: ${message}`)
  }
  return {
    format,
    ok: {
      description: route.about,
      headers: route.uncached ? uncachedHeaders : datasetHeaders({ isView: route.view !== undefined }),
      content: { 'application/json': { schema } },
    },
    errors: {
      ...(route.parameters || route.query || route.method === 'POST'
        ? {
            400: errorResponse('Illegal value of a parameter, or a path that cannot be decoded', [
              format,
              'gateway',
            ]),
          }
        : {}),
      431: tooLongHeaders,
      ...(job.freshness.notFoundForMs === undefined && route.view === undefined
        ? {}
        : { 404: errorResponse('The source does not know this key', [format]) }),
    },
  }
}

/** What depends on whether a request has a body: its limit, or the copy of a client that is still current. */
function bodyOrCopy({ method, uncached }: Route, format: ReturnType<typeof errorFormatOf>) {
  if (method === 'POST') return { 413: errorResponse('The body is larger than 32 KB', [format, 'gateway']) }
  return uncached ? {} : { 304: notModifiedResponse }
}

function requestBody(schema: z.ZodType) {
  return { content: { 'application/json': { schema } } }
}

/** The schema of a request body: `POST <path>` of the job's `schema.ts`. */
function requestSchema({ path }: Pick<Route, 'path'>, schemas: JobSchemas) {
  const schema = schemas.get(`POST ${path}`)
  if (schema) return schema
  throw new TypeError(`${path}: expected a schema of its request, schemas["POST ${path}"]; got none`)
}

const taskHeaders: ZodOpenApiHeadersObject = {
  ...noStore,
  ...location,
  'X-Task': {
    required: true,
    description: 'Whether an earlier task does the work',
    schema: { enum: ['created', 'coalesced'] },
  },
}

/**
 * The parameters and responses of a path that submits a task.
 *
 * @throws {TypeError} when the job's `schema.ts` has no schema of the route; the message names the job
 */
export function submissionItem(job: Job, route: SubmitRoute, schemas: JobSchemas): ZodOpenApiOperationObject {
  const schema = schemas.get(route.path)
  if (!schema) {
    const message = `expected a schema of its answer, schemas[path] in the schema.ts of ${job.id}; got none`
    throw new TypeError(`${route.path}: ${message}`)
  }
  const format = errorFormatOf(job.envelope)
  const key = {
    in: 'header',
    name: 'Idempotency-Key',
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  } as const
  const isPost = route.method === 'POST'
  return {
    summary: route.about,
    tags: [route.access === 'public' ? 'datasets' : 'operators'],
    parameters: [...parametersOf(route), key],
    ...(isPost ? { requestBody: requestBody(requestSchema(route, schemas)) } : {}),
    responses: {
      [isPost ? 202 : 200]: {
        description: 'The task',
        headers: taskHeaders,
        content: { 'application/json': { schema } },
      },
      400: errorResponse('Illegal value of a parameter, or an unknown one', [format, 'gateway']),
      409: errorResponse('The job is off', [format]),
      ...(isPost ? { 413: errorResponse('The body is larger than 32 KB', [format, 'gateway']) } : {}),
      422: errorResponse('The Idempotency-Key belongs to another request', [format]),
      ...operatorErrors,
      503: errorResponse('The task could not be started', [format, 'gateway'], true),
    },
  }
}
