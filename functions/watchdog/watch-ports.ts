import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { Store } from '#shared/domain/ports/store.ts'

/** The world as the watchdog sees it. */
export interface WatchPorts {
  readonly store: Pick<Store, 'runs' | 'states' | 'controls' | 'upstreams'>
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}
