import type { Job } from '#shared/declare/job.ts'
import type { Condition } from '#shared/domain/conditions.ts'
import type { Bus, BusEvent } from '#shared/domain/ports/bus.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Breach } from './conditions.ts'

/** The world as the watchdog sees it. */
export interface WatchPorts {
  readonly store: Pick<Store, 'runs' | 'states' | 'controls' | 'upstreams'>
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

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

/** Tells which conditions have begun, in the log and on the bus, and which are over; what lies between is in the metrics. */
export async function reportConditions(
  job: Job,
  before: readonly Condition[],
  found: readonly Breach[],
  ports: WatchPorts,
): Promise<void> {
  const whose = { job: job.id, upstream: job.upstream }
  for (const breach of found) {
    if (before.includes(breach.condition)) continue
    ports.log.warn(`${job.title}: ${breach.condition} begins`, { ...whose, ...breach })
    await publish({ type: 'condition.breached', detail: { ...whose, ...breach } }, ports)
  }
  for (const condition of before) {
    if (found.some((one) => one.condition === condition)) continue
    ports.log.info(`${job.title}: ${condition} is over`, { ...whose, condition })
  }
}

/**
 * Tells which ticks never came and which runs never ended: one line for the ticks, one for each run. A task that is
 * ended so has failed, and the bus is told as of any other.
 *
 * @param closed - runs that the watchdog has closed
 */
export async function reportLostRuns(
  job: Job,
  missed: readonly number[],
  closed: readonly RunRecord[],
  ports: Pick<WatchPorts, 'log' | 'bus'>,
): Promise<void> {
  const { log } = ports
  if (missed.length > 0)
    log.warn(`${job.title}: ${missed.length} ticks were missed`, { job: job.id, missed: missed.length })
  for (const { id, status, reason, message } of closed) {
    if (reason === undefined) {
      log.warn(`${job.title}: a run was abandoned`, { job: job.id, run_id: id, outcome: status })
      continue
    }
    const said = { job: job.id, run_id: id, outcome: status, reason, detail: message ?? '' }
    log.error(`${job.title}: a task was given up (${reason})`, said)
    await publish(
      { type: 'run.failed', detail: { job: job.id, runId: id, reason, upstream: job.upstream } },
      ports,
    )
  }
}
