import type { Job } from '#shared/declare/job.ts'
import type { Condition } from '#shared/domain/conditions.ts'
import { defined } from '#shared/domain/defined.ts'
import type { Bus, BusEvent } from '#shared/domain/ports/bus.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Breach } from './conditions.ts'

/** What the watchdog needs of the outside. */
export interface WatchPorts {
  readonly store: Pick<Store, 'runs' | 'states' | 'controls' | 'upstreams'>
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/** Publishes an event. A failure is logged and does not stop the pass: the table has what happened. */
export async function publish(
  event: BusEvent,
  { bus, log }: { readonly bus: Bus; readonly log: Log },
): Promise<void> {
  try {
    await bus.publish(event)
  } catch (error) {
    log.error('An event could not be published', { event: event.type, job: event.detail.job, error })
  }
}

/** Logs and publishes the conditions that began, and logs those that ended. Metrics show what is between. */
export async function reportConditions(
  job: Job,
  before: readonly Condition[],
  current: readonly Breach[],
  ports: WatchPorts,
): Promise<void> {
  const subject = { job: job.id, ...defined({ upstream: job.upstream }) }
  for (const breach of current) {
    if (before.includes(breach.condition)) continue
    ports.log.warn(`${job.title}: ${breach.condition} began`, { ...subject, ...breach })
    await publish({ type: 'condition.breached', detail: { ...subject, ...breach } }, ports)
  }
  for (const condition of before) {
    if (current.some((breach) => breach.condition === condition)) continue
    ports.log.info(`${job.title}: ${condition} ended`, { ...subject, condition })
  }
}

/**
 * Logs the ticks that were never delivered, in one line, and each run that the watchdog closed. A task that it closed has
 * failed, which is published as for any other failed run.
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
    const fields = { job: job.id, run_id: id, outcome: status, reason, detail: message ?? '' }
    log.error(`${job.title}: the watchdog ended a task (${reason})`, fields)
    const detail = { job: job.id, runId: id, reason, ...defined({ upstream: job.upstream }) }
    await publish({ type: 'run.failed', detail }, ports)
  }
}
