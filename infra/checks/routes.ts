import { gatewayRoutes, overlapsLivePaths } from '#infra/definitions/gateway-routes.ts'
import type { JobModules } from '#infra/estimates/job-modules.ts'
import type { Job } from '#shared/declare/job.ts'
import { livePath, type RouteRow, routeTable } from '#shared/http/routes.ts'
import type { Finding, SynthesizedTemplate } from './findings.ts'

/** Routes that are declared twice, that let somebody in who may not, or that have no schema. */
export function checkRoutes(jobs: readonly Job[], folders: JobModules): Finding[] {
  const rows = routeTable(jobs)
  return [
    ...duplicateRoutes(rows),
    ...rows.flatMap(wrongAccess),
    ...rows.filter(overlapsLivePaths).map(misplacedLiveRoute),
    ...rows.flatMap((row) => missingSchema(row, folders)),
  ]
}

/** A path may be declared for several methods, and each of them once. */
function duplicateRoutes(rows: readonly RouteRow[]): Finding[] {
  const routes = rows.flatMap(({ path, methods }) =>
    methods.map((method) => ({ path, shape: `${method} ${path.replaceAll(/\{[a-z_]+\}/g, '{}')}` })),
  )
  const again = routes.filter(({ shape }, index) => routes.findIndex((one) => one.shape === shape) !== index)
  const paths = new Set(again.map(({ path }) => path))
  // what is said of a path need not be said of its twin
  for (const path of paths) paths.delete(livePath({ path }))
  return [...paths].map((path) =>
    routeFinding(path, 'expected each path to be declared once a method, got it twice'),
  )
}

/** Only a route for operators gets their authorizer, and a dataset is read whoever asks for it. */
function wrongAccess({ path, access, effect, serves }: RouteRow): Finding[] {
  if (effect === 'change' && access !== 'operator') {
    return [routeFinding(path, `expected access operator of a route that changes something, got ${access}`)]
  }
  if (serves === 'dataset' && effect !== 'read') {
    return [routeFinding(path, `expected effect read of a dataset, got ${effect}: nobody serves it`)]
  }
  return []
}

function misplacedLiveRoute({ path }: RouteRow): Finding {
  return routeFinding(
    path,
    `expected live twins only below ${livePath({ path: '/' })}, got a path of another kind`,
  )
}

function missingSchema(row: RouteRow, folders: JobModules): Finding[] {
  if (row.serves !== 'dataset' || folders.get(row.job)?.schemaPaths.includes(row.path)) return []
  return [
    routeFinding(
      row.path,
      `expected a schema of its body, schemas[path] in the schema.ts of ${row.job}; got none`,
    ),
  ]
}

function routeFinding(path: string, message: string): Finding {
  return { check: 'routes', subject: path, message, severity: 'error' }
}

type Properties = Readonly<Record<string, unknown>>

const DEFAULT_ROUTE = '$default'

/**
 * Whether the routes of a template let nobody in who may not: each declared one is there and no other, those of
 * operators ask who comes, and no route that asks nobody leads where they lead.
 */
export function checkRouteAuthorization(
  { Resources }: SynthesizedTemplate,
  rows: readonly RouteRow[],
): Finding[] {
  const routes = new Map(
    Object.values(Resources)
      .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
      .map(({ Properties = {} }) => [String(Properties['RouteKey']), Properties] as const),
  )
  const declared = routeKeys(rows)
  const closed = routeKeys(
    rows.filter(
      ({ access, effect, path }) => access === 'operator' || effect === 'change' || isAdminPath(path),
    ),
  )
  const ofTasks = routeKeys(rows.filter(({ serves }) => serves === 'submission'))
  const open = [...routes].filter(([key]) => !closed.includes(key))
  const behind = (keys: readonly string[]) => new Set(keys.map((key) => targetOf(routes.get(key))))
  const operators = behind(closed)
  // a path without parameters is what it says, and the door of tasks asks for an operator itself
  const operatorsAlone = behind(closed.filter((key) => !ofTasks.includes(key)))
  const barred = (key: string) => (ofTasks.includes(key) && !key.includes('{') ? operatorsAlone : operators)
  return [
    ...declared
      .filter((key) => !routes.has(key))
      .map((key) => authorizationFinding(key, 'expected a route for it, got none')),
    ...[...routes.keys()]
      .filter((key) => key !== DEFAULT_ROUTE && !declared.includes(key))
      .map((key) =>
        authorizationFinding(key, 'expected routes of the route table only, got one that it does not have'),
      ),
    ...closed.flatMap((key) => checkAuthorizer(key, routes.get(key))),
    ...open
      .filter(([key, route]) => barred(key).has(targetOf(route)))
      .map(([key]) =>
        authorizationFinding(
          key,
          'expected it to lead elsewhere than the routes of operators, got the same target',
        ),
      ),
  ]
}

/** Route keys of rows, as the gateway has them: `GET /health`. */
function routeKeys(rows: readonly RouteRow[]): string[] {
  return gatewayRoutes(rows).flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`))
}

function isAdminPath(path: string): boolean {
  return path.includes('/admin/')
}

function checkAuthorizer(key: string, route: Properties | undefined): Finding[] {
  if (!route) return []
  const { AuthorizationType: type, AuthorizerId: authorizer, AuthorizationScopes: scopes } = route
  const isScoped = Array.isArray(scopes) && scopes.length > 0
  if (type === 'AWS_IAM' || (type === 'JWT' && authorizer !== undefined && isScoped)) return []
  return [
    authorizationFinding(key, `expected AWS_IAM, or JWT with an authorizer and a scope; got ${String(type)}`),
  ]
}

function targetOf(route: Properties | undefined): string {
  return JSON.stringify(route?.['Target'])
}

function authorizationFinding(subject: string, message: string): Finding {
  return { check: 'routes', subject, message, severity: 'error' }
}
