import { RefreshError } from '#shared/domain/errors.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'

const ATTEMPTS = 6
const FIRST_WAIT_MS = 50

/**
 * Sends a batch until nothing of it is left unprocessed, with growing waits.
 *
 * @param send - sends what is left, returns what was not processed
 * @throws {RefreshError} `store` when something is left after six attempts: nothing is silently lost
 */
export async function sendUntilProcessed<T>(
  batch: readonly T[],
  clock: Clock,
  send: (rest: T[]) => Promise<T[]>,
): Promise<void> {
  let rest = [...batch]
  for (let attempt = 1; rest.length > 0; attempt += 1) {
    rest = await send(rest)
    if (rest.length === 0) return
    if (attempt === ATTEMPTS) {
      const left = `the table left ${rest.length} of ${batch.length} records of a batch unprocessed, ${attempt} times`
      throw new RefreshError('store', left)
    }
    await clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1))
  }
}
