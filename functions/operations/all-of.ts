import { mapConcurrently } from '#shared/domain/concurrency.ts'
import { HttpError } from './refused.ts'

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
