import type { Job } from '#shared/declare/job.ts'
import { router } from '#shared/http/router.ts'
import { type OperatorRow, operatorRows } from '#shared/http/routes.ts'
import { HttpError } from './refused.ts'

interface MatchedRoute {
  readonly row: OperatorRow
  /** What stands for the parameters of the row's path. */
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * A router over the rows of operators; HEAD is asked as GET. Its function
 *
 * @throws {HttpError} 404 for a path that no row has, 405 with `Allow` for another method
 */
export function operatorRouter(jobs: readonly Job[]): (method: string, path: string) => MatchedRoute {
  const match = router(operatorRows(jobs))
  return (method, path) => {
    const matched = match(method === 'HEAD' ? 'GET' : method, path)
    if (matched.isMatch) return matched
    if (matched.status === 404)
      throw new HttpError({ status: 404, message: 'No operation stands at this path' })
    const methods = new Set(
      matched.rows.flatMap((row) => (row.serves === 'live' ? row.methods : row.methods.flatMap(withHead))),
    )
    const allow = [...methods].join(', ')
    throw new HttpError({ status: 405, message: `This path answers ${allow}`, headers: { allow } })
  }
}

function withHead(method: string): string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}
