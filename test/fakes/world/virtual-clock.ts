import type { Clock } from '#shared/domain/ports/clock.ts'

/**
 * Time that passes only when everybody sleeps: the earliest sleeper is woken once nothing else can run. A day takes
 * milliseconds.
 */
export interface VirtualClock extends Clock {
  /** Moves time forward at once, past all sleeps. */
  advance(ms: number): void
}

export function virtualClock(start: number): VirtualClock {
  let now = start
  let pumping = false
  const sleepers: { at: number; wake: () => void }[] = []

  const pump = () => {
    sleepers.sort((a, b) => a.at - b.at)
    const next = sleepers.shift()
    if (!next) {
      pumping = false
      return
    }
    now = Math.max(now, next.at)
    next.wake()
    setImmediate(pump)
  }

  return {
    now: () => now,
    advance: (ms) => {
      now += ms
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (ms <= 0 || signal?.aborted) return resolve()
        const sleeper = { at: now + ms, wake: resolve }
        sleepers.push(sleeper)
        signal?.addEventListener('abort', () => {
          const index = sleepers.indexOf(sleeper)
          if (index >= 0) sleepers.splice(index, 1)
          resolve()
        })
        if (!pumping) {
          pumping = true
          setImmediate(pump)
        }
      }),
  }
}
