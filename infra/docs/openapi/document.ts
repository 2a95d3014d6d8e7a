import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { type JobDeclaration, resolveJob } from '#shared/declare/job.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import { components, errorResponse } from './components.ts'
import { type JobSchemas, jobSchemas, liveItem, readItem, submissionItem } from './dataset-paths.ts'
import { operationItem, operatorErrors } from './operator-paths.ts'

/** How a path asks who comes: either of them, as the stage says. */
const OPERATOR = [{ sigv4: [] }, { bearer: [] }]

/** The OpenAPI 3.1 document of what is declared, with the schemas of the jobs' folders. */
export async function openApiDocument(
  declarations: readonly JobDeclaration[],
  version: string,
): Promise<object> {
  return documentOf(declarations, await jobSchemas(declarations), version)
}

/**
 * The OpenAPI 3.1 document of the route table: every row of it and nothing else.
 *
 * @throws {TypeError} for a read without a schema
 */
export function documentOf(
  declarations: readonly JobDeclaration[],
  schemas: JobSchemas,
  version: string,
): object {
  const jobs = declarations.map((declaration) => resolveJob(declaration, {}))
  const paths: ZodOpenApiPathsObject = {}
  for (const row of routeTable(jobs)) {
    for (const method of row.methods) {
      const item = { ...itemOf(row), operationId: operationIdOf(method, row.path), ...securityOf(row) }
      paths[row.path] = {
        ...paths[row.path],
        [method.toLowerCase()]: method === 'HEAD' ? withoutBodies(item) : item,
      }
    }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Freshet',
      version,
      description: 'Other people’s data, kept fresh. Operators’ paths need a credential, and so may reads.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'datasets' }, { name: 'operators' }, { name: 'system' }],
    components,
    paths,
  })

  function itemOf(row: RouteRow): ZodOpenApiOperationObject {
    switch (row.serves) {
      case 'dataset':
      case 'live': {
        const job = jobs.find(({ id }) => id === row.job)
        if (!job) throw new TypeError(`the route ${row.path} names the unknown job ${row.job}`)
        return row.serves === 'live' ? liveItem(job, row.route, schemas) : readItem(job, row.route, schemas)
      }
      case 'operation':
        return operationItem(row.operation, row.path, row.about)
      case 'submission': {
        const job = jobs.find(({ id }) => id === row.job)
        if (!job) throw new TypeError(`the route ${row.path} names the unknown job ${row.job}`)
        return submissionItem(job, row.route, schemas)
      }
      case 'health':
        return systemItem('How every job stands', ['status', 'service', 'version', 'jobs'])
      case 'openapi':
        return systemItem('This document', ['openapi', 'info', 'paths', 'components'])
      default:
        return assertNever(row)
    }
  }
}

function systemItem(summary: string, required: string[]): ZodOpenApiOperationObject {
  return {
    summary,
    tags: ['system'],
    responses: {
      200: {
        description: summary,
        content: { 'application/json': { schema: { type: 'object', required } } },
      },
      401: errorResponse('Where the stage lets in readers it knows only', ['gateway']),
      403: errorResponse('Where the stage lets in readers it knows only', ['gateway']),
      429: operatorErrors[429],
      500: operatorErrors[500],
      503: errorResponse('The storage cannot be reached', ['problem', 'gateway'], true),
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
  return [method.toLowerCase(), ...path.split(/[/{}]+/).filter((part) => part !== '')].join('-')
}
