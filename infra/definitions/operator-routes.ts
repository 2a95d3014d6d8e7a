import { type GatewayRoute, gatewayRoutes } from './gateway-routes.ts'

/** A method and a path of an `execute-api` ARN; a `*` stands for any characters, `/` included. */
export interface RoutePattern {
  readonly method: string
  /** `/v1/*` */
  readonly path: string
}

/**
 * The routes of operators as patterns for an IAM policy, as few as possible: each has the shortest beginning of a path that no
 * public route of its method has, or the whole path. Each pattern has its method: with `*` in its place, one for `/v1/` would
 * match `GET/api/v1/…` too.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html
 */
export function operatorRoutePatterns(rows: readonly GatewayRoute[]): readonly RoutePattern[] {
  const routes = gatewayRoutes(rows).flatMap(({ methods, path, access }) =>
    methods.map((method) => ({ method, path, access })),
  )
  const isShared = (method: string, prefix: string) =>
    routes.some(
      (route) => route.access === 'public' && route.method === method && route.path.startsWith(prefix),
    )
  const patterns = routes
    .filter(({ access }) => access === 'operator')
    .map(({ method, path }) => {
      const prefix = prefixesOf(path).find((start) => !isShared(method, start))
      return { method, path: prefix === undefined ? withoutParameters(path) : `${prefix}*` }
    })
  return [...new Map(patterns.map((pattern) => [`${pattern.method} ${pattern.path}`, pattern])).values()]
}

/** `/v1/` and `/v1/jobs/` for `/v1/jobs/{id}`: the beginnings of a path that name no parameter. */
function prefixesOf(path: string): readonly string[] {
  const [fixed = ''] = path.split('{')
  const segments = fixed.split('/').slice(1, -1)
  return segments.map((_, index) => `/${segments.slice(0, index + 1).join('/')}/`)
}

function withoutParameters(path: string): string {
  return path.replaceAll(/\{[^}]+\}/g, '*')
}
