import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { defined } from '#shared/domain/defined.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { HttpResult } from '#shared/http/problem.ts'

/**
 * Logs a read: a cold one, which waited for a refresh or found nothing, at INFO; a hit at DEBUG, which is off by default.
 * Anything else, a 404 for example, has no line: the access log has one.
 */
export function logRead(
  log: Pick<Log, 'info' | 'debug'>,
  { id, title }: Pick<Job, 'id' | 'title'>,
  { path, hitMessage }: Pick<Route, 'path' | 'hitMessage'>,
  { statusCode, headers }: Pick<HttpResult, 'statusCode' | 'headers'>,
): void {
  const cache = headers['x-cache']
  const age = headers['age']
  const fields = {
    job: id,
    path,
    status: statusCode,
    ...defined({ cache, age_s: age === undefined ? undefined : Number(age) }),
  }
  if (cache === 'MISS') log.info(`${title}: cold read, answered after a refresh`, fields)
  else if (statusCode === 503) log.info(`${title}: cold read, nothing to serve`, fields)
  else if (cache !== undefined && age !== undefined)
    log.debug(
      (hitMessage ?? `${title}: cache hit (age: {age} seconds)`).replace('{age}', String(age)),
      fields,
    )
}
