import type { ZodOpenApiParameterObject } from 'zod-openapi'
import type { Parameter, Route } from '#shared/declare/route.ts'

/** The parameters of a declared route, in its path and in its query. */
export function parametersOf({
  parameters = {},
  query = {},
}: Pick<Route, 'parameters' | 'query'>): ZodOpenApiParameterObject[] {
  const inPath = Object.entries(parameters).map(([name, parameter]) => pathParameter(name, parameter))
  const inQuery = Object.entries(query).map(
    ([name, parameter]): ZodOpenApiParameterObject => ({ in: 'query', name, ...parameterSchema(parameter) }),
  )
  return [...inPath, ...inQuery]
}

/** One declared parameter of a path. */
export function pathParameter(name: string, parameter: Parameter): ZodOpenApiParameterObject {
  return { in: 'path', name, required: true, ...parameterSchema(parameter) }
}

function parameterSchema({ pattern, about }: Parameter) {
  return { description: about, schema: { type: 'string', pattern: `^(?:${pattern})$` } } as const
}
