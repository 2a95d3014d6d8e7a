import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { watchSchedule } from '#functions/watchdog/schedule.ts'
import { cadenceOf } from '#infra/cadence.ts'
import { handling, tickDelivery } from '#infra/edges.ts'
import { WATCHDOG_TIMEOUT_MS } from '#infra/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Foundation } from './foundation.ts'
import { LiveFunction } from './live-function.ts'
import { sayOn, watchRecords } from './permissions.ts'
import { scheduled } from './scheduled.ts'

const MEMORY_MB = 512

interface WatchdogProps {
  /** Those that are off too: it notes that they are. */
  readonly jobs: readonly Job[]
  readonly code: Code
  readonly settings: Readonly<Record<string, string>>
  readonly foundation: Foundation
}

/** Looks after all jobs on its own schedule, and depends on none of theirs. */
export function watchdogFunction(
  scope: Construct,
  { jobs, code, settings, foundation }: WatchdogProps,
): LiveFunction {
  const { table, bus, environment, config, deliveries, failedRuns } = foundation
  const cadence = cadenceOf(watchSchedule)
  const live = new LiveFunction(scope, 'Watchdog', {
    about: 'Overdue data, missed ticks, abandoned runs, first runs',
    code,
    memoryMb: MEMORY_MB,
    timeoutMs: WATCHDOG_TIMEOUT_MS,
    environment: { ...environment, NODE_OPTIONS: '--enable-source-maps', ...settings },
    permissions: [...(jobs.length > 0 ? watchRecords(table, jobs) : []), sayOn(bus)],
    config,
  })
  live.handleAsynchronously(handling({ schedule: watchSchedule }), failedRuns)
  scheduled(live, live.alias, {
    about: 'Looks of the watchdog',
    schedule: watchSchedule,
    spreadMs: 0,
    edge: tickDelivery(cadence),
    deliveries,
  })
  return live
}
