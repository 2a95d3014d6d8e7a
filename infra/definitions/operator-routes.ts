import { type GatewayRoute, gatewayRoutes } from './gateway-routes.ts'

/** A method and a path of an `execute-api` ARN; a `*` stands for any characters, `/` included. */
export interface RoutePattern {
  readonly method: string
  /** `/v1/*` */
  readonly path: string
}

/** Paths that only operators' routes begin with, unless a job declares a public one there. */
const OPERATOR_PREFIXES = ['/v1/', '/admin/', '/api/v1/admin/']

/**
 * The routes of operators as patterns for an IAM policy: one for each method and prefix, and one for each route that has
 * its path beside public ones. Each pattern has its method: with `*` in its place, one for `/v1/` would match
 * `GET/api/v1/…` too.
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
      const prefix = OPERATOR_PREFIXES.find((start) => path.startsWith(start) && !isShared(method, start))
      return { method, path: prefix === undefined ? path.replaceAll(/\{[^}]+\}/g, '*') : `${prefix}*` }
    })
  return [...new Map(patterns.map((pattern) => [`${pattern.method} ${pattern.path}`, pattern])).values()]
}
