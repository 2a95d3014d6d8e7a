import type { Job } from '#shared/declare/job.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import type { JobFolders } from '../job-folders.ts'
import type { Finding } from './finding.ts'

/** Routes that are declared twice, that operators would need an authorizer for, or that have no schema. */
export function checkRoutes(jobs: readonly Job[], folders: JobFolders): Finding[] {
  const rows = routeTable(jobs)
  return [
    ...declaredTwice(rows),
    ...rows.flatMap(unguarded),
    ...rows.flatMap((row) => undescribed(row, folders)),
  ]
}

function declaredTwice(rows: readonly RouteRow[]): Finding[] {
  const shapes = rows.map(({ path }) => path.replaceAll(/\{[a-z_]+\}/g, '{}'))
  return rows
    .filter((_, index) => shapes.indexOf(shapes[index] as string) !== index)
    .map(({ path }) => fault(path, 'expected each path to be declared once, got it twice'))
}

/** There is no authorizer yet, so nothing may be declared that needs one. */
function unguarded({ path, access, effect }: RouteRow): Finding[] {
  if (access === 'public' && effect !== 'change') return []
  return [
    fault(
      path,
      `expected a public route that changes nothing, got access ${access} and effect ${effect}: there is no authorizer`,
    ),
  ]
}

function undescribed(row: RouteRow, folders: JobFolders): Finding[] {
  if (row.serves !== 'dataset' || folders.get(row.job)?.schemas.includes(row.path)) return []
  return [
    fault(row.path, `expected a schema of its body, schemas[path] in the schema.ts of ${row.job}; got none`),
  ]
}

function fault(path: string, message: string): Finding {
  return { check: 'routes', subject: path, message, severity: 'error' }
}
