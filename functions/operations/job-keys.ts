import { isStorableKey } from '#functions/runtime/events.ts'
import type { Job } from '#shared/declare/job.ts'
import { HttpError, shown } from './refused.ts'

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
