import { overlapsLivePaths } from '#infra/gateway-routes.ts'
import type { JobModules } from '#infra/job-folders.ts'
import type { Job } from '#shared/declare/job.ts'
import { livePath, type RouteRow, routeTable } from '#shared/http/routes.ts'
import type { Finding } from './finding.ts'

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
