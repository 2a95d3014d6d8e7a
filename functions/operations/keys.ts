import { isStorableKey } from '#functions/runtime/events.ts'
import type { Job } from '#shared/declare/job.ts'
import { mapConcurrently } from '#shared/domain/concurrency.ts'
import { HttpError, shown } from './http/response.ts'

/**
 * Refuses a key that no reader could ask for, because the job's routes cannot make it.
 *
 * @throws {HttpError} 400, for a snapshot too: it is one set
 */
export function expectKey(job: Job, key: string): void {
  if (job.stored === 'snapshot') {
    const message = `key: expected none, because ${job.id} is refreshed and stored as one set; got ${shown(key)}`
    throw new HttpError({ status: 400, message })
  }
  if (isStorableKey(key) && isRouteKey(job, key)) return
  const templates = job.keys?.pattern ?? job.reads.map((route) => route.key).join(', ')
  throw new HttpError({
    status: 400,
    message: `key: expected one that a route of ${job.id} reads, of the form ${templates}; got ${shown(key)}`,
  })
}

function isRouteKey({ reads, keys }: Job, key: string): boolean {
  if (keys !== undefined) return new RegExp(`^(?:${keys.pattern})$`, 'u').test(key)
  return reads.some((route) => {
    const source = route.key
      .split(/(\{[a-z_]+\})/)
      .map((part) => patternOf(part, route.parameters ?? {}))
      .join('')
    return new RegExp(`^(?:${source})$`, 'u').test(key)
  })
}

/** The pattern of a parameter, or the text itself. */
function patternOf(part: string, parameters: Readonly<Record<string, { readonly pattern: string }>>): string {
  const name = /^\{([a-z_]+)\}$/.exec(part)?.[1]
  return name === undefined ? part.replaceAll('.', '\\.') : `(?:${parameters[name]?.pattern})`
}

/** Writes under way at once. */
const MAX_CONCURRENCY = 8

/**
 * Does the same for each key, and for all of them even when it fails for some.
 *
 * @returns for how many `work` was true
 * @throws {HttpError} 503 with the counts when it failed for some: it may be repeated
 */
export async function forEachKey(
  keys: readonly string[],
  name: string,
  work: (key: string) => Promise<boolean>,
): Promise<number> {
  const results = await mapConcurrently(keys, MAX_CONCURRENCY, async (key) => {
    try {
      return { isDone: await work(key) }
    } catch (error) {
      return { error }
    }
  })
  const done = results.filter((one) => 'isDone' in one && one.isDone).length
  const failures = results.flatMap((one) => ('error' in one ? [one.error] : []))
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
