import { isStorableKey } from '#functions/runtime/events.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Parameter } from '#shared/declare/route.ts'
import { mapConcurrently } from '#shared/domain/concurrency.ts'
import { shown } from '#shared/domain/text.ts'
import { HttpError } from '../http/response.ts'

/**
 * Checks that a route of the job can read the key.
 *
 * @throws {HttpError} 400 otherwise, and for every key of a job that stores a snapshot, which is one set
 */
export function expectKey(job: Job, key: string): void {
  if (job.stored === 'snapshot') {
    const message = `key: expected none, because ${job.id} is refreshed and stored as one set; got ${shown(key)}`
    throw new HttpError({ status: 400, message })
  }
  if (isStorableKey(key) && isRouteKey(job, key)) return
  const templates = job.keys?.pattern ?? job.reads.flatMap(({ key: template }) => template ?? []).join(', ')
  throw new HttpError({
    status: 400,
    message: `key: expected one that a route of ${job.id} reads, of the form ${templates}; got ${shown(key)}`,
  })
}

function isRouteKey({ reads, keys }: Job, key: string): boolean {
  if (keys !== undefined) return new RegExp(`^(?:${keys.pattern})$`, 'u').test(key)
  return reads.some((route) => {
    if (route.key === undefined) return false
    const source = route.key
      .split(/(\{[a-z_]+\})/)
      .map((part) => patternOf(part, route.parameters ?? {}))
      .join('')
    return new RegExp(`^(?:${source})$`, 'u').test(key)
  })
}

/** The pattern of a parameter `{name}`, or the escaped literal text. */
function patternOf(part: string, parameters: Readonly<Record<string, Parameter>>): string {
  const name = /^\{([a-z_]+)\}$/.exec(part)?.[1]
  return name === undefined ? part.replaceAll('.', '\\.') : `(?:${parameters[name]?.pattern})`
}

const MAX_CONCURRENT_WRITES = 8

/**
 * Calls `work` for every key, also after it has failed for some.
 *
 * @returns the number of keys for which `work` returned true
 * @throws {HttpError} 503 with the counts when `work` failed for some keys; the request can be retried
 */
export async function forEachKey(
  keys: readonly string[],
  name: string,
  work: (key: string) => Promise<boolean>,
): Promise<number> {
  const results = await mapConcurrently(keys, MAX_CONCURRENT_WRITES, async (key) => {
    try {
      return { isDone: await work(key) }
    } catch (error) {
      return { error }
    }
  })
  const done = results.filter((result) => 'isDone' in result && result.isDone).length
  const failures = results.flatMap((result) => ('error' in result ? [result.error] : []))
  if (failures.length === 0) return done
  throw new HttpError(
    {
      status: 503,
      message: `The table failed for ${failures.length} of ${keys.length} keys; the request may be repeated`,
      headers: { 'retry-after': '5' },
      members: { [name]: done, failed: failures.length },
    },
    { cause: new AggregateError(failures) },
  )
}
