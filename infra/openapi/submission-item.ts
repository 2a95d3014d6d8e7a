import type { ZodOpenApiOperationObject } from 'zod-openapi'
import type { Job } from '#shared/declare/job.ts'
import type { SubmitRoute } from '#shared/declare/route.ts'
import { errorFormatOf, errorResponse } from './components.ts'
import type { JobSchemas } from './job-schemas.ts'
import { operatorErrors } from './operation-item.ts'
import { parametersOf } from './parameters.ts'

/**
 * What a path that submits a task takes and answers.
 *
 * @throws {TypeError} naming the job whose `schema.ts` says nothing of the route
 */
export function submissionItem(job: Job, route: SubmitRoute, schemas: JobSchemas): ZodOpenApiOperationObject {
  const schema = schemas.get(route.path)
  if (!schema) {
    const message = `expected a schema of its answer, schemas[path] in the schema.ts of ${job.id}; got none`
    throw new TypeError(`${route.path}: ${message}`)
  }
  const shape = errorFormatOf(job.envelope)
  const key = {
    in: 'header',
    name: 'Idempotency-Key',
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  } as const
  return {
    summary: route.about,
    tags: [route.access === 'public' ? 'datasets' : 'operators'],
    parameters: [...parametersOf(route), key],
    responses: {
      [route.method === 'POST' ? 202 : 200]: {
        description: 'The task that stands for the work',
        content: { 'application/json': { schema } },
      },
      400: errorResponse('A parameter has no legal value', [shape]),
      409: errorResponse('The job is off', [shape]),
      422: errorResponse('The Idempotency-Key stands for something else', [shape]),
      ...operatorErrors,
      503: errorResponse('The task could not be started', [shape, 'gateway'], true),
    },
  }
}
