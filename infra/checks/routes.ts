import { gatewayRoutes, overlapsLivePaths } from '#infra/definitions/gateway-routes.ts'
import type { JobModules } from '#infra/estimates/job-modules.ts'
import type { Job } from '#shared/declare/job.ts'
import { livePath, type RouteRow, routeTable } from '#shared/http/routes.ts'
import { type Finding, finding, type SynthesizedTemplate } from './findings.ts'

/**
 * Default quota of routes of an HTTP API. A deployment above it stops halfway.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MAX_ROUTES = 300

/** Above this share of the quota the check warns, while there is time to request a higher one. */
const WARNING_SHARE = 0.8

/** Routes that are declared twice, that have the wrong access, that have no schema, or that are too many. */
export function checkRoutes(jobs: readonly Job[], modules: JobModules): Finding[] {
  const rows = routeTable(jobs)
  return [
    ...duplicateRoutes(rows),
    ...rows.flatMap(wrongAccess),
    ...rows.filter(overlapsLivePaths).map(misplacedLiveRoute),
    ...rows.flatMap((row) => missingSchema(row, modules)),
    ...checkRouteCount(rows),
  ]
}

/** Each method of a path is a route of the gateway, and `$default` is one more. */
export function checkRouteCount(rows: readonly RouteRow[]): Finding[] {
  const count = routeKeys(rows).length + 1
  if (count <= WARNING_SHARE * MAX_ROUTES) return []
  const message = `expected at most ${MAX_ROUTES} routes, the default quota of an HTTP API, got ${count}`
  if (count > MAX_ROUTES) return [finding('routes', 'gateway', message)]
  return [finding('routes', 'gateway', `${message}: request a higher quota in time`, 'warning')]
}

/** A path may be declared once per method. */
function duplicateRoutes(rows: readonly RouteRow[]): Finding[] {
  const routes = rows.flatMap(({ path, methods }) =>
    methods.map((method) => ({ path, key: `${method} ${path.replaceAll(/\{[a-z_]+\}/g, '{}')}` })),
  )
  const duplicates = routes.filter(
    ({ key }, index) => routes.findIndex((route) => route.key === key) !== index,
  )
  const paths = new Set(duplicates.map(({ path }) => path))
  // the live read of a duplicate is one too, and needs no finding of its own
  for (const path of paths) paths.delete(livePath({ path }))
  return [...paths].map((path) =>
    finding('routes', path, 'expected each path to be declared once a method, got it twice'),
  )
}

/** Only routes of operators have their authorizer, and a dataset is only read. */
function wrongAccess({ path, access, effect, serves }: RouteRow): Finding[] {
  if (effect === 'change' && access !== 'operator') {
    const message = `expected access operator of a route that changes something, got ${access}`
    return [finding('routes', path, message)]
  }
  if (serves === 'dataset' && effect !== 'read') {
    return [
      finding('routes', path, `expected effect read of a dataset, got ${effect}: no function serves it`),
    ]
  }
  return []
}

function misplacedLiveRoute({ path }: RouteRow): Finding {
  const message = `expected only live reads below ${livePath({ path: '/' })}, got a path of another kind`
  return finding('routes', path, message)
}

function missingSchema(row: RouteRow, modules: JobModules): Finding[] {
  if (row.serves !== 'dataset' && row.serves !== 'submission') return []
  const { job, path, route, serves } = row
  const schemaPaths = modules.get(job)?.schemaPaths ?? []
  const missing = (of: string, name: string) =>
    schemaPaths.includes(name)
      ? []
      : [
          finding(
            'routes',
            path,
            `expected a schema of its ${of}, schemas[${name === path ? 'path' : `"${name}"`}] in the schema.ts of ${job}; got none`,
          ),
        ]
  return [
    ...missing('body', path),
    ...(serves === 'dataset' && route.method === 'POST' ? missing('request', `POST ${path}`) : []),
  ]
}

type Properties = Readonly<Record<string, unknown>>

const DEFAULT_ROUTE = '$default'

/**
 * Compares the routes of a template with the route table: each declared route exists and no other, those of operators
 * have an authorizer, and no public route has the same target as they.
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
  const protectedKeys = routeKeys(
    rows.filter(
      ({ access, effect, path }) => access === 'operator' || effect === 'change' || isAdminPath(path),
    ),
  )
  const undeclared = [...routes.keys()].filter((key) => key !== DEFAULT_ROUTE && !declared.includes(key))
  return [
    ...declared
      .filter((key) => !routes.has(key))
      .map((key) => finding('routes', key, 'expected a route for it, got none')),
    ...undeclared.map((key) =>
      finding('routes', key, 'expected only routes of the route table, got one that it does not have'),
    ),
    ...protectedKeys.flatMap((key) => checkAuthorizer(key, routes.get(key))),
    ...checkPublicTargets(routes, protectedKeys, rows),
  ]
}

/** Public routes must not lead to the functions of protected ones. */
function checkPublicTargets(
  routes: ReadonlyMap<string, Properties>,
  protectedKeys: readonly string[],
  rows: readonly RouteRow[],
): Finding[] {
  const submissions = routeKeys(rows.filter(({ serves }) => serves === 'submission'))
  const targetsOf = (keys: readonly string[]) => new Set(keys.map((key) => targetOf(routes.get(key))))
  const protectedTargets = targetsOf(protectedKeys)
  // the submit function serves public paths without parameters too: it checks the operator itself
  const operatorTargets = targetsOf(protectedKeys.filter((key) => !submissions.includes(key)))
  const forbiddenFor = (key: string) =>
    submissions.includes(key) && !key.includes('{') ? operatorTargets : protectedTargets
  return [...routes]
    .filter(([key, route]) => !protectedKeys.includes(key) && forbiddenFor(key).has(targetOf(route)))
    .map(([key]) =>
      finding('routes', key, 'expected another target than that of the routes of operators, got the same'),
    )
}

/** The keys of the gateway's routes: `GET /health`. */
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
  const message = `expected AWS_IAM, or JWT with an authorizer and a scope; got ${String(type)}`
  return [finding('routes', key, message)]
}

function targetOf(route: Properties | undefined): string {
  return JSON.stringify(route?.['Target'])
}
