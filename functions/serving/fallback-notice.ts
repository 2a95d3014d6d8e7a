import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'

/** Between two lines of one process. */
const WARN_INTERVAL_MS = 60_000

/** Told of each value that is given from memory because the table failed, with how it failed. */
export type MemoryFallbackWarning = (failure: unknown) => void

/** Warns that readers are served from memory: the first time at once, and then once a minute with how many times. */
export function memoryFallbackWarning(log: Pick<Log, 'warn'>, clock: Clock): MemoryFallbackWarning {
  let saidAt = Number.NEGATIVE_INFINITY
  let copies = 0
  return (error) => {
    copies += 1
    const now = clock.now()
    if (now - saidAt < WARN_INTERVAL_MS) return
    log.warn('Table unavailable, serving from memory', { copies, error })
    saidAt = now
    copies = 0
  }
}
