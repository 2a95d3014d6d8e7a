import * as z from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiParameterObject } from 'zod-openapi'
import type { Job } from '#shared/declare/job.ts'
import type { OperationAlias } from '#shared/declare/operation-alias.ts'
import type { Operation } from '#shared/http/operation-routes.ts'
import type { RouteRow } from '#shared/http/routes.ts'
import { errorFormatOf, errorResponse, location, noStore } from './components.ts'
import { envelopeSchema } from './operations/envelope-schemas.ts'
import { type OperationDoc, operationDocs } from './operations/operation-docs.ts'
import { operatorDataBodies, operatorDataResponses } from './operations/operator-data-docs.ts'
import { pathParameter } from './parameters.ts'

type OperationRow = Extract<RouteRow, { serves: 'operation' }>

/** The parameters and responses of one operation. `job` is the one that its path belongs to, if it belongs to one. */
export function operationItem(
  { operation, path, alias }: Pick<OperationRow, 'operation' | 'path' | 'alias'>,
  job: Job | undefined,
): ZodOpenApiOperationObject {
  const doc = operationDocs[operation]
  const { summary, status = 200, errors = {} } = doc
  const [dataName = ''] = job?.operatorData ?? []
  const body = operation === 'replace-operator-data' ? operatorDataBodies[dataName] : doc.body
  const schema = responseSchema(path, doc, job)
  const example = doc.example === undefined ? {} : { example: doc.example }
  const format = isInEnvelope(doc.response) ? errorFormatOf(expectEnvelope(path, job)) : 'problem'
  const documented = Object.entries(errors).map(([code, description]) => [
    code,
    errorResponse(
      description,
      code === '503' ? [format, 'gateway'] : [format],
      code === '503' || code === '409',
    ),
  ])
  return {
    summary: alias?.about ?? summary,
    tags: ['operators'],
    parameters: [...pathParameters(path, alias), ...queryParameters(doc), ...headerParameters(operation)],
    ...(body ? { requestBody: { content: { 'application/json': { schema: bodySchema(body) } } } } : {}),
    responses: {
      [status]: {
        description: 'Done',
        headers: status === 202 ? { ...noStore, ...location } : noStore,
        content: { 'application/json': { schema, ...example } },
      },
      400: errorResponse('Invalid request: expected and got', [format, 'gateway']),
      ...(body ? { 413: errorResponse('The body is larger than 64 KB', [format, 'gateway']) } : {}),
      ...(path.includes('{') && !(alias && 'id' in alias)
        ? { 404: errorResponse('Unknown name; the detail lists the known ones', ['problem'], true) }
        : {}),
      503: errorResponse('The table or another service did not respond', [format, 'gateway'], true),
      ...Object.fromEntries(documented),
      ...operatorErrors,
    },
  }
}

/** The schema of the body of a response. @throws {TypeError} for data of operators without a schema */
function responseSchema(path: string, doc: OperationDoc, job: Job | undefined): z.ZodType {
  const { response, logResponse } = doc
  if (response === 'operator-data') {
    const schema = operatorDataResponses[job?.operatorData[0] ?? '']
    if (schema) return schema
    throw new TypeError(`${path}: expected a schema of the data of operators, got none`)
  }
  if (isInEnvelope(response)) return envelopeSchema(expectEnvelope(path, job), response.data)
  return (path.startsWith('/admin/') ? logResponse : undefined) ?? response
}

function isInEnvelope(response: OperationDoc['response']): response is { readonly data: z.ZodObject } {
  return typeof response === 'object' && !(response instanceof z.ZodType)
}

function expectEnvelope(path: string, job: Job | undefined): Job['envelope'] {
  if (job) return job.envelope
  throw new TypeError(`${path}: expected the job whose envelope its responses have, got none`)
}

/** The gateway's response to request line and headers of over 10 KB in all. */
export const tooLongHeaders = errorResponse('The headers are longer than 10 KB', ['gateway'])

/** Responses of the gateway to denied requests, and of a function that fails. */
export const operatorErrors = {
  401: errorResponse('No valid credential', ['gateway']),
  403: errorResponse('The caller is not authorized', ['gateway']),
  429: errorResponse('Too many requests', ['gateway']),
  431: tooLongHeaders,
  500: errorResponse('The request failed', ['problem', 'gateway']),
}

function pathParameters(path: string, alias: OperationAlias | undefined): ZodOpenApiParameterObject[] {
  if (!path.includes('{id}')) return []
  if (alias && 'id' in alias) return [pathParameter('id', alias.id)]
  const about = path.includes('/upstreams/')
    ? 'an upstream'
    : path.includes('/runs/{id}') || path.includes('/tasks/{id}')
      ? 'a run'
      : 'a job, or a documented name of one'
  return [{ in: 'path', name: 'id', required: true, description: about, schema: { type: 'string' } }]
}

function queryParameters({ query = {} }: OperationDoc): ZodOpenApiParameterObject[] {
  return Object.entries(query).map(([name, schema]) => ({ in: 'query', name, schema }))
}

function headerParameters(operation: Operation): ZodOpenApiParameterObject[] {
  if (operation !== 'trigger') return []
  return [{ in: 'header', name: 'Idempotency-Key', schema: { type: 'string', minLength: 1, maxLength: 128 } }]
}

function bodySchema(members: NonNullable<OperationDoc['body']>) {
  const entries = Object.entries(members).map(([name, schema]) => [name.replace('!', ''), schema])
  return {
    type: 'object' as const,
    additionalProperties: false,
    properties: Object.fromEntries(entries),
    required: Object.keys(members)
      .filter((name) => name.endsWith('!'))
      .map((name) => name.slice(0, -1)),
  }
}
