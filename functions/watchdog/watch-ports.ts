import type { Bus } from '#shared/ports/bus.ts'
import type { Clock } from '#shared/ports/clock.ts'
import type { Log } from '#shared/ports/log.ts'
import type { Store } from '#shared/ports/store.ts'

/** The world as the watchdog sees it. */
export interface WatchPorts {
  readonly store: Pick<Store, 'runs' | 'states' | 'controls' | 'upstreams'>
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}
