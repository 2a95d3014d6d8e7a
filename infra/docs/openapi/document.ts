import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverrideContext,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi'
import { type Job, type JobDeclaration, resolveJob } from '#shared/declare/job.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import { components, errorResponse } from './components.ts'
import { type JobSchemas, jobSchemas, liveItem, readItem, submissionItem } from './dataset-paths.ts'
import { healthSchema } from './operations/job-schemas.ts'
import { overviewSchema } from './operations/overview-schema.ts'
import { operationItem, operatorErrors, tooLongHeaders } from './operator-paths.ts'

/** Credentials of operators; the stage decides which one. */
const OPERATOR = [{ sigv4: [] }, { bearer: [] }]

/** The OpenAPI 3.1 document of the declared jobs, with the schemas of their folders. */
export async function openApiDocument(
  declarations: readonly JobDeclaration[],
  version: string,
): Promise<object> {
  return documentOf(declarations, await jobSchemas(declarations), version)
}

/**
 * The OpenAPI 3.1 document of the route table: exactly its rows.
 *
 * @throws {TypeError} for a read without a schema
 */
export function documentOf(
  declarations: readonly JobDeclaration[],
  schemas: JobSchemas,
  version: string,
): object {
  const jobs = declarations.map((declaration) => resolveJob(declaration, {}))
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'Freshet',
      version,
      description:
        'Cached data of other providers. Paths of operators need a credential; reads may need one.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'datasets' }, { name: 'operators' }, { name: 'system' }],
    components,
    paths: pathsOf(jobs, schemas),
  }
  return createDocument(document, { override: ({ jsonSchema }) => describeNullable(jsonSchema) })
}

/** A value that may be null has the description of the value: a member is described by its own schema alone. */
function describeNullable(schema: ZodOpenApiOverrideContext['jsonSchema']): void {
  const [value, other, ...more] = schema.anyOf ?? []
  if (value?.description !== undefined && other?.type === 'null' && more.length === 0)
    schema.description ??= value.description
}

function pathsOf(jobs: readonly Job[], schemas: JobSchemas): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {}
  for (const row of routeTable(jobs)) {
    for (const method of row.methods) {
      const item = {
        ...itemOf(row, jobs, schemas),
        operationId: operationIdOf(method, row.path),
        ...securityOf(row),
      }
      paths[row.path] = {
        ...paths[row.path],
        [method.toLowerCase()]: method === 'HEAD' ? withoutBodies(item) : item,
      }
    }
  }
  return paths
}

function itemOf(row: RouteRow, jobs: readonly Job[], schemas: JobSchemas): ZodOpenApiOperationObject {
  switch (row.serves) {
    case 'dataset':
      return readItem(jobOf(row, jobs), row.route, schemas)
    case 'live':
      return liveItem(jobOf(row, jobs), row.route, schemas)
    case 'submission':
      return submissionItem(jobOf(row, jobs), row.route, schemas)
    case 'operation':
      return operationItem(
        row,
        row.job === undefined ? undefined : jobOf({ path: row.path, job: row.job }, jobs),
      )
    case 'health':
      return systemItem('The state of every job', healthSchema)
    case 'overview':
      return withCopies(systemItem('Every dataset at a glance', overviewSchema))
    case 'page':
      return pageItem(row.path)
    case 'openapi':
      return withCopies(systemItem('This document', documentSchema))
    default:
      return assertNever(row)
  }
}

function jobOf({ path, job: jobId }: { path: string; job: string }, jobs: readonly Job[]): Job {
  const job = jobs.find(({ id }) => id === jobId)
  if (job) return job
  throw new TypeError(`the route ${path} names the unknown job ${jobId}`)
}

/** An OpenAPI document. */
const documentSchema = {
  type: 'object',
  required: ['openapi', 'info', 'paths', 'components'],
} as const

function systemItem(
  summary: string,
  schema: typeof healthSchema | typeof overviewSchema | typeof documentSchema,
): ZodOpenApiOperationObject {
  return {
    summary,
    tags: ['system'],
    responses: {
      200: {
        description: summary,
        content: { 'application/json': { schema } },
      },
      401: errorResponse('No valid credential, in a stage that requires one', ['gateway']),
      403: errorResponse('The caller is not authorized, in a stage that requires it', ['gateway']),
      429: operatorErrors[429],
      431: tooLongHeaders,
      500: operatorErrors[500],
      503: errorResponse('The table cannot be reached', ['problem', 'gateway'], true),
    },
  }
}

/** A file of the page, which is for browsers. */
function pageItem(path: string): ZodOpenApiOperationObject {
  const isIndex = path === '/'
  const file = { name: 'file', in: 'path', required: true, schema: { type: 'string' } } as const
  return withCopies({
    summary: isIndex ? 'The page for browsers' : 'A file of the page',
    tags: ['system'],
    ...(isIndex ? {} : { parameters: [file] }),
    responses: {
      200: {
        description: 'The file',
        content: isIndex ? { 'text/html': {} } : { 'text/javascript': {}, 'text/css': {} },
      },
      ...(isIndex ? {} : { 400: errorResponse('A path that cannot be decoded', ['problem', 'gateway']) }),
      404: errorResponse('There is no such file', ['problem']),
      429: operatorErrors[429],
      431: tooLongHeaders,
      500: operatorErrors[500],
    },
  })
}

/** An operation whose response clients may keep and check by its entity tag. */
function withCopies(item: ZodOpenApiOperationObject): ZodOpenApiOperationObject {
  const headers = {
    ETag: { required: true, schema: { type: 'string' } },
    'Cache-Control': { required: true, schema: { type: 'string' } },
  } as const
  const { 200: ok, ...errors } = item.responses as Record<string, ZodOpenApiResponseObject>
  return {
    ...item,
    responses: {
      ...errors,
      200: { ...ok, headers } as ZodOpenApiResponseObject,
      304: { description: 'The copy with the ETag of `If-None-Match` is current', headers },
    },
  }
}

function securityOf({ access }: RouteRow): Pick<ZodOpenApiOperationObject, 'security'> {
  return { security: access === 'operator' ? OPERATOR : [] }
}

function withoutBodies({ responses, ...item }: ZodOpenApiOperationObject): ZodOpenApiOperationObject {
  const bare = Object.entries(responses ?? {}).map(([status, response]) => {
    const { content: _content, ...rest } = response as { content?: unknown; description: string }
    return [status, rest] as const
  })
  return { ...item, responses: Object.fromEntries(bare) }
}

/** `get-v1-jobs-id` */
function operationIdOf(method: string, path: string): string {
  if (path === '/') return `${method.toLowerCase()}-page`
  return [method.toLowerCase(), ...path.split(/[/{}]+/).filter((part) => part !== '')].join('-')
}
