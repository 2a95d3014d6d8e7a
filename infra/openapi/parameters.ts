import type { ZodOpenApiParameterObject } from 'zod-openapi'
import type { Parameter, Route } from '#shared/declare/route.ts'

/** What a declared path takes in its path and in its query. */
export function parametersOf({
  parameters = {},
  query = {},
}: Pick<Route, 'parameters' | 'query'>): ZodOpenApiParameterObject[] {
  return [...Object.entries(parameters).map(pathParameter), ...Object.entries(query).map(queryParameter)]
}

function pathParameter([name, parameter]: [string, Parameter]): ZodOpenApiParameterObject {
  return { in: 'path', name, required: true, ...parameterSchema(parameter) }
}

function queryParameter([name, parameter]: [string, Parameter]): ZodOpenApiParameterObject {
  return { in: 'query', name, ...parameterSchema(parameter) }
}

function parameterSchema({ pattern, about }: Parameter) {
  return { description: about, schema: { type: 'string', pattern: `^(?:${pattern})$` } } as const
}
