import type { ZodOpenApiParameterObject } from 'zod-openapi'
import type { Parameter, Route } from '#shared/declare/route.ts'

/** What a declared path takes in its path and in its query. */
export function parametersOf({
  parameters = {},
  query = {},
}: Pick<Route, 'parameters' | 'query'>): ZodOpenApiParameterObject[] {
  return [...Object.entries(parameters).map(ofPath), ...Object.entries(query).map(ofQuery)]
}

function ofPath([name, parameter]: [string, Parameter]): ZodOpenApiParameterObject {
  return { in: 'path', name, required: true, ...described(parameter) }
}

function ofQuery([name, parameter]: [string, Parameter]): ZodOpenApiParameterObject {
  return { in: 'query', name, ...described(parameter) }
}

function described({ pattern, about }: Parameter) {
  return { description: about, schema: { type: 'string', pattern: `^(?:${pattern})$` } } as const
}
