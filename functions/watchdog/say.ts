import type { Bus, BusEvent } from '#shared/domain/ports/bus.ts'
import type { Log } from '#shared/domain/ports/log.ts'

/** Says something on the bus. An event that it does not take is logged; the look goes on. */
export async function publish(
  event: BusEvent,
  { bus, log }: { readonly bus: Bus; readonly log: Log },
): Promise<void> {
  try {
    await bus.publish(event)
  } catch (error) {
    log.error('The bus did not take an event', { event: event.type, job: event.detail.job, error })
  }
}
