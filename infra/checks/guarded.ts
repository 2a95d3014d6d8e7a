import { gatewayRoutes } from '#infra/gateway-routes.ts'
import type { RouteRow } from '#shared/http/routes.ts'
import type { Finding } from './finding.ts'
import type { Synthesized } from './synthesized.ts'

type Properties = Readonly<Record<string, unknown>>

const DEFAULT = '$default'

/**
 * Whether the routes of a template let nobody in who may not: each declared one is there and no other, those of
 * operators ask who comes, and no route that asks nobody leads where they lead.
 */
export function checkGuards({ Resources }: Synthesized, rows: readonly RouteRow[]): Finding[] {
  const routes = new Map(
    Object.values(Resources)
      .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
      .map(({ Properties = {} }) => [String(Properties['RouteKey']), Properties] as const),
  )
  const declared = keysOf(rows)
  const closed = keysOf(
    rows.filter(({ access, effect, path }) => access === 'operator' || effect === 'change' || isAdmin(path)),
  )
  const ofTasks = keysOf(rows.filter(({ serves }) => serves === 'submission'))
  const open = [...routes].filter(([key]) => !closed.includes(key))
  const behind = (keys: readonly string[]) => new Set(keys.map((key) => target(routes.get(key))))
  const operators = behind(closed)
  // a path without parameters is what it says, and the door of tasks asks for an operator itself
  const operatorsAlone = behind(closed.filter((key) => !ofTasks.includes(key)))
  const barred = (key: string) => (ofTasks.includes(key) && !key.includes('{') ? operatorsAlone : operators)
  return [
    ...declared
      .filter((key) => !routes.has(key))
      .map((key) => fault(key, 'expected a route for it, got none')),
    ...[...routes.keys()]
      .filter((key) => key !== DEFAULT && !declared.includes(key))
      .map((key) => fault(key, 'expected routes of the route table only, got one that it does not have')),
    ...closed.flatMap((key) => unguarded(key, routes.get(key))),
    ...open
      .filter(([key, route]) => barred(key).has(target(route)))
      .map(([key]) =>
        fault(key, 'expected it to lead elsewhere than the routes of operators, got the same target'),
      ),
  ]
}

/** Route keys of rows, as the gateway has them: `GET /health`. */
function keysOf(rows: readonly RouteRow[]): string[] {
  return gatewayRoutes(rows).flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`))
}

function isAdmin(path: string): boolean {
  return path.includes('/admin/')
}

function unguarded(key: string, route: Properties | undefined): Finding[] {
  if (!route) return []
  const { AuthorizationType: type, AuthorizerId: authorizer, AuthorizationScopes: scopes } = route
  const isScoped = Array.isArray(scopes) && scopes.length > 0
  if (type === 'AWS_IAM' || (type === 'JWT' && authorizer !== undefined && isScoped)) return []
  return [fault(key, `expected AWS_IAM, or JWT with an authorizer and a scope; got ${String(type)}`)]
}

function target(route: Properties | undefined): string {
  return JSON.stringify(route?.['Target'])
}

function fault(subject: string, message: string): Finding {
  return { check: 'routes', subject, message, severity: 'error' }
}
